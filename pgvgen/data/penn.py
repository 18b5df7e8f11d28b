"""Importing Penn Action labels (Zhang, Zhu and Derpanis, ICCV 2013): 13 joints a frame, `.mat`."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from pgvgen.data.actions import ACTIONS, canonical
from pgvgen.data.clip import Clip, clip_id
from pgvgen.data.files import files_below
from pgvgen.data.matlab import load_mat
from pgvgen.data.splits import split_groups
from pgvgen.data.tracks import (
    GUESSED,
    fill_gaps,
    jitter,
    let_arms_hang,
    repeat_track,
    smooth_tracks,
    unfit,
    with_neck,
)
from pgvgen.errors import InputError

FPS = 15.0
_STEP = 2  # the videos' rate is not stated; 30 frames a second are assumed

# Penn's columns (head, "left" shoulder, "right" shoulder, "left" elbow, …) → BODY_18. What it calls
# left is the person's right, seen from the front and from behind alike. The head's middle stands
# in for the nose.
_COLUMNS = (0, 2, 5, 3, 6, 4, 7, 8, 11, 9, 12, 10, 13)

_MOST_JITTER = 0.02  # body heights
_LONGEST_GAP = 5  # frames of the video that a joint may be hidden for and is bridged


def import_penn(folder: Path, source: str, *, dropped: Counter[str]) -> Iterator[Clip]:
    """The clips of all `.mat` files below a folder.

    Neighbouring clips are often cut from one video, so ten in a row share a group.

    Raises:
        InputError: a file is not one of Penn Action's labels, or there are none.
    """
    files = files_below(folder, ".mat")
    if not files:
        raise InputError(f"{folder} holds no .mat file: name the folder of Penn Action's labels")
    annotations = {path: _read(path) for path in files}
    labels = {path: _label(path, annotation) for path, annotation in annotations.items()}
    groups = {path: f"{source}.{labels[path]}.{int(path.stem) // 10:03}" for path in files}
    splits = split_groups({groups[path]: labels[path] for path in files})
    for path, annotation in annotations.items():
        keypoints, confidence, shake = _joints(annotation)
        reason = "joints shake" if shake > _MOST_JITTER else unfit(confidence)
        if reason:
            dropped[f"{labels[path]}: {reason}"] += 1
            continue
        if labels[path] == "squat":
            let_arms_hang(keypoints, confidence)  # off the barbell, which nobody in a photo holds
        if ACTIONS[labels[path]].cyclic:
            keypoints, confidence = repeat_track(keypoints, confidence, int(3.2 * FPS))
        height, width = (int(n) for n in annotation["dimensions"][0, :2])
        yield Clip(
            id=clip_id(source, path.stem),
            label=labels[path],
            source=source,
            group=groups[path],
            split=splits[groups[path]],
            fps=FPS,
            size=(width, height),
            keypoints=keypoints.astype(np.float32),
            confidence=confidence.astype(np.float32),
            notes={"view": str(annotation["pose"][0])},
        )


def _read(path: Path) -> dict[str, Any]:
    annotation = load_mat(path, "a Penn Action label")
    try:
        shapes = {annotation[name].shape for name in ("x", "y", "visibility")}
        if len(shapes) > 1 or not path.stem.isdigit():
            raise ValueError("x, y and visibility differ in shape, or its name is no number")
        if annotation["x"].shape[1] != len(_COLUMNS) or not len(annotation["x"]):
            raise ValueError("not 13 joints")
        if not (np.isfinite(annotation["x"]).all() and np.isfinite(annotation["y"]).all()):
            raise ValueError("a joint that is not finite")
        if not (len(annotation["action"]) and len(annotation["pose"])):
            raise ValueError("no action, or no pose")
        if annotation["dimensions"].shape[1] < 2 or (annotation["dimensions"][0, :2] < 1).any():
            raise ValueError("no dimensions")
    except (ValueError, KeyError, IndexError, TypeError) as error:
        raise InputError(f"{path} is not a Penn Action label ({error})") from None
    return annotation


def _label(path: Path, annotation: dict[str, Any]) -> str:
    name = str(annotation["action"][0])
    label = canonical(name)
    if label is None:
        raise InputError(f"{path} is of the action {name!r}, which is not in the vocabulary")
    return label


def _joints(annotation: dict[str, Any]) -> tuple[np.ndarray, np.ndarray, float]:
    """T×18×2 and T×18 at 15 frames a second, gaps bridged, smoothed; how much they shook."""
    places = np.stack([annotation["x"], annotation["y"]], axis=-1).astype(np.float64)
    # Two fifths of the invisible joints lie at x < 2: they are absent, the others were guessed.
    there = places[..., 0] >= 2
    keypoints = np.zeros((len(places), 18, 2))
    confidence = np.zeros((len(places), 18))
    keypoints[:, _COLUMNS] = places - 1  # MATLAB counts pixels from 1
    confidence[:, _COLUMNS] = np.where(annotation["visibility"] > 0, 1.0, GUESSED) * there
    keypoints, confidence = fill_gaps(keypoints, confidence, _LONGEST_GAP)
    smooth = smooth_tracks(keypoints, confidence, window=7)
    shake = jitter(keypoints, smooth, confidence)
    with_neck(smooth, confidence)
    smooth[confidence == 0] = 0
    return smooth[::_STEP], confidence[::_STEP], shake
