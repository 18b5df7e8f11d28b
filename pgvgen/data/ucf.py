"""Importing a folder `<label>/*.{mp4,avi}`, as UCF101 is laid out, poses found by an estimator."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from pathlib import Path

import numpy as np

from pgvgen.data.actions import canonical
from pgvgen.data.clip import clip_id
from pgvgen.data.prepared import Prepared
from pgvgen.data.shots import enlarged, look, shrunk, square_around
from pgvgen.data.splits import names_below, split_groups
from pgvgen.errors import InputError
from pgvgen.poses.estimators.base import Estimator

FPS = 15.0
_LONGEST = 20  # seconds of a video that are looked at
_SMALL = 400  # px; pictures with a shorter long side are enlarged for the estimator
_LARGE = 960  # px; with a longer one they are shrunk, all of them being in memory at once


def import_videos(
    folder: Path, source: str, *, estimator: str, dropped: Counter[str]
) -> Iterator[Prepared]:
    """A clip a video: the longest stretch in which its largest person can be believed.

    The folder's name is the label, in the vocabulary's spelling where it has one. UCF101 cuts
    several videos from one recording (`v_<label>_g<recording>_c<part>`): those share a group.

    Raises:
        InputError: no such videos in the folder, or a label in other letters than Latin ones.
    """
    from pgvgen.poses.estimators import load_estimator
    from pgvgen.video import is_video

    videos = [path for path in sorted(folder.glob("*/*")) if is_video(path)]
    videos = [path for path in videos if not path.name.startswith(".")]  # macOS's "._take.mp4"
    if not videos:
        raise InputError(f"{folder} holds no <label>/<video>: make one folder of videos a label")
    splits = split_groups({_group(path): _label(path) for path in videos})
    names = names_below(folder, {path: f"{_label(path)}.{path.stem}" for path in videos})
    finder = load_estimator(estimator)
    for path in videos:
        try:
            frames = _frames(path)
        except InputError:  # one of thousands must not end the work of hours
            dropped[f"{_label(path)}: cannot be read"] += 1
            continue
        prepared = _prepare(
            path, frames, f"{source}.{names[path]}", source, splits[_group(path)], finder
        )
        if prepared is None:
            dropped[f"{_label(path)}: nobody believable for a second"] += 1
        else:
            yield prepared


def _label(path: Path) -> str:
    parts = unicodedata.normalize("NFKD", path.parent.name)  # "Ü" becomes "U" and its dots
    name = "".join(letter for letter in parts if not unicodedata.combining(letter))
    name = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name)  # "JumpingJack"
    label = canonical(name)
    if label is None and any(letter.isalpha() and not letter.isascii() for letter in name):
        raise InputError(f"{path.parent}: name the action's folder in the letters a to z")
    plain = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    return label or plain or "unnamed"


def _group(path: Path) -> str:
    return f"{_label(path)}.{re.sub(r'_c[0-9]+$', '', path.stem)}"


def _frames(path: Path) -> list[np.ndarray]:
    """The first seconds of a video, large enough for an estimator and small enough for memory."""
    from pgvgen.video import open_video

    video = open_video(path, fps=FPS)
    factor = -(-_SMALL // max(video.size))
    frames = [shrunk(frame, _LARGE) for frame in islice(video, int(_LONGEST * FPS))]
    return [enlarged(frame, factor) for frame in frames] if factor > 1 else frames


def _prepare(
    path: Path, frames: list[np.ndarray], name: str, source: str, split: str, estimator: Estimator
) -> Prepared | None:
    shot = look(frames, FPS, estimator)
    if shot is None or len(shot.masks) < FPS:
        return None
    height, width = frames[0].shape[:2]
    square = square_around(shot.keypoints, shot.confidence, (width, height))
    if square is None:
        return None
    return shot.prepared(
        frames,
        square,
        id=clip_id(name),
        label=_label(path),
        source=source,
        group=f"{source}.{_group(path)}",
        split=split,
        fps=FPS,
    )
