"""One action of any length: segments of the network's own, each continuing the one before it."""

from __future__ import annotations

from dataclasses import dataclass

import torch
from torch import Tensor

from pgvgen.motion.coordinates import BodyFrame, body_frame
from pgvgen.motion.psgan import PSGAN
from pgvgen.poses.sequence import SEEN, PoseSequence

SHARED = 4
"""Frames that a segment shares with the one before it."""


@dataclass(frozen=True, eq=False)
class Writer:
    """A network that writes what one person does, at its own rate.

    Attributes:
        psgan: the network.
        start: the pose that every action begins with, T = 1.
        strength: 0 to 1, how energetic.
        rng: where variety comes from: two actions in a row differ.
    """

    psgan: PSGAN
    start: PoseSequence
    strength: float
    rng: torch.Generator

    @torch.no_grad()
    def write(self, label: str, frames: int) -> PoseSequence:
        """`frames` poses of an action that begins with the start pose."""
        device = next(self.psgan.parameters()).device
        sure = torch.tensor(self.start.confidence, device=device)  # 1×K
        present = (sure >= SEEN).to(sure)
        keypoints = torch.tensor(self.start.keypoints, device=device)[:, None]  # 1×1×K×2
        confidence = (sure * present)[:, None]
        height = body_frame(keypoints[:, 0], present).height
        action = torch.tensor([self.psgan.config.labels.index(label)], device=device)
        strength = torch.full_like(height, self.strength)
        while keypoints.shape[1] < frames:
            history = keypoints[:, -SHARED:]
            frame = BodyFrame(body_frame(history[:, 0], present).centre, height)
            placed = frame.normalise(history)
            motion = self.psgan(
                placed[:, 0], present, action, strength=strength, rng=self.rng, history=placed
            )
            keypoints, confidence = _append(
                keypoints,
                confidence,
                frame.place(motion.keypoints),
                motion.confidence,
                history.shape[1],
            )
        return self.start.replace(
            keypoints=keypoints[0, :frames].cpu().numpy(),
            confidence=confidence[0, :frames].cpu().numpy(),
            fps=self.psgan.config.fps,
        )


def _append(
    keypoints: Tensor, confidence: Tensor, more: Tensor, sure: Tensor, shared: int
) -> tuple[Tensor, Tensor]:
    """Join a segment whose first `shared` frames are the last ones of what is there.

    A generator that continues a motion repeats them exactly; where it does not (the paper's sees
    one pose only), the difference fades out over the segment's next frames.
    """
    gap = keypoints[:, -1:] - more[:, shared - 1 : shared]
    there = (confidence[:, -1:] > 0) & (sure[:, shared - 1 : shared] > 0)
    new = more[:, shared:]
    fade = torch.linspace(1, 0, new.shape[1] // 2 + 2, device=new.device)[1:-1].square()
    fade = torch.cat([fade, fade.new_zeros(new.shape[1] - len(fade))])[None, :, None, None]
    new = new + fade * torch.where(there[..., None], gap, torch.zeros_like(gap))
    return torch.cat([keypoints, new], dim=1), torch.cat([confidence, sure[:, shared:]], dim=1)
