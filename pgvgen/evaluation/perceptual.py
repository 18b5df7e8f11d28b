"""How alike two pictures look to a network: LPIPS where it can be had, EfficientNet-Lite0."""

from __future__ import annotations

import warnings

import numpy as np
import torch
from torch import nn

from pgvgen.errors import WeightsError
from pgvgen.nn.efficientnet import EfficientNetLite0, feature_distance
from pgvgen.rendering.transport import as_tensor


def load_efficientnet(device: torch.device) -> EfficientNetLite0 | None:
    """The backbone, or None where its package is not installed."""
    try:
        return EfficientNetLite0.load().to(device)
    except WeightsError:
        return None


def load_lpips(device: torch.device) -> nn.Module | None:
    """LPIPS [40] on AlexNet, of the package `lpips`; None where it cannot be had.

    Its backbone is not in the package: torchvision downloads it the first time.
    """
    try:
        from lpips import LPIPS

        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # it calls torchvision by old names
            net: nn.Module = LPIPS(net="alex", verbose=False)
        return net.to(device).eval()
    except Exception:  # not installed, no network, half a download: each raises its own kind
        return None


@torch.no_grad()
def efficientnet_distance(
    backbone: EfficientNetLite0, picture: np.ndarray, reference: np.ndarray
) -> float:
    """Squared distance of unit-normalised ImageNet features, ≥ 0; LPIPS's formula without its
    learned weights, on another backbone, so not called LPIPS.

    Args:
        backbone: on any device.
        picture, reference: H×W×3 uint8 of one size.
    """
    device = backbone.stem.weight.device
    first, second = (backbone(as_tensor(p)[None].to(device)) for p in (picture, reference))
    return float(feature_distance(first, second))


@torch.no_grad()
def lpips_distance(net: nn.Module, picture: np.ndarray, reference: np.ndarray) -> float:
    """LPIPS [40] of two H×W×3 uint8 pictures of one size, ≥ 0.

    Args:
        net: two N×3×H×W in [−1, 1] → N distances; what `load_lpips` gives.
        picture, reference: to be compared.
    """
    device = next((p.device for p in net.parameters()), torch.device("cpu"))
    first, second = (as_tensor(p)[None].to(device) for p in (picture, reference))
    return float(net(first, second))
