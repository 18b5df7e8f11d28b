"""What the generators are trained by: Eq. 3 of the paper, and what keypoint space adds.

Eq. 1 and 2 are `nn.discriminator_loss` and `nn.generator_loss`, as stage two's are.
"""

from __future__ import annotations

from collections.abc import Callable

import torch
from torch import Tensor
from torch.nn import functional

VELOCITY_WEIGHT = 3.0
"""Errors of a motion's velocity weigh this much: without it motion is damped."""


def reconstruction_loss(maps: Tensor, truth: Tensor, known: Tensor, alpha: float) -> Tensor:
    """Eq. 3 without its weight λ: the mean of |P − P̂| ⊙ (αM + 1), the mask M being P itself.

    Args:
        maps: N×K×T×H×W in [0, 1], P̂.
        truth: the same shape, P.
        known: N×K×T, 0 for keypoints that a data set lacks; those do not count.
        alpha: 10 for actions, 20 for faces; 0 makes it plain L1.
    """
    weight = known[..., None, None].expand_as(maps)
    error = (maps - truth).abs() * (alpha * truth + 1) * weight
    return error.sum() / weight.sum().clamp_min(1)


def motion_error(motion: Tensor, truth: Tensor, known: Tensor) -> Tensor:
    """N: mean squared error of displacements plus `VELOCITY_WEIGHT` times that of velocities.

    Args:
        motion: N×T×K×2.
        truth: the same shape.
        known: N×T×K, 0 where the truth is not known.
    """
    weight = known[..., None]
    moving = weight[:, 1:] * weight[:, :-1]
    difference = motion - truth
    place = (difference**2 * weight).sum((1, 2, 3)) / weight.sum((1, 2, 3)).clamp_min(1)
    speed = (difference.diff(dim=1) ** 2 * moving).sum((1, 2, 3))
    return place + VELOCITY_WEIGHT * speed / moving.sum((1, 2, 3)).clamp_min(1)


def flow_loss(motion: Tensor, truth: Tensor, known: Tensor, level: Tensor) -> Tensor:
    """Flow matching with x-prediction: the motion's error over max(1 − t, 0.1)².

    Args:
        motion, truth, known: as for `motion_error`.
        level: N, t, how much of the network's input was motion.
    """
    return (motion_error(motion, truth, known) / (1 - level).clamp_min(0.1) ** 2).mean()


def relativistic_loss(winner: Tensor, loser: Tensor) -> Tensor:
    """Relativistic pairing [Jolicoeur-Martineau 2019]: the winner's logits above the loser's.

    The discriminator minimises it with (real, fake), the generator with (fake, real).
    """
    return functional.softplus(loser - winner).mean()


def gradient_penalty(judge: Callable[[Tensor], Tensor], motions: Tensor) -> Tensor:
    """R1 (on real) or R2 (on generated): E |∇D|² [Mescheder 2018]."""
    motions = motions.detach().requires_grad_(True)
    (gradient,) = torch.autograd.grad(judge(motions).sum(), motions, create_graph=True)
    return (gradient**2).sum((1, 2, 3)).mean()
