"""The pose file: one JSON document that people can read and OpenPose's tools can take apart.

    {"format": "pgvgen-pose", "version": 1, "skeleton": "body_18", "fps": 15.0,
     "canvas_width": 640, "canvas_height": 480, "label": "wave", "seed": 0,
     "frames": [
      {"people": [{"pose_keypoints_2d": [x, y, confidence, …]}]},
      …]}

`photo`, another frame, is the person's pose in the photo where that is not the first of the frames.
Each frame is what OpenPose writes for a picture; a person who is absent is an empty `people`. A
face has `face_keypoints_2d` instead. Numbers are the shortest decimals that give the same float32
back, so a sequence that went through a file or a pipe is the same sequence.

OpenPose's own output loads as well: one frame's file, a list of such frames, or a folder with a
file a frame. It knows neither fps nor size: fps is taken as 25, the size as the smallest that the
keypoints fit into (unless `canvas_width` and `canvas_height` are given, as ControlNet's editors
do; their keypoints may be fractions of that canvas, and are taken as such where all of them are).
"""

from __future__ import annotations

import contextlib
import json
import math
import re
import sys
from pathlib import Path
from typing import IO, Any

import numpy as np

from pgvgen._files import atomic_path
from pgvgen.errors import InputError
from pgvgen.pictures import MAX_PIXELS
from pgvgen.poses.openpose import FIELDS, follow_person, people_of
from pgvgen.poses.sequence import PoseSequence
from pgvgen.poses.skeletons import SKELETONS, Skeleton

FORMAT, VERSION = "pgvgen-pose", 1
DEFAULT_FPS = 25.0
"""Of OpenPose's files, which do not say."""

FPS = (0.05, 1000)
"""Frames a second that a file may say: a slide show and a high-speed camera are in between."""

MAX_BYTES = 200 << 20
"""More than hours of poses take; parsed, JSON takes many times its size."""

_FRACTIONS = 2.0
"""Keypoints that all are below are no pixels, of which nobody is that small, but fractions of the
canvas: 1 is its border, and joints are guessed a little beyond it."""


def load(path: str | Path, *, skeleton: Skeleton | None = None) -> PoseSequence:
    """Read a pose file, an OpenPose file, a folder of OpenPose files in natural order, or stdin.

    Args:
        path: file or folder, `-` for stdin.
        skeleton: the one that is needed; by default whichever the file has, the body first.

    Raises:
        InputError: the file cannot be read, is not a pose file, is of a newer version or of another
            skeleton, is empty or damaged.
    """
    if str(path) == "-":
        return loads(_read("stdin", sys.stdin.buffer), name="stdin", skeleton=skeleton)
    path = Path(path)
    if not path.is_dir():
        return loads(_read(str(path)), name=str(path), skeleton=skeleton)
    # Hidden ones are another program's, such as the `._a.json` that macOS puts beside a.json.
    files = sorted((f for f in path.glob("*.json") if f.name[0] != "."), key=_natural)
    if not files:
        raise InputError(f"{path} has no .json files: it is not a folder of OpenPose's output")
    frames = [_parse(_read(str(file)), str(file)) for file in files]
    names = [str(file) for file in files]
    return _sequence({"frames": frames}, names, str(path), skeleton)


def loads(
    text: str | bytes, *, name: str = "text", skeleton: Skeleton | None = None
) -> PoseSequence:
    """`load` from a string, or a file's bytes; `name` is what errors call it."""
    document = _parse(text, name)
    if isinstance(document, list):
        document = {"frames": document}
    if not isinstance(document, dict):
        raise InputError(f"{name} is not a pose file: it is JSON without frames or people")
    if document.get("format") == FORMAT:
        _check_version(document.get("version"), name)
        own = SKELETONS.get(str(document.get("skeleton")))
        if own is None:
            raise InputError(f"{name} has the skeleton {document.get('skeleton')!r}, unknown here")
        if skeleton not in (None, own):
            raise InputError(f"{name} is a {own.name} pose, {skeleton.name} is needed here")
        skeleton = own
    elif "people" in document:
        document = {**document, "frames": [document]}
    frames = document.get("frames")
    if not isinstance(frames, list):
        raise InputError(f"{name} is not a pose file: it has neither frames nor people")
    names = [f"frame {i} of {name}" for i in range(len(frames))]
    return _sequence(document, names, name, skeleton)


def save(sequence: PoseSequence, path: str | Path) -> None:
    """Write the pose file, moved into place when it is whole; `-` for stdout.

    Raises:
        OutputError: the place cannot be written.
        ValueError: the sequence has no frames.
    """
    text = dumps(sequence)
    if str(path) == "-":
        sys.stdout.write(text)
        sys.stdout.flush()
        return
    with atomic_path(path) as temporary:
        temporary.write_text(text, encoding="utf-8")


def dumps(sequence: PoseSequence) -> str:
    """The pose file's text, a frame a line.

    Raises:
        ValueError: the sequence has no frames.
    """
    if not len(sequence):
        raise ValueError("a sequence without frames cannot be written")
    head = {
        "format": FORMAT,
        "version": VERSION,
        "skeleton": sequence.skeleton.name,
        "fps": sequence.fps,
    }
    if sequence.size_known:
        head |= {"canvas_width": sequence.size[0], "canvas_height": sequence.size[1]}
    head |= {"label": sequence.label} if sequence.label is not None else {}
    head |= {"seed": int(sequence.seed)} if sequence.seed is not None else {}
    text = json.dumps(head, ensure_ascii=False)[:-1]
    if sequence.photo is not None:
        text += f', "photo": {_frames_of(sequence.photo)[0]}'
    return text + ', "frames": [\n' + ",\n".join(_frames_of(sequence)) + "\n]}\n"


def _frames_of(sequence: PoseSequence) -> list[str]:
    """Every frame as OpenPose writes it."""
    triples = np.concatenate([sequence.keypoints, sequence.confidence[..., None]], axis=-1)
    # numpy prints a float32 as the shortest decimal that is nearest to it and to no other.
    numbers = triples.reshape(len(sequence), -1).astype(str).tolist()
    field = FIELDS[sequence.skeleton.name]
    rows = [", ".join(number.removesuffix(".0") for number in row) for row in numbers]
    return [
        f'{{"people": [{{"{field}": [{row}]}}]}}' if present.any() else '{"people": []}'
        for row, present in zip(rows, sequence.present, strict=True)
    ]


def _read(name: str, stream: IO[bytes] | None = None) -> bytes:
    """What is in a file of that name, or in a stream that goes by it."""
    try:
        with contextlib.nullcontext(stream) if stream else open(name, "rb") as file:
            return file.read(MAX_BYTES + 1)
    except OSError as error:
        raise InputError(f"cannot read {name}: {error.strerror or error}") from error


def _parse(text: str | bytes, name: str) -> Any:
    if isinstance(text, bytes) and len(text) > MAX_BYTES:
        raise InputError(f"{name} is larger than a pose file can be: give fewer frames")
    try:
        text = text.decode("utf-8-sig") if isinstance(text, bytes) else text
    except UnicodeDecodeError:
        raise InputError(f"{name} is not a pose file: it is not text") from None
    if not text.strip():
        raise InputError(f"{name} is empty: a pose file was expected")
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{name} is not a pose file: it is not JSON ({error})") from None


def _check_version(version: Any, name: str) -> None:
    if type(version) is not int or version < 1:
        raise InputError(f"{name} is a damaged pose file: its version is {version!r}")
    if version > VERSION:
        raise InputError(
            f"{name} is a pose file of version {version}, this pgvgen reads up to {VERSION}: "
            "upgrade pgvgen"
        )


def _sequence(
    document: dict[str, Any], names: list[str], name: str, skeleton: Skeleton | None
) -> PoseSequence:
    """The sequence of a document's frames; `names` are what errors call the frames."""
    if not document["frames"]:
        raise InputError(f"{name} has no frames")
    ours = document.get("format") == FORMAT
    people, own = _people(document["frames"], names, skeleton)
    if not ours and not any(map(len, people)):  # of ours, the person may be absent throughout
        kind = f" with {skeleton.name} keypoints" if skeleton else ""
        raise InputError(f"{name} has no people{kind} in it")
    canvas = _canvas(document, name)
    if not ours:
        people = _in_pixels(people, canvas, name)
    triples = follow_person(people)
    label, seed = document.get("label"), document.get("seed")
    if isinstance(label, str):
        label = label.encode("utf-8", "replace").decode()  # JSON can write what is no character
    if not isinstance(label, str | None) or not (seed is None or _is_int(seed, -(2**63))):
        raise InputError(f"{name} has a label or seed that is none: {label!r:.60}, {seed!r:.60}")
    fps = document.get("fps", DEFAULT_FPS)
    if type(fps) not in (int, float) or not FPS[0] <= fps <= FPS[1]:
        raise InputError(
            f"{name} has the fps {fps!r:.60}: it must be a number from {FPS[0]} to {FPS[1]}"
        )
    sequence = PoseSequence(
        keypoints=triples[..., :2],
        confidence=triples[..., 2],
        fps=fps,
        size=canvas or _fitting(triples, name),
        size_known=canvas is not None,
        skeleton=own,
        label=label,
        seed=seed,
    )
    if not ours or "photo" not in document:
        return sequence
    shown = people_of(document["photo"], own, f"the photo of {name}")[:1]
    if not len(shown):
        raise InputError(f"{name} shows nobody in its photo: leave `photo` out, or give a pose")
    return sequence.replace(
        photo=sequence[0].replace(keypoints=shown[..., :2], confidence=shown[..., 2])
    )


def _people(
    frames: list[Any], names: list[str], skeleton: Skeleton | None
) -> tuple[list[np.ndarray], Skeleton]:
    """The people of every frame, and their skeleton: the given one, or the first that any has."""
    for wanted in [skeleton] if skeleton else SKELETONS.values():
        people = [people_of(f, wanted, n) for f, n in zip(frames, names, strict=True)]
        if any(map(len, people)):
            break
    return people, wanted


def _canvas(document: dict[str, Any], name: str) -> tuple[int, int] | None:
    """The canvas; None where OpenPose's files do not say."""
    keys, unsaid = ("canvas_width", "canvas_height"), [None, None]
    sizes = ([part.get(key) for key in keys] for part in (document, *document["frames"]))
    size = next((size for size in sizes if size != unsaid), unsaid)
    return None if size == unsaid else _checked(size, name)


def _in_pixels(
    people: list[np.ndarray], canvas: tuple[int, int] | None, name: str
) -> list[np.ndarray]:
    """The people of every frame in px, which those of ControlNet's preprocessors are not."""
    seen = np.concatenate([frame[frame[..., 2] > 0, :2] for frame in people])
    if not len(seen) or np.abs(seen).max() > _FRACTIONS:
        return people
    if canvas is None:
        raise InputError(
            f"{name} has keypoints from 0 to 1, fractions of a picture whose size it does not say: "
            "add canvas_width and canvas_height"
        )
    return [frame * (*canvas, 1) for frame in people]


def _fitting(triples: np.ndarray, name: str) -> tuple[int, int]:
    """The smallest canvas that all present keypoints fit into."""
    present = triples[triples[..., 2] > 0, :2]
    if not len(present):
        raise InputError(f"{name} shows nobody: none of its keypoints has a confidence above 0")
    return _checked([max(1, math.ceil(side) + 1) for side in present.max(axis=0)], name)


def _checked(size: list[Any], name: str) -> tuple[int, int]:
    if not all(_is_int(side, 1) for side in size):
        raise InputError(
            f"{name} has the canvas {size[0]!r:.60} × {size[1]!r:.60}: two whole numbers > 0"
        )
    if size[0] * size[1] > MAX_PIXELS:
        raise InputError(
            f"{name} is of a picture of {size[0]}×{size[1]} px, larger than any photo: mend its "
            "keypoints or its canvas"
        )
    return size[0], size[1]


def _is_int(value: Any, least: int) -> bool:
    return type(value) is int and least <= value < 2**63


def _natural(path: Path) -> list[tuple[int, int | str]]:
    """Sort key: digits as numbers, so that frame 10 comes after frame 9."""
    parts = re.split(r"(\d+)", path.name)
    return [(0, int(part)) if part.isdigit() else (1, part) for part in parts if part]
