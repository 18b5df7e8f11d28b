"""Arms and hands that the photo hides, and hands that touch but on other shoulders would miss."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import ARMS
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import PoseSequence
from pgvgen.poses.skeletons import BODY_18

TOUCHING = (0.4, 0.9)
"""In body units: hands nearer than the first belong together, farther than the second do not."""

GUESSED = 0.25
"""The confidence of a joint that something hides, but that is where it is guessed."""

_SURE = 0.5  # confidence of a joint from which it is surely to be seen
_LIKE = 0.5  # of the other arm's bones, how long those of a hidden arm look at least

_PALM = 0.35  # forearms' lengths from the wrist to the middle of the hand


def with_hidden_arms(start: PoseSequence) -> PoseSequence:
    """A start pose (T ≤ 1) whose hidden hands and arms are where they are guessed, with the
    confidence `GUESSED`.

    Behind the head or the back a hand cannot be seen, but the forearm's direction is no wild guess,
    and an arm that moves without it is torn. Of who is seen from aside the body hides a whole arm,
    which comes into view when it moves; how it looks the other one tells, if that is seen. What is
    beyond the picture's border stays a guess.
    """
    if start.skeleton != BODY_18 or not start.size_known or not len(start):
        return start
    confidence = with_guesses(start.keypoints[0], start.confidence[0], start.size)
    return start.replace(confidence=confidence[None])


def with_guesses(points: np.ndarray, confidence: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The confidence (18) of the joints of a body, where hidden hands and arms are believed, too.

    Args:
        points: 18×2 px.
        confidence: 18.
        size: (width, height) of the picture in px.
    """
    out = confidence.copy()
    for arm, other in zip(ARMS, ARMS[::-1], strict=True):
        hidden = _hidden(points, confidence, arm, other)
        inside = (points[hidden] >= 0).all() and (points[hidden] < size).all()
        if inside and (confidence[hidden] > 0).all():
            out[hidden] = GUESSED
    return out


def _hidden(
    points: np.ndarray, confidence: np.ndarray, arm: tuple[int, ...], other: tuple[int, ...]
) -> list[int]:
    """The joints of an arm that are not seen, but that the rest of the body tells of."""
    shoulder, elbow, wrist = arm
    if confidence[elbow] >= _SURE:
        return [wrist] if confidence[wrist] < GUESSED else []
    if confidence[elbow] >= GUESSED:
        return []
    bones, others = (
        np.linalg.norm(np.diff(points[[*joints]], axis=0), axis=1) for joints in (arm, other)
    )
    told = confidence[[shoulder, *other]].min() >= _SURE and (bones >= _LIKE * others).all()
    return [elbow, wrist] if told and confidence[wrist] < _SURE else []


def between_hands(where: np.ndarray) -> np.ndarray:
    """T complex: from the right palm to the left, of T×19 complex."""
    right, left = (
        where[:, wrist] + _PALM * (where[:, wrist] - where[:, elbow]) for _, elbow, wrist in ARMS
    )
    return np.asarray(left - right)


def join(body: np.ndarray, apart: np.ndarray, share: np.ndarray, unit: float) -> None:
    """Move the arms so that hands that are near in a motion are as near on a body.

    Args:
        body: T×19 complex, changed in place.
        apart: T complex px, `between_hands` of the motion, in the body's size.
        share: T in [0, 1], of the correction.
        unit: body unit in px.
    """
    near = smoothstep((TOUCHING[1] - np.abs(apart) / unit) / (TOUCHING[1] - TOUCHING[0]))
    change = share * near * (apart - between_hands(body)) / 2
    for (shoulder, elbow, wrist), way in zip(ARMS, (-change, change), strict=True):
        upper, fore = body[:, elbow] - body[:, shoulder], body[:, wrist] - body[:, elbow]
        # The elbow goes half the way, and no bone becomes longer than it is at some time.
        body[:, elbow] = body[:, shoulder] + _no_longer(upper + way / 2, upper)
        body[:, wrist] = body[:, elbow] + _no_longer(fore + way / 2, fore)


def _no_longer(bone: np.ndarray, own: np.ndarray) -> np.ndarray:
    longest = np.abs(own).max()
    return np.asarray(bone * np.minimum(1, longest / np.maximum(np.abs(bone), 1e-9)))
