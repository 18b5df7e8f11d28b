"""What a generated motion is measured by, as pure functions of keypoints and maps."""

from __future__ import annotations

import torch
from torch import Tensor


def average_l2(maps: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """N: Table 1's figure as DESIGN reads it: the mean squared difference of heatmaps in [0, 1].

    Args:
        maps, truth: N×K×T×H×W.
        known: N×K×T, maps with 0 do not count.
    """
    error = ((maps - truth) ** 2).mean((3, 4)) * known
    return error.sum((1, 2)) / known.sum((1, 2)).clamp_min(1)


def keypoint_error(motion: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """N: the mean distance of keypoints, N×T×K×2 each, where known (N×T×K)."""
    distance = (motion - truth).norm(dim=-1) * known
    return distance.sum((1, 2)) / known.sum((1, 2)).clamp_min(1)


def mean_speed(motion: Tensor, known: Tensor, order: int = 1) -> Tensor:
    """N: the mean length of the `order`-th difference in time: 1 is speed, 2 acceleration.

    A difference counts where all its frames are known.
    """
    change, moving = motion, known
    for _ in range(order):
        change = change.diff(dim=1)
        moving = moving[:, 1:] * moving[:, :-1]
    return (change.norm(dim=-1) * moving).sum((1, 2)) / moving.sum((1, 2)).clamp_min(1)


def lost_share(confidence: Tensor, present: Tensor, threshold: float = 0.2) -> Tensor:
    """Scalar: of the keypoints that the start pose shows (N×K), how many a motion (N×T×K) lacks."""
    wanted = (present > 0)[:, None].expand(confidence.shape)
    return ((confidence < threshold) & wanted).float().sum() / wanted.sum().clamp_min(1)


def per_class(values: Tensor, label: Tensor) -> Tensor:
    """Scalar: the mean over classes of each class's mean of N values."""
    return torch.stack([values[label == i].float().mean() for i in label.unique()]).mean()
