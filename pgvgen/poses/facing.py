"""Which way a body faces."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.skeletons import BODY_18

TORSO = [BODY_18.index(f"{side}_{at}") for side in ("right", "left") for at in ("shoulder", "hip")]
"""The joints that say it."""


def facing(keypoints: np.ndarray) -> np.ndarray:
    """How wide the shoulders look, in torso lengths, positive from the front and negative from
    behind: T, of T×18×2 px."""
    right, left = keypoints[:, TORSO[:2]], keypoints[:, TORSO[2:]]  # T×2×2
    shoulders = left[:, 0] - right[:, 0]
    spine = (left + right)[:, 1] / 2 - (left + right)[:, 0] / 2
    across = shoulders[:, 0] * spine[:, 1] - shoulders[:, 1] * spine[:, 0]
    return np.asarray(across / max(float(np.median((spine**2).sum(-1))), 1e-6))
