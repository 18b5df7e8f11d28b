"""Importing folders of photo pairs: the same person in two poses, before one background.

Every folder that holds just two pictures is a pair; its name is the exercise's.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from pgvgen.data.clip import Clip, clip_id
from pgvgen.data.prepared import Prepared
from pgvgen.data.registration import find_camera
from pgvgen.data.shots import LEAST_FIT, agreement, square_around
from pgvgen.data.splits import names_below, split_groups
from pgvgen.errors import InputError, NoPersonError
from pgvgen.poses.bones import body_height
from pgvgen.poses.estimators.base import Estimator
from pgvgen.poses.facing import TORSO
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.steadying import steady

LABEL = "exercise"
_LEAST_PX = 120  # between the outermost joints
_LEAST_JOINTS = 8  # limbs' joints that are sure, of 12
_SURE = 0.5
_TREMBLE = 0.05  # of the body's height, by which an estimator is off
_MOST_CHANGE = 3.0  # of the torso's length between the photos: more is not foreshortening


def import_pairs(
    folder: Path, source: str, *, estimator: str, dropped: Counter[str]
) -> Iterator[Prepared]:
    """A clip of two frames a pair, with pictures, masks and estimated poses.

    Where the backgrounds tell how, the second is drawn as the first's camera would see it. Split by
    the exercise's name. Who is in the photos is not known, and one person may have posed for
    several exercises: faces of the test set can occur in training.

    Raises:
        InputError: no pairs in the folder.
    """
    from pgvgen.pictures import PICTURE_SUFFIXES, read_image
    from pgvgen.poses.estimators import load_estimator

    found: dict[Path, list[Path]] = {}
    for path in sorted(folder.rglob("*")):
        if path.suffix.lower() in PICTURE_SUFFIXES and not path.name.startswith("."):
            found.setdefault(path.parent, []).append(path)
    pairs = [(place, files) for place, files in found.items() if len(files) == 2]
    others = len(found) - len(pairs)
    if not pairs:
        raise InputError(f"{folder} holds no folder of two pictures: one folder a pair is wanted")
    if others:
        dropped["not two pictures"] += others
    names = names_below(folder, {place: place.name for place, _ in pairs})
    splits = split_groups(dict.fromkeys(names.values(), LABEL))
    finder = load_estimator(estimator)
    for place, files in pairs:
        name = names[place]
        clip = f"{source}.{name.replace('/', '_')}"
        try:
            frames = [read_image(path) for path in files]
        except InputError:  # one of thousands must not end the work of hours
            dropped["cannot be read"] += 1
            continue
        prepared = _prepare(files, frames, clip, source, splits[name], finder)
        if isinstance(prepared, str):
            dropped[prepared] += 1
        else:
            yield prepared


def _prepare(
    files: list[Path],
    frames: list[np.ndarray],
    name: str,
    source: str,
    split: str,
    estimator: Estimator,
) -> Prepared | str:
    """The clip, or why there is none."""
    from pgvgen.poses.estimators import estimate_pose
    from pgvgen.poses.segmentation import person_mask

    if frames[0].shape != frames[1].shape:
        return "photos differ in size"
    try:
        poses = [estimate_pose(frame, estimator=estimator) for frame in frames]
    except NoPersonError:
        return "nobody found"
    keypoints = np.concatenate([pose.keypoints for pose in poses])
    confidence = np.concatenate([pose.confidence for pose in poses])
    reason = _unbelievable(keypoints, confidence)
    if reason:
        return reason
    masks = list(map(person_mask, frames, keypoints, confidence))
    if min(map(agreement, masks, keypoints, confidence)) < LEAST_FIT:
        return "joints beside the person"
    camera = find_camera(frames, masks)
    if camera is not None:
        keypoints[1] = keypoints[1] @ camera[:, :2].T + camera[:, 2]
    square = square_around(keypoints, confidence, poses[0].size)
    if square is None:
        return "nobody found"
    cameras = (None, camera)
    frames = list(map(square.cut, frames, cameras))
    clip = Clip(
        id=clip_id(name),
        label=LABEL,
        source=source,
        group=name,
        split=split,
        fps=1.0,
        size=(square.drawn, square.drawn),
        keypoints=_led(square.place(keypoints), confidence, frames),
        confidence=confidence,
        notes={
            "exercise": files[0].parent.name,
            "view": files[0].parent.parent.name,
            "registered": camera is not None,
        },
    )
    return Prepared(clip, frames, map(square.cut, masks, cameras))


def _led(keypoints: np.ndarray, confidence: np.ndarray, frames: Sequence[np.ndarray]) -> np.ndarray:
    """Two poses' joints (2×18×2 px), led by the pictures where they hardly differ: float32.

    What has not moved is where it was. An estimator, which looks at each photo anew, moves it a
    little; of what has moved far optical flow knows less than the estimator.
    """
    size = frames[0].shape[1], frames[0].shape[0]
    led = steady(PoseSequence(keypoints, confidence, fps=1.0, size=size), frames).keypoints
    off = np.linalg.norm(led - keypoints, axis=-1).max(0) / body_height(keypoints, confidence)
    trusted = np.all(confidence >= SEEN, axis=0) & (off < _TREMBLE)
    return np.where(trusted[:, None], led, keypoints).astype(np.float32)


def _unbelievable(keypoints: np.ndarray, confidence: np.ndarray) -> str | None:
    """Why two poses are not to be trusted, or None."""
    limbs = slice(2, 14)
    if (confidence[:, limbs] >= _SURE).sum(1).min() < _LEAST_JOINTS:
        return "too few joints are sure"
    torsos = []
    for points, sure in zip(keypoints, confidence, strict=True):
        if np.ptp(points[sure >= SEEN], axis=0).max() < _LEAST_PX:
            return "person too small"
        torsos.append(np.linalg.norm(points[TORSO[::2]].mean(0) - points[TORSO[1::2]].mean(0)))
    return "poses of different size" if max(torsos) > _MOST_CHANGE * min(torsos) else None
