"""Which way a body faces in a clip."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pgvgen.data.clip import Clip
from pgvgen.poses.sequence import SEEN
from pgvgen.poses.skeletons import BODY_18

NARROWEST = 0.12
"""Of the torso's length: a body whose shoulders look narrower is turning round."""

_ENOUGH = 0.75  # of a clip, so that the action is in it

_RIGHT, _LEFT = (
    [BODY_18.index(f"{side}_{at}") for at in ("shoulder", "hip")] for side in ("right", "left")
)


def facing(keypoints: np.ndarray) -> np.ndarray:
    """How wide the shoulders look, in torso lengths, positive from the front and negative from
    behind: T, of T×18×2 px."""
    right, left = keypoints[:, _RIGHT], keypoints[:, _LEFT]  # T×2×2
    shoulders = left[:, 0] - right[:, 0]
    spine = (left + right)[:, 1] / 2 - (left + right)[:, 0] / 2
    across = shoulders[:, 0] * spine[:, 1] - shoulders[:, 1] * spine[:, 0]
    return np.asarray(across / max(float(np.median((spine**2).sum(-1))), 1e-6))


def while_facing(clip: Clip) -> Clip | None:
    """The clip up to where the body begins to turn round.

    None if that is early, if the body is edge-on at first, or if its torso is not wholly known.
    """
    if (clip.confidence[:, _RIGHT + _LEFT] < SEEN).any():
        return None
    width = facing(clip.keypoints)
    turned = width * np.sign(width[0]) < NARROWEST
    length = int(np.argmax(turned)) if turned.any() else len(clip)
    if length < _ENOUGH * len(clip):
        return None
    return replace(
        clip,
        keypoints=clip.keypoints[:length],
        confidence=clip.confidence[:length],
        frames=clip.frames and clip.frames[:length],
        masks=clip.masks and clip.masks[:length],
        predicted=None if clip.predicted is None else clip.predicted[:length],
    )
