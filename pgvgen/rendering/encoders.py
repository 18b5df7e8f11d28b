"""The encoders that both generators share (Fig. 4): one of the photo, two of the poses."""

from __future__ import annotations

from copy import deepcopy
from typing import Literal

from torch import Tensor, nn
from torch.nn.functional import interpolate

from pgvgen.nn import ResidualBlock

Stream = Literal["predicted", "true"]
"""Which pose encoder a pose goes through: P̂ of PSGAN (G1, Eq. 4) or P of the data (G2, Eq. 5)."""


def halve(channels: int, width: int, *, norm: bool = True) -> nn.Sequential:
    """A convolution k4 s2, instance norm (or none) and ReLU: N×C×H×W → N×width×H/2×W/2."""
    return nn.Sequential(
        nn.Conv2d(channels, width, 4, stride=2, padding=1, bias=not norm),
        nn.InstanceNorm2d(width) if norm else nn.Identity(),
        nn.ReLU(inplace=True),
    )


def double(channels: int, width: int, *, norm: bool = True) -> nn.Sequential:
    """Interpolation, a convolution, norm and ReLU: N×C×H×W → N×width×2H×2W (Section 3.4)."""
    return nn.Sequential(
        nn.Upsample(scale_factor=2, mode="nearest"),
        nn.Conv2d(channels, width, 3, padding=1, bias=not norm),
        nn.InstanceNorm2d(width) if norm else nn.Identity(),
        nn.ReLU(inplace=True),
    )


def encoder(channels: int, width: int, layers: int = 4, *, norm: bool = True) -> nn.Sequential:
    """Convolutions k4 s2 whose width doubles: N×C×128×128 → N×8·width×8×8 for four layers."""
    widths = [channels] + [width * 2**i for i in range(layers)]
    return nn.Sequential(*(halve(widths[i], widths[i + 1], norm=norm) for i in range(layers)))


class PoseEncoders(nn.Module):
    """Two pose encoders that share their last convolution (the yellow block of Fig. 4).

    The shared layer makes the predicted and the true pose meet in one feature space: that is the
    semantic consistency of Section 3.3.

    Args:
        keypoints: K heatmaps a pose.
        width: channels of the first layer.
        size: the frame's edge in px; heatmaps are drawn up to it, so that pose and picture
            features have the same places after four halvings.
        shared: False gives each its own last convolution, to see what sharing is worth.
    """

    def __init__(
        self, keypoints: int, width: int, size: int, *, norm: bool = True, shared: bool = True
    ) -> None:
        super().__init__()
        self.size = size
        last = 3 if shared else 4
        self.predicted = encoder(keypoints, width, last, norm=norm)
        self.true = encoder(keypoints, width, last, norm=norm)
        self.shared = halve(4 * width, 8 * width, norm=norm) if shared else nn.Identity()

    def part(self) -> None:
        """Give each encoder a last convolution of its own, as the shared one is until now."""
        for own in (self.predicted, self.true):
            own.append(deepcopy(self.shared))
        self.shared = nn.Identity()

    def forward(self, heatmaps: Tensor, stream: Stream) -> Tensor:
        """N×K×64×64 in [0, 1] → N×8·width×8×8."""
        heatmaps = interpolate(heatmaps, (self.size, self.size), mode="bilinear")
        own = self.predicted if stream == "predicted" else self.true
        return self.shared(own(heatmaps))


def residual_blocks(channels: int, count: int, *, norm: bool = True) -> nn.Sequential:
    """The residual blocks that encode the joined features together."""
    return nn.Sequential(*(ResidualBlock(channels, norm=norm) for _ in range(count)))
