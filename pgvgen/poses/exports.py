"""Poses in the forms that other tools take; the name's ending says which.

- `.json`: the pose file (`pgvgen.poses.files`), the only form with everything in it.
- a folder, `NAME/`: OpenPose's JSON, a file a frame: `NAME/NAME_000000000000_keypoints.json`.
- `.csv`: a row a frame, three columns a joint. `.npz`: numpy's arrays.
- a video or picture: skeletons in OpenPose's colours on black, as ControlNet, AnimateAnyone and
  MimicMotion want to be shown what to do.
"""

from __future__ import annotations

import csv
import json
import re
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np

from pgvgen._files import (
    atomic_folder,
    atomic_path,
    check_folder,
    check_name,
    check_output,
    names_folder,
)
from pgvgen.errors import UsageError
from pgvgen.pictures import PICTURE_SUFFIXES, write_image
from pgvgen.poses import files
from pgvgen.poses.drawing import draw_sequence
from pgvgen.poses.openpose import FIELDS
from pgvgen.poses.sequence import PoseSequence
from pgvgen.video import check_video_name, write_video

_OPENPOSE = "*_keypoints.json"


def save(sequence: PoseSequence, path: str | Path, *, size: tuple[int, int] | None = None) -> None:
    """Write poses as what the name ends in.

    Args:
        sequence: the poses.
        path: the name, text where it ends in a slash; `-` is the pose file on stdout.
        size: (width, height) in px of a drawing, into which the poses' picture is fitted; its own
            by default.

    Raises:
        UsageError: no name, an ending that is not known, a size of something that is not drawn, or
            a picture of several frames.
        OutputError: the place cannot be written.
        ValueError: the sequence has no frames.
    """
    if str(path) == "-":
        files.save(sequence, path)
        return
    writer = _writer(path, size, several=len(sequence) > 1)
    if not len(sequence):
        raise ValueError("a sequence without frames cannot be written")
    writer(fitted(sequence, size) if size else sequence, path)


def remove(path: str | Path) -> bool:
    """Remove what `save` wrote under this name earlier.

    A folder goes only if all that is in it is called as `save` calls it.

    Returns:
        Whether there was such a file or folder.
    """
    found = Path(path)
    if not names_folder(path):
        if not found.is_file():
            return False
        found.unlink()
        return True
    frame = re.compile(rf"{re.escape(found.name)}_\d{{12}}_keypoints\.json")
    held = [] if found.is_symlink() or not found.is_dir() else list(found.iterdir())
    if not held or not all(frame.fullmatch(file.name) and file.is_file() for file in held):
        return False
    shutil.rmtree(found)
    return True


def check(
    path: str | Path,
    *,
    size: tuple[int, int] | None = None,
    several: bool = False,
    overwrite: bool = True,
    source: str | Path | None = None,
) -> None:
    """Fail now, before the work, if poses could not be written under this name.

    Args:
        path, size: as in `save`.
        several: whether it is known that there will be more frames than one.
        overwrite: whether it may exist.
        source: the file or folder that it is made from, and which it must not replace.

    Raises:
        UsageError: as `save`.
        OutputError: it exists, or its place cannot be written.
    """
    if str(path) == "-":
        if size is not None:
            raise UsageError("--size is of a drawn skeleton: name a .png or .mp4 with -o")
        return
    writer = _writer(path, size, several=several)
    if writer is _save_openpose:
        check_folder(path, _OPENPOSE, overwrite=overwrite, source=source)
    else:
        check_output(path, overwrite=overwrite, source=source)


def numbered(path: str, count: int) -> list[str]:
    """A name for each of several, with its number before the ending.

    Raises:
        UsageError: it is none.
    """
    check_name(path)
    name = Path(path)
    end = "/" if names_folder(path) else ""
    return [str(name.with_name(f"{name.stem}-{i}{name.suffix}")) + end for i in range(count)]


def canvas(text: str) -> tuple[int, int]:
    """(width, height) of a drawing from `576x1024`.

    Raises:
        UsageError: it is not two whole numbers from 16 to 8192.
    """
    found = re.fullmatch(r"(\d{1,5})[x×](\d{1,5})", text.strip().lower())
    size = (int(found[1]), int(found[2])) if found else (0, 0)
    if not all(16 <= side <= 8192 for side in size):
        raise UsageError(f"--size is {text!r}: give width x height from 16 to 8192, like 576x1024")
    return size


def fitted(sequence: PoseSequence, size: tuple[int, int]) -> PoseSequence:
    """The poses in a picture of another size: as large as their own fits, in its middle."""
    wanted, own = np.array(size, np.float32), np.array(sequence.size, np.float32)
    scale = (wanted / own).min()
    margin = (wanted - own * scale) / 2
    return sequence.replace(keypoints=(sequence.keypoints + 0.5) * scale - 0.5 + margin, size=size)


def _writer(
    path: str | Path, size: tuple[int, int] | None, *, several: bool
) -> Callable[[PoseSequence, str | Path], None]:
    """The function that writes what the name asks for."""
    suffix = Path(path).suffix.lower()
    check_name(path)
    if names_folder(path):
        writer: Callable[[PoseSequence, str | Path], None] = _save_openpose
    elif suffix in PICTURE_SUFFIXES and not (several and suffix == ".webp"):  # which can be both
        if several:
            raise UsageError(f"several frames are a video: name a .mp4 instead of {path}")
        writer = _draw_picture
    elif suffix in _WRITERS:
        writer = _WRITERS[suffix]
    else:
        try:
            check_video_name(path)
        except UsageError:
            raise UsageError(
                f"{Path(path).name} does not end as poses do: .json, .csv, .npz, .png or .mp4 for "
                "the drawn skeleton, or / for a folder of OpenPose's JSON"
            ) from None
        writer = _draw_video
    if size is not None and writer not in (_draw_picture, _draw_video):
        raise UsageError(f"--size is of a drawn skeleton (.png, .mp4), not of {Path(path).name}")
    return writer


def _draw_picture(sequence: PoseSequence, path: str | Path) -> None:
    write_image(path, next(draw_sequence(sequence)))


def _draw_video(sequence: PoseSequence, path: str | Path) -> None:
    write_video(path, draw_sequence(sequence), sequence.fps)


def _save_openpose(sequence: PoseSequence, path: str | Path) -> None:
    with atomic_folder(path, _OPENPOSE) as folder:
        for t in range(len(sequence)):
            name = _OPENPOSE.replace("*", f"{Path(path).name}_{t:012}")
            text = json.dumps(_openpose_frame(sequence, t))
            (folder / name).write_text(text, encoding="utf-8")


def _openpose_frame(sequence: PoseSequence, t: int) -> dict[str, Any]:
    """A frame as OpenPose 1.7 writes it, with the canvas that ControlNet's editors add."""
    width, height = sequence.size
    people = []
    if sequence.present[t].any():
        flat = np.column_stack([sequence.keypoints[t], sequence.confidence[t]]).ravel()
        of = ("pose", "face", "hand_left", "hand_right")
        person: dict[str, Any] = {"person_id": [-1]}
        person |= {f"{part}_keypoints_{d}d": [] for d in (2, 3) for part in of}
        person[FIELDS[sequence.skeleton.name]] = [float(str(number)) for number in flat]
        people.append(person)
    return {"version": 1.3, "canvas_width": width, "canvas_height": height, "people": people}


def _save_csv(sequence: PoseSequence, path: str | Path) -> None:
    """`frame,time,nose_x,nose_y,nose_confidence,…`; the place of an absent joint is empty."""
    head = ["frame", "time"]
    for joint in sequence.skeleton.joints:
        head += [f"{joint}_{column}" for column in ("x", "y", "confidence")]
    numbers = np.concatenate([sequence.keypoints, sequence.confidence[..., None]], -1).astype(str)
    numbers[..., :2][~sequence.present] = ""
    with (
        atomic_path(path) as temporary,
        temporary.open("w", encoding="utf-8", newline="") as file,
    ):
        writer = csv.writer(file)
        writer.writerow(head)
        for t, row in enumerate(numbers.reshape(len(sequence), -1)):
            writer.writerow([t, round(t / sequence.fps, 6), *row])


def _save_npz(sequence: PoseSequence, path: str | Path) -> None:
    """`keypoints` T×K×2, `confidence` T×K, `joints`, `skeleton`, `fps`, `size`, `label`, `seed`."""
    arrays: dict[str, Any] = {
        "keypoints": sequence.keypoints,
        "confidence": sequence.confidence,
        "joints": np.array(sequence.skeleton.joints),
        "skeleton": np.array(sequence.skeleton.name),
        "fps": np.array(sequence.fps),
        "size": np.array(sequence.size),
    }
    given = {"label": sequence.label, "seed": sequence.seed}
    arrays |= {key: np.array(value) for key, value in given.items() if value is not None}
    # By its name NumPy would write elsewhere, unless it ends in .npz in just this spelling.
    with atomic_path(path) as temporary, temporary.open("wb") as file:
        np.savez_compressed(file, **arrays)


_WRITERS = {".json": files.save, ".csv": _save_csv, ".npz": _save_npz}
