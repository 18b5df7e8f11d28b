"""From noise to a motion: the few steps of flow matching, or one adversarially trained pass."""

from __future__ import annotations

import torch
from torch import Tensor

from pgvgen.motion.keypoint import KeypointGenerator


def sample(
    network: KeypointGenerator,
    noise: Tensor,
    prefix: Tensor,
    start: Tensor,
    present: Tensor,
    label: Tensor,
    *,
    steps: int = 1,
    guidance: float = 1.0,
) -> Tensor:
    """Motions of T frames; differentiable, so that one step of it is the adversarial generator.

    Args:
        network: predicts the motion from a mixture of motion and noise.
        noise: N×T×K×2, standard normal.
        prefix: N×P×K×2, P ≥ 1: the motion's first frames, which are given; 0 for the first.
        start: N×K×2, the start pose in its own coordinates.
        present: N×K, 0 for a keypoint that the start pose lacks.
        label: N, indices.
        steps: passes, spaced evenly from noise to motion (Euler).
        guidance: 1 takes the labelled answer, more goes beyond it, away from the unlabelled one.

    Returns:
        N×T×K×2, beginning with the prefix.
    """
    given = torch.zeros(noise.shape[:2], device=noise.device, dtype=noise.dtype)
    given[:, : prefix.shape[1]] = 1
    nobody = torch.full_like(label, network.labels)
    x = motion = _begin(noise, prefix)
    for step in range(steps):
        level = torch.full_like(noise[:, 0, 0, 0], step / steps)
        motion = network(x, given, start, present, label, level)
        if guidance != 1:
            plain = network(x, given, start, present, nobody, level)
            motion = plain + guidance * (motion - plain)
        motion = _begin(motion, prefix)
        x = x + (motion - x) / (steps - step)
    return motion


def _begin(motion: Tensor, prefix: Tensor) -> Tensor:
    """The motion with its first frames replaced by the given ones."""
    return torch.cat([prefix, motion[:, prefix.shape[1] :]], dim=1)
