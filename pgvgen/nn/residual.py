"""The residual block [33] that both generators use on their joined features."""

from __future__ import annotations

from torch import Tensor, nn


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))), 3-wide, normed: shapes in and out are the same.

    Args:
        channels: C of the N×C×H×W features.
        norm: instance norm after both convolutions; none where the features' mean carries a colour.
    """

    def __init__(self, channels: int, *, norm: bool = True) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=not norm),
            nn.InstanceNorm2d(channels) if norm else nn.Identity(),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=not norm),
            nn.InstanceNorm2d(channels) if norm else nn.Identity(),
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W → the same shape."""
        return x + self.body(x)
