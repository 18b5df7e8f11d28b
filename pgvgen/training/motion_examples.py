"""Windows of poses in the coordinates that stage one's networks see."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pgvgen.motion.coordinates import body_frame
from pgvgen.motion.keypoint import STEP
from pgvgen.training.stage import Batch


@dataclass(frozen=True, eq=False)
class Example:
    """Windows in the networks' own coordinates (see `KeypointGenerator`)."""

    start: Tensor  # N×K×2
    present: Tensor  # N×K
    motion: Tensor  # N×T×K×2, displacement over STEP; where not known, as it last was
    known: Tensor  # N×T×K
    label: Tensor  # N
    strength: Tensor  # N in [0, 1], how energetic among the takes of its action
    given: Tensor  # N×T, 1 for the first frames, which the generator may see


def example(batch: Batch) -> Example:
    """A batch of windows in px → in the start poses' own coordinates."""
    keypoints, known = batch["keypoints"], batch["known"]
    present = known[:, 0]
    placed = body_frame(keypoints[:, 0], present).normalise(keypoints)
    motion = ((placed - placed[:, :1]) / STEP).clamp(-12, 12)
    frames = [torch.zeros_like(motion[:, 0])]
    for t in range(1, motion.shape[1]):
        frames.append(torch.where(known[:, t, :, None] > 0, motion[:, t], frames[-1]))
    known = known * present[:, None]
    given = torch.arange(motion.shape[1], device=motion.device) < batch["given"][:, None]
    return Example(
        placed[:, 0] * present[..., None],
        present,
        torch.stack(frames, dim=1) * present[:, None, :, None],
        known,
        batch["label"],
        batch["strength"],
        given.to(motion),
    )
