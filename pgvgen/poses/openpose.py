"""OpenPose's JSON: the arrays of its people, its 25-joint body, and which person is meant.

A frame is `{"people": [{"pose_keypoints_2d": [x, y, c, …], "face_keypoints_2d": […]}, …]}`, as
OpenPose, controlnet-aux's users and our own pose file have it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from pgvgen.errors import InputError
from pgvgen.poses.skeletons import BODY_18, FACE_68, Skeleton

FIELDS = {BODY_18.name: "pose_keypoints_2d", FACE_68.name: "face_keypoints_2d"}
"""Where a person's keypoints of a skeleton stand."""

_FLOAT32_MAX = float(np.finfo(np.float32).max)
# BODY_25 has the mid-hip at 8 and the feet from 19 on, which BODY_18 lacks.
_BODY_25_TO_18 = (*range(8), *range(9, 19))
# OpenPose's face has the two pupils after the 68 landmarks.
_FACE_70_TO_68 = tuple(range(68))


def people_of(frame: Any, skeleton: Skeleton, where: str) -> np.ndarray:
    """The people of one OpenPose frame.

    Args:
        frame: the parsed JSON object of the frame.
        skeleton: which of the people's keypoints are wanted.
        where: what to call the frame in an error.

    Returns:
        N×K×3 float64, (x, y, confidence); N = 0 where nobody has keypoints of that skeleton.

    Raises:
        InputError: not an OpenPose frame, a number of keypoints that is not the skeleton's,
            or a number that is none.
    """
    people = frame.get("people") if isinstance(frame, dict) else None
    if not isinstance(people, list) or not all(isinstance(person, dict) for person in people):
        raise InputError(f"{where} has no OpenPose people: it is not a pose file")
    field = FIELDS[skeleton.name]
    arrays = [person[field] for person in people if person.get(field)]
    persons = [_person(array, skeleton, f"{field} of {where}") for array in arrays]
    return np.array(persons).reshape(-1, len(skeleton), 3)


def _person(numbers: Any, skeleton: Skeleton, where: str) -> np.ndarray:
    """K×3 from a flat array of x, y, confidence."""
    if not isinstance(numbers, list) or any(type(n) not in (int, float) for n in numbers):
        raise InputError(f"{where} is not a list of numbers")
    kept = _kept(len(numbers), skeleton)
    if kept is None:
        raise InputError(
            f"{where} has {len(numbers)} numbers, {skeleton.name} has 3 × {len(skeleton)}: "
            "it is a pose of another skeleton"
        )
    if not all(abs(number) <= _FLOAT32_MAX for number in numbers):
        raise InputError(f"{where} has a number that is not finite")
    return np.array(numbers, dtype=np.float64).reshape(-1, 3)[list(kept)]


def _kept(count: int, skeleton: Skeleton) -> Sequence[int] | None:
    """Which of the keypoints in an array of `count` numbers are the skeleton's."""
    if count == 3 * len(skeleton):
        return range(len(skeleton))
    if skeleton is BODY_18 and count == 75:
        return _BODY_25_TO_18
    if skeleton is FACE_68 and count == 210:
        return _FACE_70_TO_68
    return None


def follow_person(frames: Sequence[np.ndarray]) -> np.ndarray:
    """One person through frames with any number of people in any order.

    Where no frame has more than one person, that is the person. Else the first one listed in the
    first frame that has any is followed: in every later frame it is the one nearest to where it was
    last seen, by the mean distance of the joints seen both times. Nobody moves further than its own
    extent from a frame to the next; if nobody is that near, the person is absent from the frame.

    Args:
        frames: T arrays N×K×3 of (x, y, confidence); N may differ, and be 0.

    Returns:
        T×K×3, zero in frames where the person is absent.
    """
    followed = np.zeros((len(frames), *frames[0].shape[1:]))
    if max(map(len, frames)) == 1:
        for t, people in enumerate(frames):
            followed[t] = people.sum(axis=0)
        return followed
    last, seen_at = None, -1
    for t, people in enumerate(frames):
        people = people[(people[..., 2] > 0).any(axis=1)]
        if not len(people):
            continue
        choice = 0
        if last is not None:
            distances = _distances(people, last)
            choice = int(distances.argmin())
            if distances[choice] > _extent(last) * (t - seen_at):
                continue
        last, seen_at = people[choice], t
        followed[t] = last
    return followed


def _distances(people: np.ndarray, last: np.ndarray) -> np.ndarray:
    """The mean distance of each person to the last pose; of their centres if no joint is shared."""
    both = (people[..., 2] > 0) & (last[:, 2] > 0)
    apart = np.linalg.norm(people[..., :2] - last[:, :2], axis=-1)
    means = (apart * both).sum(axis=1) / np.maximum(both.sum(axis=1), 1)
    for i in np.flatnonzero(~both.any(axis=1)):
        means[i] = np.linalg.norm(_seen(people[i]).mean(axis=0) - _seen(last).mean(axis=0))
    return means


def _seen(person: np.ndarray) -> np.ndarray:
    return person[person[:, 2] > 0, :2]


def _extent(person: np.ndarray) -> float:
    """The diagonal of the box around a person's seen joints, at least a pixel."""
    return max(1.0, float(np.linalg.norm(np.ptp(_seen(person), axis=0))))
