"""P̂ of Section 3.3: what PSGAN predicts for the clips that stage two is trained and judged on."""

from __future__ import annotations

import numpy as np
import torch

from pgvgen.data.clip import Clip
from pgvgen.motion import PSGAN
from pgvgen.motion.generate import done_by, written
from pgvgen.motion.segments import Writer
from pgvgen.poses import PoseSequence
from pgvgen.poses.sequence import SEEN

WINDOW = 32
"""T of Section 3.2: so many frames are foretold from one true pose."""

LEAST_JOINTS = 8
"""A first pose that shows fewer says too little of what follows."""


def predict_clip(clip: Clip, psgan: PSGAN, *, samples: int, seed: int) -> np.ndarray | None:
    """PSGAN's predictions for a clip, a window after another: T×18×2 px.

    Each window is foretold from its own first pose, in the middle of the action or not, and the
    label, as the paper's sequences are: a wave that goes on for five seconds would be out of step
    whatever foretold it. A window whose first pose shows too little belongs to the one before it.

    A prediction is one of many possible motions, a frame is one that happened. So several are
    drawn and the nearest to the true poses is kept, without which a wave that is merely half a
    beat late would teach that raised arms look like lowered ones.

    Args:
        clip: whose label is looked up.
        psgan: stage one.
        samples: how many motions the nearest is chosen from; 1 takes the first.
        seed: of their noise.

    Returns:
        None where the network does not know the action, or the first pose shows too little.
    """
    known = (clip.confidence >= SEEN).sum(1) >= LEAST_JOINTS
    if clip.label not in psgan.config.labels or not known[0]:
        return None
    starts = [t for t in range(0, len(clip), WINDOW) if known[t]]
    ends = [*starts[1:], len(clip)]
    windows = [slice(*window) for window in zip(starts, ends, strict=True)]
    return np.concatenate([_nearest(clip, window, psgan, samples, seed) for window in windows])


def _nearest(clip: Clip, window: slice, psgan: PSGAN, samples: int, seed: int) -> np.ndarray:
    """The one of several motions that is nearest to a window's true poses: T×18×2 px."""
    points, confidence = clip.keypoints[window], clip.confidence[window]
    start = PoseSequence(points[:1], confidence[:1], clip.fps, clip.size)
    seen = (confidence >= SEEN) & (confidence[0] >= SEEN)

    def off(keypoints: np.ndarray) -> float:
        return float(np.linalg.norm(keypoints - points, axis=-1)[seen].mean())

    # As `generate_motion` does it, but from the true pose itself and not from one at ease; and what
    # people did need not be what shows the action best.
    rng = torch.Generator().manual_seed(seed)
    writer = Writer(psgan, start, None, rng, choosing=False)
    labels = [clip.label]
    drawn = (written(writer, labels, len(points), clip.fps) for _ in range(samples))
    return min((done_by(start, motion, labels).keypoints for motion in drawn), key=off)
