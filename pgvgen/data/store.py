"""The prepared clip store: every data set, brought into one form that the trainers draw from.

A store is a folder that people can look into:

    index.jsonl         one line a clip: label, source, group, split, fps, size, where its poses lie
    poses.safetensors   keypoints ΣT×18×2 and confidence ΣT×18, float32, all clips one after another
    predicted.safetensors   T×18×2 by the clip's id: what `train predict` made, if anything
    frames/<id>/        NNNNN.jpg the pictures and NNNNN.png the person's masks, where there are any
"""

from __future__ import annotations

import json
import os
from collections.abc import Collection, Iterable, Iterator, Mapping
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np

from pgvgen._files import atomic_path, cannot_write, lock
from pgvgen.data.clip import Clip
from pgvgen.errors import InputError, OutputError
from pgvgen.poses.skeletons import BODY_18

PREDICTED_FILE = "predicted.safetensors"


@dataclass(frozen=True)
class ClipStore:
    """A store that was opened; the poses are in memory, the pictures are read by who needs them."""

    folder: Path
    all_clips: tuple[Clip, ...]

    @classmethod
    def open(cls, folder: str | Path) -> ClipStore:
        """Read a store's index and poses.

        Raises:
            InputError: there is no store in the folder, or it is damaged.
        """
        from safetensors.numpy import load_file

        folder = Path(folder)
        if not (folder / "index.jsonl").is_file():
            raise InputError(f"{folder} holds no clip store: make one with `pgvgen train prepare`")
        try:
            poses = load_file(folder / "poses.safetensors")
            if (folder / PREDICTED_FILE).exists():
                poses |= load_file(folder / PREDICTED_FILE)
            lines = (folder / "index.jsonl").read_text(encoding="utf-8").splitlines()
            clips = tuple(_from_entry(folder, json.loads(line), poses) for line in lines)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise InputError(
                f"the clip store {folder} is damaged ({error}): make it anew"
            ) from None
        except Exception as error:  # safetensors raises its own kind
            raise InputError(f"{folder}/poses.safetensors is damaged ({error})") from None
        return cls(folder, clips)

    def __len__(self) -> int:
        return len(self.all_clips)

    def clips(
        self,
        *,
        split: str | None = None,
        labels: Collection[str] | None = None,
        frames: bool | None = None,
    ) -> list[Clip]:
        """The clips of a split, of some labels, with (or without) pictures."""
        return [
            clip
            for clip in self.all_clips
            if (split is None or clip.split == split)
            and (labels is None or clip.label in labels)
            and (frames is None or (clip.frames is not None) == frames)
        ]


class ClipWriter:
    """Adds clips to a store, a new one or one that is there.

    Pictures are written at once, poses and index when the `with` block ends well. New poses go
    behind the old ones, so at any moment the index on disk describes what is there: a run that is
    killed leaves the store as it was. From the block's beginning to its end the folder is locked:
    of two writers at once, the later index would not know the other's clips.

    Raises:
        OutputError: the folder cannot be written, another process writes it, or an id is there
            already.
        InputError: the store that is there is damaged.
    """

    def __init__(self, folder: str | Path) -> None:
        self.folder = Path(folder)
        self._clips: list[Clip] = []
        self._ids: set[str] = set()

    def __enter__(self) -> ClipWriter:
        with ExitStack() as stack:
            stack.enter_context(_locked(self.folder))
            if (self.folder / "index.jsonl").is_file():
                self._clips = list(ClipStore.open(self.folder).all_clips)
                self._ids = {clip.id for clip in self._clips}
            self._unlock = stack.pop_all()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        with self._unlock:
            if kind is None:
                self._finish()

    def add(
        self,
        clip: Clip,
        frames: Iterable[np.ndarray] | None = None,
        masks: Iterable[np.ndarray] | None = None,
    ) -> None:
        """Add a clip, with its T pictures (H×W×3 uint8 RGB) and masks (H×W in [0, 1]) if any.

        Pictures that the clip already names as files, another store's, are copied as they are.
        """
        if clip.id in self._ids:
            raise OutputError(
                f"{self.folder} has a clip {clip.id} already: each source goes into a store once"
            )
        jpegs = clip.frames if frames is None else map(_jpeg, frames)
        pngs = clip.masks if masks is None else map(_png, masks)
        if jpegs is not None:
            self._write_pictures(clip, jpegs, ".jpg")
        if pngs is not None:
            self._write_pictures(clip, pngs, ".png")
        self._ids.add(clip.id)
        self._clips.append(_with_pictures(clip, self.folder, jpegs is not None, pngs is not None))

    def _write_pictures(self, clip: Clip, pictures: Iterable[bytes | Path], suffix: str) -> None:
        count = 0
        for picture in pictures:
            data = _whole(picture) if isinstance(picture, Path) else picture
            with atomic_path(self.folder / "frames" / clip.id / f"{count:05}{suffix}") as path:
                path.write_bytes(data)
            count += 1
        if count != len(clip):
            raise ValueError(f"{clip.id} has {len(clip)} poses but {count} pictures")

    def _finish(self) -> None:
        from safetensors.numpy import save

        width = len(BODY_18)
        keypoints = [clip.keypoints for clip in self._clips] or [np.zeros((0, width, 2))]
        confidence = [clip.confidence for clip in self._clips] or [np.zeros((0, width))]
        poses = {
            # In C's order: safetensors writes the memory as it lies.
            "keypoints": np.concatenate(keypoints).astype(np.float32, order="C"),
            "confidence": np.concatenate(confidence).astype(np.float32, order="C"),
        }
        lines, start = [], 0
        for clip in self._clips:
            lines.append(json.dumps(_to_entry(clip, start), ensure_ascii=False))
            start += len(clip)
        write_predicted(
            self.folder, {c.id: c.predicted for c in self._clips if c.predicted is not None}
        )
        with atomic_path(self.folder / "poses.safetensors") as path:
            path.write_bytes(save(poses))  # a full disk is an OSError, which is explained
        with atomic_path(self.folder / "index.jsonl") as path:
            path.write_text("".join(line + "\n" for line in lines), encoding="utf-8")


def _jpeg(picture: np.ndarray) -> bytes:
    import cv2

    quality = [cv2.IMWRITE_JPEG_QUALITY, 95]
    return bytes(cv2.imencode(".jpg", picture[..., ::-1], quality)[1].tobytes())


def _png(mask: np.ndarray) -> bytes:
    import cv2

    grey = np.rint(np.clip(mask, 0, 1) * 255).astype(np.uint8)
    return bytes(cv2.imencode(".png", grey)[1].tobytes())


def _whole(path: Path) -> bytes:
    """A picture's file, undecoded: every JPEG of a JPEG is a little worse."""
    try:
        return path.read_bytes()
    except OSError:
        raise InputError(f"{path} is missing or not a picture: make the store anew") from None


@contextmanager
def _locked(folder: Path) -> Iterator[None]:
    """A folder, made if it is not there, that one process at a time has; gone again if it is empty.

    Raises:
        OutputError: it cannot be made, or another process has it.
    """
    new = not folder.exists()
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise cannot_write(folder, error) from None
    try:
        if lock(handle) is False:
            raise OutputError(f"another process is adding to {folder}: wait until it is done")
        try:
            yield
        finally:
            if new:
                with suppress(OSError):  # something was written into it
                    folder.rmdir()
    finally:
        os.close(handle)


def write_predicted(folder: Path, predicted: Mapping[str, np.ndarray]) -> None:
    """Keep PSGAN's predictions (T×18×2 px by the clip's id) in a store, in place of others."""
    from safetensors.numpy import save

    if predicted:
        tensors = {
            f"predicted/{name}": p.astype(np.float32, order="C") for name, p in predicted.items()
        }
        with atomic_path(folder / PREDICTED_FILE) as path:
            path.write_bytes(save(tensors))


def _to_entry(clip: Clip, start: int) -> dict[str, Any]:
    return {
        "id": clip.id,
        "label": clip.label,
        "source": clip.source,
        "group": clip.group,
        "split": clip.split,
        "fps": clip.fps,
        "size": list(clip.size),
        "start": start,
        "length": len(clip),
        "frames": clip.frames is not None,
        "masks": clip.masks is not None,
        "notes": dict(clip.notes),
    }


def _from_entry(folder: Path, entry: dict[str, Any], poses: dict[str, np.ndarray]) -> Clip:
    part = slice(entry["start"], entry["start"] + entry["length"])
    clip = Clip(
        **{name: entry[name] for name in ("id", "label", "source", "group", "split", "fps")},
        size=(entry["size"][0], entry["size"][1]),
        keypoints=poses["keypoints"][part],
        confidence=poses["confidence"][part],
        notes=entry["notes"],
        predicted=poses.get(f"predicted/{entry['id']}"),
    )
    if len(clip) != entry["length"]:
        raise ValueError(f"{clip.id} lacks poses")
    return _with_pictures(clip, folder, entry["frames"], entry["masks"])


def _with_pictures(clip: Clip, folder: Path, frames: bool, masks: bool) -> Clip:
    place = folder / "frames" / clip.id
    return replace(
        clip,
        frames=[place / f"{i:05}.jpg" for i in range(len(clip))] if frames else None,
        masks=[place / f"{i:05}.png" for i in range(len(clip))] if masks else None,
    )


def read_picture(path: Path) -> np.ndarray:
    """A picture or mask of a store: H×W×3 uint8 RGB.

    Raises:
        InputError: it is missing or no picture.
    """
    import cv2

    picture = cv2.imread(str(path), cv2.IMREAD_COLOR)
    if picture is None:
        raise InputError(f"{path} is missing or not a picture: make the store anew")
    return picture[..., ::-1]
