"""Hands that the photo hides, and hands that touch, which on other shoulders would miss."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import ARMS
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.skeletons import BODY_18

TOUCHING = (0.4, 0.9)
"""In body units: hands nearer than the first belong together, farther than the second do not."""

_SURE = 0.5  # confidence of an elbow from which its forearm is in the picture
_BELIEVED = 1.5 * SEEN

_PALM = 0.35  # forearms' lengths from the wrist to the middle of the hand


def with_hidden_hands(start: PoseSequence) -> PoseSequence:
    """A start pose (T ≤ 1) whose hidden hands are where they are guessed, with the confidence 0.3.

    Behind the head or the back a hand cannot be seen, but the forearm's direction is no wild guess,
    and an arm that moves without it is torn. A hand beyond the picture's border stays a guess.
    """
    if start.skeleton != BODY_18 or not start.size_known or not len(start):
        return start
    confidence = start.confidence.copy()
    for _, elbow, wrist in ARMS:
        x, y = start.keypoints[0, wrist]
        inside = 0 <= x < start.size[0] and 0 <= y < start.size[1]
        if inside and 0 < confidence[0, wrist] < _BELIEVED and confidence[0, elbow] >= _SURE:
            confidence[0, wrist] = _BELIEVED
    return start.replace(confidence=confidence)


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
