"""From noise to a motion: the few steps of flow matching, or one adversarially trained pass."""

from __future__ import annotations

import torch
from torch import Tensor

from pgvgen.motion.keypoint import KeypointGenerator


def sample(
    network: KeypointGenerator,
    noise: Tensor,
    motion: Tensor,
    given: Tensor,
    start: Tensor,
    present: Tensor,
    label: Tensor,
    strength: Tensor,
    *,
    steps: int = 1,
    guidance: Tensor | None = None,
) -> Tensor:
    """Motions of T frames; differentiable, so that one step of it is the adversarial generator.

    Args:
        network: predicts the motion from a mixture of motion and noise.
        noise: N×T×K×2, standard normal.
        motion: N×T×K×2, of which only the given frames are looked at.
        given: N×T, 1 for frames that the motion shall have as they are: the first at least.
        start: N×K×2, the start pose in its own coordinates.
        present: N×K, 0 for a keypoint that the start pose lacks.
        label: N, indices.
        strength: N in [0, 1].
        steps: passes, spaced evenly from noise to motion (Euler).
        guidance: N; 1 takes the labelled answer, as None does, more goes beyond it, away from the
            unlabelled one.

    Returns:
        N×T×K×2, with the given frames.
    """
    fixed = given[..., None, None] > 0
    nobody = torch.full_like(label, network.labels)
    x = torch.where(fixed, motion, noise)
    for step in range(steps):
        level = torch.full_like(noise[:, 0, 0, 0], step / steps)
        answer = network(x, given, start, present, label, strength, level)
        if guidance is not None:
            plain = network(x, given, start, present, nobody, strength, level)
            answer = plain + guidance[:, None, None, None] * (answer - plain)
        x = torch.where(fixed, motion, x + (answer - x) / (steps - step))
    return x
