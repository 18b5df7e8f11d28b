"""Who judges keypoint motions: real or generated, given label and start pose."""

from __future__ import annotations

import itertools

import torch
from torch import Tensor, nn
from torch.nn import functional


class MotionDiscriminator(nn.Module):
    """Convolutions over (displacement, 3·velocity, 3·acceleration), with label projection [Miyato].

    Args:
        keypoints: K.
        labels: n.
        width: channels of the first layer.
    """

    def __init__(self, keypoints: int, labels: int, *, width: int = 96) -> None:
        super().__init__()
        wide = (width, width * 3 // 2, 2 * width, 2 * width)
        self.enter = nn.Conv1d(9 * keypoints, width, 3, padding=1)
        self.body = nn.ModuleList(
            nn.Conv1d(a, b, 4, stride=2, padding=1) for a, b in itertools.pairwise(wide)
        )
        self.local = nn.Conv1d(wide[-1], 1, 1)
        self.label = nn.Embedding(labels, wide[-1])

    def forward(self, motion: Tensor, start: Tensor, present: Tensor, label: Tensor) -> Tensor:
        """N×T×K×2, N×K×2, N×K, N → logits N×T/8."""
        velocity = functional.pad(motion.diff(dim=1), (0, 0, 0, 0, 1, 0))
        acceleration = functional.pad(velocity.diff(dim=1), (0, 0, 0, 0, 1, 0))
        pose = (start * present[..., None])[:, None].expand_as(motion)
        seen = present[:, None, :, None].expand(*motion.shape[:3], 1)
        features = torch.cat([motion, 3 * velocity, 3 * acceleration], dim=-1) * seen
        joined = torch.cat([features, pose, seen], dim=-1).flatten(2).transpose(1, 2)
        h = functional.leaky_relu(self.enter(joined), 0.2)
        for conv in self.body:
            h = functional.leaky_relu(conv(h), 0.2)  # T → T/2 → T/4 → T/8
        projection = (h * self.label(label)[..., None]).sum(1) / h.shape[1] ** 0.5
        return self.local(h)[:, 0] + projection
