"""Stage two's objectives: the L1 of Section 3.3, and what makes masks decide.

Eq. 6–10 are `nn.discriminator_loss` and `nn.generator_loss`, as stage one's are.
"""

from __future__ import annotations

import torch
from torch import Tensor
from torch.nn.functional import avg_pool2d, relu

REACH = 10.0
"""As far as a mask's logit needs to be corrected: its odds are 20,000 times what they were."""


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


def boldness(corrections: Tensor) -> Tensor:
    """Mean square of what the corrections of the masks' logits, N×L×h×w, exceed ±`REACH` by.

    Beyond it a softmax hears nothing new, and gives no gradient either: a network without norms
    that once corrects so much everywhere never comes back.
    """
    return relu(corrections.abs() - REACH).square().mean()


def indecision(masks: Tensor) -> Tensor:
    """Mean entropy of the masks N×L×h×w, in nats: 0 where every pixel shows one layer only.

    Half-and-half masks are double exposures.
    """
    return -(masks * torch.log(masks + 1e-6)).sum(1).mean()
