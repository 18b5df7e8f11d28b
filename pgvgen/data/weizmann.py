"""Importing the Weizmann action videos (Blank et al., ICCV 2005), in either layout.

Strips as MoCoGAN publishes them, `<action>/person<k>.jpg`, T frames of 64×64 side by side, or the
original `<person>_<action>.avi`, 180×144.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from pgvgen.data.actions import canonical
from pgvgen.data.clip import clip_id
from pgvgen.data.files import files_below
from pgvgen.data.prepared import Prepared
from pgvgen.data.shots import Square, enlarged, look, square_around
from pgvgen.data.splits import split_groups
from pgvgen.errors import InputError
from pgvgen.poses.estimators.base import Estimator

FPS = 25.0  # the strips do not say; the original videos' rate
_ENLARGED = 4  # 64 px are too few for an estimator
_STRIP_SIDE = 128
_ALIKE = {"person6": "person5"}  # hard to tell apart, so on one side of a split


@dataclass(frozen=True)
class _Take:
    path: Path
    person: str
    action: str
    label: str

    @property
    def group(self) -> str:
        return _ALIKE.get(self.person, self.person)


def import_weizmann(
    folder: Path, source: str, *, estimator: str, dropped: Counter[str]
) -> Iterator[Prepared]:
    """The clips of a folder in either layout, with pictures, masks and estimated poses.

    Split by person.

    Raises:
        InputError: there is neither layout in the folder, or a file is damaged.
    """
    from pgvgen.poses.estimators import load_estimator

    strips = [
        path
        for path in files_below(folder, ".jpg")
        if path.parent.parent == folder and path.name.startswith("person")
    ]
    videos = [path for path in files_below(folder, ".avi") if "_" in path.stem]
    takes = []
    for path in sorted([*strips, *videos]):
        take = _name_take(path)
        if take is None:
            dropped[f"{path.name}: no action in the vocabulary"] += 1
        else:
            takes.append(take)
    if not takes:
        raise InputError(f"{folder} holds neither <action>/person<k>.jpg nor <person>_<action>.avi")
    splits = split_groups({take.group: "person" for take in takes})
    finder = load_estimator(estimator)
    for take in takes:
        prepared = _prepare(take, source, splits[take.group], finder)
        if prepared is None:
            dropped[f"{take.label}: nobody found or a pose beside the person"] += 1
        else:
            yield prepared


def _name_take(path: Path) -> _Take | None:
    if path.suffix.lower() == ".avi":
        person, _, action = path.stem.partition("_")
    else:
        person, action = path.stem, path.parent.name
    name = "jump" if action == "pjump" else action  # in place; "jump" travels
    label = canonical(name) or canonical(re.sub(r"\d+$", "", name))  # "walk2"
    return _Take(path, person, action, label) if label else None


def _frames(path: Path) -> list[np.ndarray]:
    from pgvgen.pictures import read_image
    from pgvgen.video import open_video

    if path.suffix.lower() == ".avi":
        return list(open_video(path))
    strip = read_image(path)
    side = strip.shape[0]
    if strip.shape[1] % side:
        raise InputError(f"{path} is {strip.shape[1]}×{side} px: no strip of square frames")
    return [strip[:, x : x + side] for x in range(0, strip.shape[1], side)]


def _prepare(take: _Take, source: str, split: str, estimator: Estimator) -> Prepared | None:
    frames = [enlarged(frame, _ENLARGED) for frame in _frames(take.path)]
    shot = look(frames, FPS, estimator)
    if shot is None or len(shot.masks) < FPS:
        return None
    height, width = frames[0].shape[:2]
    if take.path.suffix.lower() == ".avi":
        square = square_around(shot.keypoints, shot.confidence, (width, height))
    else:  # cropped already
        square = Square(0, 0, width, _STRIP_SIDE)
    if square is None:
        return None
    return shot.prepared(
        frames,
        square,
        id=clip_id(source, take.person, take.action),
        label=_sided(take.label, shot.keypoints),
        source=source,
        group=f"{source}.{take.group}",
        split=split,
        fps=FPS,
    )


def _sided(label: str, keypoints: np.ndarray) -> str:
    """Weizmann's wave1 is of either hand: the one that is higher on average."""
    if label != "wave":
        return label
    right, left = keypoints[:, 4, 1].mean(), keypoints[:, 7, 1].mean()
    return "wave" if right < left else "wave_left"
