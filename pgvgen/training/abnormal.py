"""Fig. 3's abnormal poses: what PSGAN's mistakes look like, made from true poses."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor

from pgvgen.poses.heatmaps import RADIUS, draw_heatmaps, to_heatmap


@dataclass(frozen=True)
class Abnormality:
    """How abnormal P̂ is in training.

    Attributes:
        jitter: standard deviation of each joint's place, in body units (torso lengths).
        radius: the disks' radii are drawn from 4 px times (1 − radius … 1 + radius), Fig. 3 (b).
        missing: chance of a joint's map to be empty, Fig. 3 (c).
    """

    jitter: float = 0.03
    radius: float = 0.5
    missing: float = 0.06


def abnormal_pose(
    keypoints: np.ndarray, unit: float, how: Abnormality, rng: np.random.Generator
) -> np.ndarray:
    """The joints (18×2 px) a little off; half of the error is the whole body's."""
    own = rng.normal(size=keypoints.shape) * how.jitter * unit
    shared = rng.normal(size=2) * how.jitter * unit * 0.5
    return (keypoints + own + shared).astype(np.float32)


def true_maps(keypoints: np.ndarray, confidence: np.ndarray, size: int) -> Tensor:
    """K×64×64 heatmaps of a pose in a square picture of `size` px."""
    points = torch.from_numpy(to_heatmap(keypoints.astype(np.float32), (0, 0, size, size)))
    return draw_heatmaps(points, torch.from_numpy(confidence.astype(np.float32)))


def abnormal_maps(
    keypoints: np.ndarray,
    confidence: np.ndarray,
    size: int,
    how: Abnormality,
    rng: np.random.Generator,
) -> Tensor:
    """The same with responses that are bigger, smaller or missing."""
    points = torch.from_numpy(to_heatmap(keypoints.astype(np.float32), (0, 0, size, size)))
    there = np.where(rng.random(len(keypoints)) < how.missing, 0, confidence)
    radius = RADIUS * (1 + how.radius * rng.uniform(-1, 1))
    return draw_heatmaps(points, torch.from_numpy(there.astype(np.float32)), radius=radius)
