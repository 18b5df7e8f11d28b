"""What stage one's training looks like: one strip of eight poses an action."""

from __future__ import annotations

import numpy as np
from torch import Tensor

from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.coordinates import to_map
from pgvgen.motion.keypoint import STEP
from pgvgen.poses.drawing import draw_pose
from pgvgen.poses.sheets import contact_sheet
from pgvgen.poses.skeletons import SKELETONS

_FRAMES, _CELL, _ROWS = 8, 112, 24


def strips(
    start: Tensor, present: Tensor, motion: Tensor, label: Tensor, config: PSGANConfig
) -> np.ndarray:
    """The first window of each label as a row of poses.

    Args:
        start: N×K×2 in its own coordinates.
        present: N×K.
        motion: N×T×K×2 in `STEP`s.
        label: N.
        config: names the labels and the skeleton.

    Returns:
        H×W×3 RGB uint8.
    """
    poses = to_map(start[:, None] + motion * STEP) * (_CELL / 64)
    skeleton = SKELETONS[config.skeleton]
    pictures, titles = [], []
    labels = label.tolist()
    for index in sorted(set(labels))[:_ROWS]:
        row = labels.index(index)
        confidence = present[row].cpu().numpy()
        for frame in np.linspace(0, motion.shape[1] - 1, _FRAMES).round().astype(int):
            blank = np.full((_CELL, _CELL, 3), 24, np.uint8)
            pictures.append(draw_pose(blank, poses[row, frame].cpu().numpy(), confidence, skeleton))
            titles.append(f"{config.labels[index]} {frame}")
    return contact_sheet(pictures, _FRAMES, titles, cell=_CELL)
