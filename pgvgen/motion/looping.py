"""A motion whose last frame leads into its first, for players that show it again and again.

What ends comes back to the pose that it began with. What repeats goes round: of it a stretch is
taken whose end leads over into its own beginning.
"""

from __future__ import annotations

import math

import numpy as np

from pgvgen.motion.seams import seam_costs, steps, stretches
from pgvgen.poses.blending import crossfade, held
from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.timing import resample

_WHOLE = 1.3  # seconds in which there is time for a whole round, or for going and coming back
_RETURN = 0.6  # seconds in which the motion comes back to where it began
_FASTER = 1.15  # by how much a motion may be slowed down or sped up to end at a good moment
_LEAD = 0.8  # seconds in which a motion gets going from the photo's pose
_CHOICE = 1.0  # seconds within which a round may begin
_SHARED = 0.4  # seconds in which a round leads over into the next


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


def going_round(motion: PoseSequence, frames: int) -> PoseSequence:
    """One round of a motion that repeats: after its last frame the first follows without a rest.

    It begins and ends where that shows least; to be as long as asked for, it is sped up or slowed
    down a little.

    Args:
        motion: as long as `frames_to_go_round` says.
        frames: of the result.
    """
    shared, lead = _span(_SHARED, motion.fps), _span(_LEAD, motion.fps)
    seen = motion.present.all(axis=0)
    parts = stretches(motion.keypoints[:, seen], shared)
    shortest = max(1, round(frames / _FASTER))
    begins = parts[lead : lead + _span(_CHOICE, motion.fps)]
    cost = seam_costs(parts, begins, float(np.median(steps(motion.keypoints[lead:, seen]))))
    length = np.arange(len(parts)) - (lead + np.arange(len(begins)))[:, None]
    cost[(length < shortest) | (length > frames * _FASTER)] = np.inf
    begin, end = (int(i) for i in np.unravel_index(cost.argmin(), cost.shape))
    begin += lead
    # The end leads over into the beginning, and the round goes on from there.
    over = crossfade(motion[begin : end + shared], motion[begin : begin + shared], shared)
    return hurried(over[shared:], frames)


def hurried(loop: PoseSequence, frames: int) -> PoseSequence:
    """All of a loop in another number of frames; the first stays as it is."""
    closed = crossfade(loop, loop[:1], 0)
    return resample(closed, loop.fps, frames + 1)[:frames]


def least_frames(fps: float) -> int:
    """How many frames a loop needs to show all of an action; in fewer it is to be `hurried`."""
    return round(_WHOLE * fps)


def frames_to_go_round(frames: int, fps: float) -> int:
    """How many frames a motion should have of which `going_round` is to make so many."""
    return math.ceil(frames * _FASTER) + sum(_span(s, fps) for s in (_LEAD, _CHOICE, _SHARED))


def _span(seconds: float, fps: float) -> int:
    return max(2, round(seconds * fps))


def _return(motion: PoseSequence, earliest: int) -> int:
    """The frame, `earliest` or later, whose pose is nearest to the first and most at rest."""
    joints = motion.confidence[0] >= SEEN
    places = motion.keypoints[:, joints]
    away = np.linalg.norm(places - places[:1], axis=-1).mean(axis=1)
    return earliest + int(away[earliest:].argmin())
