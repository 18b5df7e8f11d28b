"""LPIPS is the package's or is not there; EfficientNet-Lite0's distance is the net's own."""

from __future__ import annotations

import sys
from types import SimpleNamespace
from urllib.error import URLError

import cv2
import numpy as np
import pytest
import torch
from skimage import data
from torch import Tensor, nn

from pgvgen.evaluation.perceptual import (
    efficientnet_distance,
    load_efficientnet,
    load_lpips,
    lpips_distance,
)

CPU = torch.device("cpu")
PHOTO = cv2.resize(data.astronaut(), (128, 128), interpolation=cv2.INTER_AREA)
DARKER = (PHOTO * 0.8).astype(np.uint8)


class MeanDifference(nn.Module):
    """Called as `lpips.LPIPS` is, and easily told what it should answer."""

    def __init__(self, net: str, verbose: bool) -> None:
        super().__init__()
        assert net == "alex"
        assert not verbose  # it would talk on stdout

    def forward(self, first: Tensor, second: Tensor) -> Tensor:
        assert first.shape == second.shape == (1, 3, 128, 128)
        return (first - second).abs().mean((1, 2, 3), keepdim=True)


def test_lpips_is_asked_for_pictures_in_its_own_range(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "lpips", SimpleNamespace(LPIPS=MeanDifference))
    net = load_lpips(CPU)
    assert net is not None
    assert not net.training
    expected = np.abs(PHOTO.astype(float) - DARKER).mean() * 2 / 255
    assert lpips_distance(net, PHOTO, DARKER) == pytest.approx(expected, rel=1e-4)
    assert lpips_distance(net, PHOTO, PHOTO) == 0


def _no_network(net: str, verbose: bool) -> nn.Module:
    raise URLError("no network")


@pytest.mark.parametrize("package", [None, SimpleNamespace(LPIPS=_no_network)])
def test_lpips_that_cannot_be_had_is_none(monkeypatch: pytest.MonkeyPatch, package: object) -> None:
    monkeypatch.setitem(sys.modules, "lpips", package)
    assert load_lpips(CPU) is None


def test_efficientnets_distance_tells_how_much_was_done() -> None:
    backbone = load_efficientnet(CPU)
    assert backbone is not None
    blurred = [cv2.GaussianBlur(PHOTO, (0, 0), sigma) for sigma in (1, 2, 4)]
    distances = [efficientnet_distance(backbone, picture, PHOTO) for picture in blurred]
    assert efficientnet_distance(backbone, PHOTO, PHOTO) == 0
    assert distances == sorted(distances)
    assert distances[0] > 0.1
    # Both pictures alike count, and what is far from the change does not.
    assert distances[1] == pytest.approx(efficientnet_distance(backbone, PHOTO, blurred[1]))
