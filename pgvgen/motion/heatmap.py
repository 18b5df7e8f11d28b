"""The paper's generator: one start pose and a label to T poses, all as heatmaps (Fig. 2)."""

from __future__ import annotations

import torch
from torch import Tensor, nn

from pgvgen.nn import ConvGRU, ConvLSTM, ResidualBlock


def _encode(channels: int, width: int) -> list[nn.Module]:
    """conv k4 s2 halves H and W; instance norm; ReLU."""
    conv = nn.Conv2d(channels, width, 4, stride=2, padding=1, bias=False)
    return [conv, nn.InstanceNorm2d(width), nn.ReLU()]


def _decode(channels: int, width: int) -> list[nn.Module]:
    """Fractionally-strided spatio-temporal conv k4 s2 doubles T, H and W; instance norm; ReLU."""
    conv = nn.ConvTranspose3d(channels, width, 4, stride=2, padding=1, bias=False)
    return [conv, nn.InstanceNorm3d(width), nn.ReLU()]


class HeatmapGenerator(nn.Module):
    """G(p, a) ⇒ P̂ of Section 3.2, its layers those of Section 3.4 and Fig. 2.

    Time grows from 1 to T by log2(T) doublings while space needs only four, 4 → 64: the first
    decoder layers double time alone. The paper's tanh ends in [−1, 1]; maps live in [0, 1], so
    the answer is (tanh + 1) / 2, and Eq. 3 is computed in [0, 1] as its mask M demands.

    Args:
        keypoints: K maps a pose.
        labels: n, the length of the one-hot label.
        frames: T, a power of two, at least 16.
        recurrent: the module over the T maps: `gru`, `lstm` or `none`.
        base: channels of the first convolution, doubled by each of the four.
        blocks: residual blocks on the joined features.
    """

    def __init__(
        self,
        keypoints: int,
        labels: int,
        *,
        frames: int = 32,
        recurrent: str = "gru",
        base: int = 64,
        blocks: int = 4,
    ) -> None:
        super().__init__()
        doublings = frames.bit_length() - 1
        wide = 8 * base
        self.encoder = nn.Sequential(
            *_encode(keypoints, base),
            *_encode(base, 2 * base),
            *_encode(2 * base, 4 * base),
            *_encode(4 * base, wide),
        )
        # Without a norm: the label is the same everywhere, and a norm would take it away.
        self.join = nn.Sequential(nn.Conv2d(wide + labels, wide, 1), nn.ReLU())
        self.blocks = nn.Sequential(*(ResidualBlock(wide) for _ in range(blocks)))
        self.lengthen = nn.Sequential(
            *(
                nn.Sequential(
                    nn.ConvTranspose3d(wide, wide, (4, 1, 1), (2, 1, 1), (1, 0, 0), bias=False),
                    nn.InstanceNorm3d(wide),
                    nn.ReLU(),
                )
                for _ in range(doublings - 4)
            )
        )
        self.decoder = nn.Sequential(
            *_decode(wide, 4 * base),
            *_decode(4 * base, 2 * base),
            *_decode(2 * base, base),
            nn.ConvTranspose3d(base, keypoints, 4, stride=2, padding=1),
        )
        modules = {"gru": ConvGRU, "lstm": ConvLSTM}
        self.recurrent = modules[recurrent](keypoints) if recurrent != "none" else nn.Identity()
        self.last = nn.Conv3d(keypoints, keypoints, 1)

    def forward(self, pose: Tensor, label: Tensor) -> Tensor:
        """Start pose N×K×64×64 in [0, 1], one-hot label N×n → P̂ N×K×T×64×64 in [0, 1]."""
        x = self.encoder(pose)  # N×8b×4×4
        planes = label[:, :, None, None].expand(-1, -1, *x.shape[2:])  # N×n×4×4
        x = self.blocks(self.join(torch.cat([x, planes], dim=1)))  # N×8b×4×4
        x = self.lengthen(x.unsqueeze(2))  # N×8b×1×4×4 → N×8b×T/16×4×4
        x = self.decoder(x)  # N×K×T×64×64
        return (torch.tanh(self.last(self.recurrent(x))) + 1) / 2
