"""The generator in keypoint space: a small U-Net over time that writes T poses as coordinates.

One network serves two objectives. Trained adversarially it makes a motion in one pass from noise
(`keypoint`); trained by flow matching it refines noise in a few passes (`flow`).
"""

from __future__ import annotations

import math

import torch
from torch import Tensor, nn
from torch.nn import functional

STEP = 0.25
"""Displacements are divided by this many body heights, which brings them near unit variance."""


class _Block(nn.Module):
    """A residual block over time, told label, start pose and noise level by scale and shift."""

    def __init__(self, channels: int, out: int, condition: int) -> None:
        super().__init__()
        self.norm = nn.GroupNorm(8, channels)
        self.film = nn.Linear(condition, 2 * channels)
        self.first = nn.Conv1d(channels, out, 3, padding=1)
        self.second = nn.Conv1d(out, out, 3, padding=1)
        self.skip = nn.Conv1d(channels, out, 1) if channels != out else nn.Identity()
        nn.init.zeros_(self.second.weight)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        """N×C×T, N×D → N×C'×T."""
        scale, shift = self.film(condition)[..., None].chunk(2, dim=1)
        y = functional.silu(self.norm(x) * (1 + scale) + shift)
        return self.skip(x) + self.second(functional.silu(self.first(y)))


class KeypointGenerator(nn.Module):
    """Noise or a noisy motion, start pose, label and strength → the motion.

    A motion is the displacement of every keypoint from its place in the start pose, in body
    heights over `STEP`; the start pose is in its own coordinates (`BodyFrame.normalise`).

    Args:
        keypoints: K.
        labels: n; one more index, n itself, stands for no label (guidance).
        frames: T, a multiple of 4.
        width: channels at full time resolution; 1.5 and 2 times that at half and quarter.
        recurrent: the module over the T poses' features: `gru`, `lstm` or `none`.
    """

    def __init__(
        self,
        keypoints: int,
        labels: int,
        *,
        frames: int = 32,
        width: int = 96,
        recurrent: str = "none",
    ) -> None:
        super().__init__()
        self.labels = labels
        condition = 2 * width
        wide = (width, width * 3 // 2, 2 * width)
        self.label = nn.Embedding(labels + 1, condition)
        self.pose = nn.Sequential(
            nn.Linear(3 * keypoints, condition), nn.SiLU(), nn.Linear(condition, condition)
        )
        self.level = nn.Sequential(nn.Linear(32, condition), nn.SiLU())
        # A line, not waves: by waves it would know every take by its rank.
        self.strength = nn.Linear(1, condition)
        self.mix = nn.Sequential(nn.SiLU(), nn.Linear(condition, condition), nn.SiLU())
        self.enter = nn.Conv1d(2 * keypoints + 1, width, 3, padding=1)
        self.when = nn.Parameter(0.1 * torch.randn(1, width, frames))
        self.down = nn.ModuleList(
            nn.ModuleList([_Block(a, b, condition), _Block(b, b, condition)])
            for a, b in zip((width, *wide), wide, strict=False)
        )
        self.middle = nn.ModuleList([_Block(wide[2], wide[2], condition) for _ in range(2)])
        self.up = nn.ModuleList(
            nn.ModuleList([_Block(a + b, b, condition), _Block(b, b, condition)])
            for a, b in ((wide[2], wide[1]), (wide[1], wide[0]))
        )
        modules = {"gru": nn.GRU, "lstm": nn.LSTM}
        self.recurrent = (
            modules[recurrent](width, width, batch_first=True) if recurrent != "none" else None
        )
        self.leave = nn.Conv1d(width, 2 * keypoints, 3, padding=1)

    def forward(
        self,
        x: Tensor,
        given: Tensor,
        start: Tensor,
        present: Tensor,
        label: Tensor,
        strength: Tensor,
        level: Tensor,
    ) -> Tensor:
        """One pass.

        Args:
            x: N×T×K×2, noise at level 0, the motion itself at level 1 and where it is given.
            given: N×T, 1 for frames of x that are the motion itself at any level: the first frame,
                and more where a motion is to be continued.
            start: N×K×2, the start pose in its own coordinates.
            present: N×K in [0, 1], 0 for a keypoint that the start pose lacks.
            label: N, indices; `labels` for none.
            strength: N in [0, 1], how energetic among the takes of its action.
            level: N, how much of x is motion already, 0 to 1.

        Returns:
            N×T×K×2, the motion; 0 for lacking keypoints.
        """
        known = present[:, None, :, None]  # N×1×K×1
        pose = torch.cat([start * present[..., None], present[..., None]], dim=-1).flatten(1)
        told = self.label(label) + self.strength(2 * strength[:, None] - 1)
        condition = self.mix(told + self.pose(pose) + self.level(_waves(level)))
        frames = torch.cat([(x * known).flatten(2), given[..., None]], dim=2)  # N×T×(2K+1)
        h = self.enter(frames.transpose(1, 2)) + self.when  # N×w×T
        skips: list[Tensor] = []
        for depth, blocks in enumerate(self.down):
            h = functional.avg_pool1d(h, 2) if depth else h  # T → T/2 → T/4
            for block in blocks:  # type: ignore[attr-defined]
                h = block(h, condition)
            skips.append(h)
        for block in self.middle:
            h = block(h, condition)
        for blocks, skip in zip(self.up, reversed(skips[:-1]), strict=True):
            h = torch.cat([functional.interpolate(h, scale_factor=2.0), skip], dim=1)
            for block in blocks:  # type: ignore[attr-defined]
                h = block(h, condition)
        if self.recurrent is not None:
            h = h + self.recurrent(h.transpose(1, 2))[0].transpose(1, 2)
        y = self.leave(functional.silu(h)).transpose(1, 2)  # N×T×2K
        return y.reshape(x.shape) * known


def _waves(level: Tensor) -> Tensor:
    """N levels in [0, 1] → N×32 sines and cosines."""
    turns = level[:, None] * math.pi * 2.0 ** torch.linspace(-1, 6, 16, device=level.device)
    return torch.cat([turns.sin(), turns.cos()], dim=1)
