"""Clips that are cut where the body turns round."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pgvgen.data.clip import Clip
from pgvgen.poses.facing import TORSO, facing
from pgvgen.poses.sequence import SEEN

NARROWEST = 0.12
"""Of the torso's length: a body whose shoulders look narrower is turning round."""

_ENOUGH = 0.75  # of a clip, so that the action is in it


def while_facing(clip: Clip) -> Clip | None:
    """The clip up to where the body begins to turn round.

    None if that is early, if the body is edge-on at first, or if its torso is not wholly known.
    """
    if (clip.confidence[:, TORSO] < SEEN).any():
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
