"""FID, diversity and multimodality where the answer is known in closed form."""

from __future__ import annotations

import numpy as np
import pytest
import torch
from scipy import linalg

from pgvgen.evaluation.distribution_metrics import (
    diversity,
    frechet_distance,
    multimodality,
)


def whitened(count: int, width: int) -> torch.Tensor:
    """Features with mean 0 and covariance 1, exactly."""
    drawn = torch.randn(count, width, generator=torch.Generator().manual_seed(0)).double()
    drawn -= drawn.mean(0)
    return drawn @ torch.linalg.inv(torch.linalg.cholesky(drawn.T.cov())).T


def test_fid_of_two_gaussians() -> None:
    unit = whitened(50, 4)
    shift, scale = torch.tensor([1.0, -2.0, 0.0, 0.5]), torch.tensor([2.0, 0.5, 1.0, 3.0])
    # |μ₁ − μ₂|² + Σ (σ₁ − σ₂)² where the covariances are diagonal
    expected = (shift**2).sum() + ((scale - 1) ** 2).sum()
    assert frechet_distance(unit, unit * scale + shift) == pytest.approx(float(expected))
    assert frechet_distance(unit, unit) == pytest.approx(0, abs=1e-6)


def test_fid_is_scipys_matrix_root() -> None:
    rng = torch.Generator().manual_seed(1)
    first = torch.randn(40, 5, generator=rng).double() @ torch.randn(5, 5, generator=rng).double()
    second = torch.randn(30, 5, generator=rng).double() @ torch.randn(5, 5, generator=rng).double()
    one, two = np.cov(first.numpy(), rowvar=False), np.cov(second.numpy(), rowvar=False)
    root = linalg.sqrtm(one @ two).real
    apart = ((first.mean(0) - second.mean(0)) ** 2).sum()
    expected = float(apart) + np.trace(one + two - 2 * root)
    assert frechet_distance(first, second) == pytest.approx(expected)


def test_fid_of_fewer_samples_than_features_is_a_number() -> None:
    features = torch.randn(3, 8, generator=torch.Generator().manual_seed(2))
    assert frechet_distance(features, features + 1) == pytest.approx(8, rel=1e-4)
    assert frechet_distance(features, torch.zeros(3, 8)) > 0


def test_diversity_and_multimodality_of_points_that_are_known() -> None:
    label = torch.tensor([0, 0, 1, 1])
    apart = torch.tensor([[0.0], [0.0], [10.0], [10.0]])
    # All motions of a class are alike, and two of all are of different classes half of the time.
    assert multimodality(apart, label, np.random.default_rng(0)) == 0
    assert diversity(apart, np.random.default_rng(0)) == pytest.approx(5, abs=1)
    within = torch.tensor([[0.0], [4.0], [0.0], [4.0]])
    assert multimodality(within, label, np.random.default_rng(0)) == pytest.approx(2, abs=0.6)
    again = [diversity(apart, np.random.default_rng(3)) for _ in range(2)]
    assert again[0] == again[1]
