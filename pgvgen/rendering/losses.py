"""Stage two's objectives: the L1 of Section 3.3, and what makes masks decide.

Eq. 6–10 are `nn.discriminator_loss` and `nn.generator_loss`, as stage one's are.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, conv2d

SSIM_WINDOW, SSIM_SIGMA = 11, 1.5


def weighted_l1(frames: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Mean |frames − target| with a weight a pixel: N×3×h×w, N×3×h×w, N×1×h×w → a scalar."""
    return ((frames - target).abs() * weight).mean() / weight.mean()


def edge_loss(frames: Tensor, target: Tensor, weight: Tensor, scales: int = 3) -> Tensor:
    """Weighted L1 of the horizontal and vertical differences at `scales` halvings: a scalar.

    A blurred or doubled limb has the wrong edges even where its mean colour is right.
    """
    total = frames.new_zeros(())
    off = frames - target
    for _ in range(scales):
        across = (off[..., :, 1:] - off[..., :, :-1]).abs() * weight[..., :, 1:]
        down = (off[..., 1:, :] - off[..., :-1, :]).abs() * weight[..., 1:, :]
        total = total + (across.mean() + down.mean()) / weight.mean()
        off, weight = avg_pool2d(off, 2), avg_pool2d(weight, 2)
    return total / scales


def structure_loss(frames: Tensor, target: Tensor, weight: Tensor) -> Tensor:
    """Weighted mean of 1 − SSIM [39], as `evaluation.images` has it: a scalar.

    Args:
        frames, target: N×3×h×w in [−1, 1]; both h and w ≥ 11.
        weight: N×1×h×w; windows that leave the picture do not count.
    """
    # In float32: variances are differences of what is nearly the same.
    with torch.autocast(frames.device.type, enabled=False):
        x, y = (frames.float() + 1) / 2, (target.float() + 1) / 2
        mean_x, mean_y = _windowed(x), _windowed(y)
        var_x, var_y = _windowed(x * x) - mean_x**2, _windowed(y * y) - mean_y**2
        covariance = _windowed(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    above = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    below = (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    edge = SSIM_WINDOW // 2
    inner = weight[..., edge:-edge, edge:-edge]
    return ((1 - above / below) * inner).mean() / inner.mean()


def _windowed(values: Tensor) -> Tensor:
    """Means in SSIM's Gaussian window: N×C×h×w → N×C×(h − 10)×(w − 10)."""
    steps = torch.arange(SSIM_WINDOW, device=values.device) - SSIM_WINDOW // 2
    bell = torch.exp(-0.5 * (steps / SSIM_SIGMA) ** 2)
    bell = (bell / bell.sum()).expand(values.shape[1], 1, 1, -1)
    rows = conv2d(values, bell, groups=values.shape[1])
    return conv2d(rows, bell.transpose(2, 3), groups=values.shape[1])


def indecision(masks: Tensor) -> Tensor:
    """Mean entropy of the masks N×L×h×w, in nats: 0 where every pixel shows one layer only.

    Half-and-half masks are double exposures.
    """
    return -(masks * torch.log(masks + 1e-6)).sum(1).mean()
