"""Which way a body faces, and how it stands."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pgvgen.poses.skeletons import BODY_18

TORSO = [BODY_18.index(f"{side}_{at}") for side in ("right", "left") for at in ("shoulder", "hip")]
"""The joints that say which way."""

ANKLES = [BODY_18.index("right_ankle"), BODY_18.index("left_ankle")]
"""The joints that say how it stands."""

KNEES = [BODY_18.index("right_knee"), BODY_18.index("left_knee")]
"""Those that say it where the feet are out of view."""


def facing(keypoints: np.ndarray) -> np.ndarray:
    """How wide the shoulders look, in torso lengths, positive from the front and negative from
    behind: T, of T×18×2 px."""
    return across(keypoints, TORSO[::2])


def across(keypoints: np.ndarray, joints: Sequence[int]) -> np.ndarray:
    """How far apart a right and a left joint look, across the torso and in its lengths: T, of
    T×18×2 px; positive from the front where they do not cross."""
    right, left = joints
    torso = keypoints[:, TORSO].reshape(len(keypoints), 2, 2, 2).mean(1)  # T×(above, below)×2
    spine, apart = torso[:, 1] - torso[:, 0], keypoints[:, left] - keypoints[:, right]
    wide = apart[:, 0] * spine[:, 1] - apart[:, 1] * spine[:, 0]
    return np.asarray(wide / max(float(np.median((spine**2).sum(-1))), 1e-6))
