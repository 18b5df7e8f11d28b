"""What a generated motion is measured by, as pure functions of keypoints and maps."""

from __future__ import annotations

import torch
from torch import Tensor

from pgvgen.poses.heatmaps import RADIUS, SIZE
from pgvgen.poses.sequence import SEEN


def average_l2(maps: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """N: Table 1's figure, read as the mean squared difference of heatmaps in [0, 1].

    Args:
        maps, truth: N×K×T×H×W.
        known: N×K×T, maps with 0 do not count.
    """
    error = ((maps - truth) ** 2).mean((3, 4)) * known
    return error.sum((1, 2)) / known.sum((1, 2)).clamp_min(1)


def disk_l2(motion: Tensor, truth: Tensor, shown: Tensor, known: Tensor) -> Tensor:
    """N: `average_l2` of the maps that `draw_heatmaps` gives, without drawing them.

    The maps of two keypoints differ in the pixels that one disk has and the other lacks.

    Args:
        motion, truth: N×T×K×2 in px of the maps.
        shown: N×T×K, keypoints of the motion with 0 have an empty map.
        known: N×T×K, those of the truth; with 0 they do not count.
    """
    of_made, of_real = _disks(motion, motion, truth), _disks(truth, truth)
    made, both = of_made[0].sum((-1, -2)), (of_made[0] & of_made[1]).sum((-1, -2))
    real, there = of_real[0].sum((-1, -2)), (shown > 0).to(motion)
    error = (made * there + real - 2 * both * there) / SIZE**2 * known
    return error.sum((1, 2)) / known.sum((1, 2)).clamp_min(1)


def _disks(about: Tensor, *centres: Tensor) -> list[Tensor]:
    """…×P×P bool each: the disks of some keypoints (…×2) in the map's pixels about another."""
    reach = torch.arange(-int(RADIUS) - 1, int(RADIUS) + 2, device=about.device)
    pixels = about.round()[..., None] + reach  # …×2×P
    inside = (pixels >= 0) & (pixels < SIZE)
    within = inside[..., 0, None, :] & inside[..., 1, :, None]
    far = [(pixels - centre[..., None]).square() for centre in centres]
    return [(f[..., 0, None, :] + f[..., 1, :, None] <= RADIUS**2) & within for f in far]


def keypoint_error(motion: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """N: the mean distance of keypoints, N×T×K×2 each, where known (N×T×K)."""
    distance = (motion - truth).norm(dim=-1) * known
    return distance.sum((1, 2)) / known.sum((1, 2)).clamp_min(1)


def mean_speed(motion: Tensor, known: Tensor, order: int = 1) -> Tensor:
    """N: the mean length of the `order`-th difference in time: speed, acceleration (2), jerk (3).

    A difference counts where all its frames are known.
    """
    change, moving = motion, known
    for _ in range(order):
        change = change.diff(dim=1)
        moving = moving[:, 1:] * moving[:, :-1]
    return (change.norm(dim=-1) * moving).sum((1, 2)) / moving.sum((1, 2)).clamp_min(1)


def lost_share(confidence: Tensor, present: Tensor) -> Tensor:
    """Scalar: of the keypoints that the start pose shows (N×K), how many a motion (N×T×K) lacks."""
    wanted = (present > 0)[:, None].expand(confidence.shape)
    return ((confidence < SEEN) & wanted).float().sum() / wanted.sum().clamp_min(1)


def per_class(values: Tensor, label: Tensor) -> Tensor:
    """Scalar: the mean over classes of each class's mean of N values."""
    return torch.stack([values[label == i].float().mean() for i in label.unique()]).mean()
