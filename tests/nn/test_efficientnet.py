"""The ImageNet backbone from PyPI, against the network it was published with."""

import pytest
import torch

from pgvgen.nn.efficientnet import EfficientNetLite0, feature_distance


@pytest.fixture(scope="module")
def backbone() -> EfficientNetLite0:
    return EfficientNetLite0.load()


def example() -> torch.Tensor:
    axis = torch.linspace(-1, 1, 64)
    across, down = axis.expand(64, 64), axis[:, None].expand(64, 64)
    return torch.stack([across, down, torch.sin(9 * across * down)])[None]


def test_features_are_the_reference_networks(backbone: EfficientNetLite0) -> None:
    """Mean, spread and one value of each, as `efficientnet-lite-pytorch` 0.1.0 computes them."""
    reference = (
        ((1, 16, 32, 32), -0.477407, 7.246740, 8.163825),
        ((1, 24, 16, 16), 0.973244, 9.875627, 5.818522),
        ((1, 40, 8, 8), -0.117024, 9.556211, -19.042414),
        ((1, 112, 4, 4), 0.101685, 6.416489, 5.350526),
    )
    for found, (shape, mean, spread, value) in zip(backbone(example()), reference, strict=True):
        assert found.shape == shape
        assert found.mean().item() == pytest.approx(mean, abs=2e-4)
        assert found.std().item() == pytest.approx(spread, rel=1e-4)
        assert found[0, 3, 2, 1].item() == pytest.approx(value, abs=1e-3)


def test_the_distance_grows_with_the_damage(backbone: EfficientNetLite0) -> None:
    picture = example()
    noise = torch.randn(picture.shape, generator=torch.Generator().manual_seed(0))
    of = [backbone(picture + share * noise) for share in (0.0, 0.05, 0.3)]
    same, little, much = (float(feature_distance(of[0], other)) for other in of)
    assert same == 0
    assert 0 < little < much


def test_it_is_frozen_and_lets_gradients_through(backbone: EfficientNetLite0) -> None:
    assert not list(backbone.parameters())
    picture = example().requires_grad_()
    feature_distance(backbone(picture), backbone(example() * 0.5)).sum().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
