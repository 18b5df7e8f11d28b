"""The residual block [33] that both generators use on their joined features."""

from __future__ import annotations

from torch import Tensor, nn

from pgvgen.nn._dimensions import Norm, norm_of


class ResidualBlock(nn.Module):
    """x + conv(relu(conv(x))), 3-wide, normed: shapes in and out are the same.

    Args:
        channels: C of the N×C×H×W features.
        norm: of both convolutions; `none` where the features' mean carries a colour.
    """

    def __init__(self, channels: int, *, norm: Norm = "instance") -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(channels, channels, 3, padding=1, bias=norm == "none"),
            norm_of(norm, channels, 2),
            nn.ReLU(inplace=True),
            nn.Conv2d(channels, channels, 3, padding=1, bias=norm == "none"),
            norm_of(norm, channels, 2),
        )

    def forward(self, x: Tensor) -> Tensor:
        """N×C×H×W → the same shape."""
        return x + self.body(x)
