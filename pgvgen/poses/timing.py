"""Poses over time: another frame rate, gaps bridged, jitter smoothed.

None of them invents a joint that is absent before or after: a gap at either end, or one too long to
guess, stays a gap.
"""

from __future__ import annotations

import itertools
import math

import numpy as np

from pgvgen.errors import UsageError
from pgvgen.poses.sequence import SEEN, PoseSequence

_LONGEST_GAP = 0.5  # seconds that are bridged
_FIT = 0.3  # seconds that are smoothed over: a 2 Hz wave of the hand keeps 95 % of its height


def check_fps(fps: float | None) -> None:
    """Fail if a frame rate that is asked for, as None is not, cannot be.

    Raises:
        UsageError: so it is.
    """
    if fps is not None and not 0 < fps < math.inf:
        raise UsageError(f"--fps is {fps:g}: it must be more than 0")


def resample(sequence: PoseSequence, fps: float, frames: int | None = None) -> PoseSequence:
    """The same motion at another frame rate, or stretched to a number of frames.

    Between two frames a joint goes along a Catmull–Rom curve (no further than its own neighbours:
    a straight line beside a gap); where it is absent in one of them, the nearer frame decides. The
    first frame is kept exactly.

    Args:
        sequence: at least one frame.
        fps: of the result.
        frames: number of frames of the result, from the first to the last of the motion. By default
            as many as the motion's duration gives, at its own speed.
    """
    last = len(sequence) - 1
    if frames is None:
        steps = math.floor(last * fps / sequence.fps + 1e-6)
        times = np.minimum(np.arange(steps + 1) * (sequence.fps / fps), last)
    else:
        times = np.linspace(0, last, frames)
    before = np.floor(times).astype(int)
    after = np.minimum(before + 1, last)
    part = (times - before)[:, None]  # N×1

    there = sequence.present
    both = there[before] & there[after]
    nearest = np.where(part < 0.5, before[:, None], after[:, None])
    joints = np.arange(len(sequence.skeleton))
    confidence = np.where(
        both,
        (1 - part) * sequence.confidence[before] + part * sequence.confidence[after],
        sequence.confidence[nearest, joints],
    )
    keypoints = np.where(
        both[..., None],
        _catmull_rom(sequence.keypoints.astype(np.float64), there, before, after, part[..., None]),
        sequence.keypoints[nearest, joints],
    )
    return sequence.replace(keypoints=keypoints, confidence=confidence, fps=fps)


def _catmull_rom(
    points: np.ndarray, there: np.ndarray, before: np.ndarray, after: np.ndarray, part: np.ndarray
) -> np.ndarray:
    """N×K×2: the curve through `points` (T×K×2) at `part` (N×1×1) of the way between two frames."""
    start, end = points[before], points[after]
    i, j = np.maximum(before - 1, 0), np.minimum(after + 1, len(points) - 1)
    # Without a neighbour, the line goes on straight.
    known_i = (there[i] & (i < before)[:, None])[..., None]
    known_j = (there[j] & (j > after)[:, None])[..., None]
    slope_start = np.where(known_i, (end - points[i]) / 2, end - start)
    slope_end = np.where(known_j, (points[j] - start) / 2, end - start)
    rest = 1 - part
    return (
        start * (1 + 2 * part) * rest**2
        + end * (3 - 2 * part) * part**2
        + slope_start * part * rest**2
        - slope_end * rest * part**2
    )


def bridge_gaps(sequence: PoseSequence) -> PoseSequence:
    """Joints that are absent or weak for half a second or less are interpolated over it.

    A weak joint (confidence below `SEEN`) keeps its own place in proportion to its confidence. What
    was bridged gets the confidence of the gap's ends, interpolated.
    """
    keypoints, confidence = sequence.keypoints.copy(), sequence.confidence.copy()
    longest = round(_LONGEST_GAP * sequence.fps)
    for joint in range(len(sequence.skeleton)):
        seen = np.flatnonzero(sequence.confidence[:, joint] >= SEEN)
        for start, end in itertools.pairwise(seen):
            if not 1 < end - start <= longest + 1:
                continue
            gap = np.arange(start + 1, end)
            part = (gap - start) / (end - start)
            ends = sequence.keypoints[[start, end], joint]
            line = (1 - part[:, None]) * ends[0] + part[:, None] * ends[1]
            own = (sequence.confidence[gap, joint] / SEEN)[:, None]
            keypoints[gap, joint] = own * sequence.keypoints[gap, joint] + (1 - own) * line
            ends = sequence.confidence[[start, end], joint]
            confidence[gap, joint] = (1 - part) * ends[0] + part * ends[1]
    return sequence.replace(keypoints=keypoints, confidence=confidence)


def smooth(sequence: PoseSequence) -> PoseSequence:
    """Jitter removed without a lag and without flattening what is meant.

    Every joint's place is that of the parabola fitted to its neighbours in time (Savitzky–Golay),
    weighted by their confidence. The first frame stays exactly where it is and the rest joins on.
    """
    reach = round(_FIT * sequence.fps / 2)
    if reach < 2 or len(sequence) < 4:
        return sequence
    keypoints = sequence.keypoints.astype(np.float64)
    weights = np.pad(sequence.confidence.astype(np.float64), ((reach, reach), (0, 0)))
    padded = np.pad(keypoints, ((reach, reach), (0, 0), (0, 0)))
    width = 2 * reach + 1
    windows = np.lib.stride_tricks.sliding_window_view
    offsets = np.arange(-reach, reach + 1) / reach
    w = windows(weights, width, axis=0)  # T×K×W
    p = windows(padded, width, axis=0)  # T×K×2×W

    # The weighted normal equations of a + b·u + c·u² in every window at once.
    powers = offsets ** np.arange(5)[:, None]  # 5×W
    moments = w @ powers.T  # T×K×5
    matrix = moments[..., np.arange(3)[:, None] + np.arange(3)]  # T×K×3×3
    right = np.einsum("tkw,tkdw,mw->tkmd", w, p, powers[:3])
    enough = (w > 0).sum(axis=-1) > 3
    matrix = np.where(enough[..., None, None], matrix, np.eye(3))
    fitted = np.linalg.solve(matrix, right)[..., 0, :]  # T×K×2: the parabola's place at u = 0
    fitted = np.where(enough[..., None], fitted, keypoints)

    # The first frame is exact; what that moves it fades out over one window.
    fade = np.maximum(1 - np.arange(len(sequence)) / width, 0) ** 2
    there = sequence.present[:1, :, None]
    fitted += fade[:, None, None] * np.where(there, keypoints[:1] - fitted[:1], 0)
    fitted[0] = keypoints[0]
    return sequence.replace(keypoints=fitted)
