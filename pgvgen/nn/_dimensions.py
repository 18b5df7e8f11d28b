"""The layers of 2-D pictures and of 3-D (time × height × width) volumes, by their dimension."""

from __future__ import annotations

from typing import Literal

from torch import nn

CONVOLUTIONS: dict[int, type[nn.Conv2d] | type[nn.Conv3d]] = {2: nn.Conv2d, 3: nn.Conv3d}
_INSTANCE_NORMS: dict[int, type[nn.Module]] = {2: nn.InstanceNorm2d, 3: nn.InstanceNorm3d}

Norm = Literal["instance", "none"]
"""What is brought to mean 0 and variance 1: each map on its own, or nothing."""


def norm_of(kind: Norm, channels: int, dimensions: int) -> nn.Module:
    """A norm of N×C×H×W (2) or N×C×T×H×W (3), without learned scale as pix2pix has it."""
    return _INSTANCE_NORMS[dimensions](channels) if kind == "instance" else nn.Identity()
