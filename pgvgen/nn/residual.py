"""The residual block [33] that both generators use on their joined features."""

from __future__ import annotations

from torch import Tensor, nn

from pgvgen.nn._dimensions import CONVOLUTIONS, instance_norm


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))), 3-wide, instance-normed: shapes in and out are the same.

    Args:
        channels: C of the N×C×H×W (or N×C×T×H×W) features.
        dimensions: 2 for pictures, 3 for volumes.
        norm: False leaves instance norm out, where the features' mean carries a colour.
    """

    def __init__(self, channels: int, *, dimensions: int = 2, norm: bool = True) -> None:
        super().__init__()
        conv = CONVOLUTIONS[dimensions]
        self.body = nn.Sequential(
            conv(channels, channels, 3, padding=1, bias=not norm),
            instance_norm(channels, dimensions, use=norm),
            nn.ReLU(inplace=True),
            conv(channels, channels, 3, padding=1, bias=not norm),
            instance_norm(channels, dimensions, use=norm),
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×… → the same shape."""
        return x + self.body(x)
