"""P̂ of Section 3.3: what PSGAN predicts for the clips that stage two is trained and judged on."""

from __future__ import annotations

import numpy as np

from pgvgen.data.clip import Clip
from pgvgen.motion import PSGAN, generate_motion
from pgvgen.poses import PoseSequence
from pgvgen.poses.sequence import SEEN

LEAST_JOINTS = 8
"""A first pose that shows fewer says too little of what follows."""


def predict_clip(clip: Clip, psgan: PSGAN, *, samples: int, seed: int) -> np.ndarray | None:
    """PSGAN's prediction from a clip's first pose and its label: T×18×2 px.

    A prediction is one of many possible motions, a frame is one that happened. So several are
    drawn and the nearest to the true poses is kept, without which a wave that is merely half a
    beat late would teach that raised arms look like lowered ones.

    Args:
        clip: whose label is looked up.
        psgan: stage one.
        samples: how many motions the nearest is chosen from; 1 takes the first.
        seed: of the first.

    Returns:
        None where the network does not know the action, or the first pose shows too little.
    """
    known = clip.confidence[0] >= SEEN
    if clip.label not in psgan.config.labels or known.sum() < LEAST_JOINTS:
        return None
    start = PoseSequence(clip.keypoints[:1], clip.confidence[:1], clip.fps, clip.size)
    best, error = None, np.inf
    for number in range(samples):
        motion = generate_motion(
            start, clip.label, frames=len(clip), fps=clip.fps, seed=seed + number, psgan=psgan
        )
        seen = (clip.confidence >= SEEN) & (motion.confidence >= SEEN)
        away = np.linalg.norm(motion.keypoints - clip.keypoints, axis=-1)
        off = float(away[seen].mean()) if seen.any() else np.inf
        if off < error:
            best, error = motion.keypoints, off
    return best
