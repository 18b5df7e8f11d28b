"""A motion whose last frame leads into its first, for players that show it again and again."""

from __future__ import annotations

import math

import numpy as np

from pgvgen.poses.blending import crossfade, held
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.timing import resample

_RETURN = 0.6  # seconds in which the motion comes back to where it began
_FASTER = 1.15  # by how much a motion may be slowed down or sped up to end at a good moment


def looped(motion: PoseSequence, frames: int | None = None) -> PoseSequence:
    """The motion, coming back to its first pose: after the last frame the first may follow.

    Of a motion that is longer than it need be, the end is where the body comes nearest to its first
    pose by itself; to be as long as asked for, the motion is sped up or slowed down a little.

    Args:
        motion: at least one frame; `frames_to_loop` says how many are best.
        frames: of the result; as many as the motion has by default.
    """
    frames = len(motion) if frames is None else frames
    if len(motion) > frames:
        end = _return(motion, max(1, round(frames / _FASTER)))
        motion = resample(motion[: end + 1], motion.fps, frames + 1)[:frames]
    shared = min(frames - 1, round(_RETURN * motion.fps))
    return crossfade(motion, held(motion, shared), shared)


def frames_to_loop(frames: int) -> int:
    """How many frames a motion should have from which `looped` is to make so many."""
    return math.ceil(frames * _FASTER)


def _return(motion: PoseSequence, earliest: int) -> int:
    """The frame, `earliest` or later, whose pose is nearest to the first and most at rest."""
    joints = motion.confidence[0] >= SEEN
    places = motion.keypoints[:, joints]
    away = np.linalg.norm(places - places[:1], axis=-1).mean(axis=1)
    return earliest + int(away[earliest:].argmin())
