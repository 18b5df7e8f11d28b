"""How the features of many motions lie beside those of real ones: FID, diversity, multimodality.

As Action2Motion [Guo 2020] defines them, on the features of a classifier of real motions. Closer to
what real motions give is better, not higher.
"""

from __future__ import annotations

import numpy as np
import torch
from torch import Tensor

PAIRS, PAIRS_A_CLASS = 200, 20
"""S_d and S_l of Action2Motion."""


def frechet_distance(first: Tensor, second: Tensor) -> float:
    """FID: the Fréchet distance of two sets of features, N×F and M×F, as Gaussians [Heusel 2017].

    |μ₁ − μ₂|² + tr(Σ₁ + Σ₂ − 2(Σ₁Σ₂)^½). Few samples make it larger: compare sets of one size.
    """
    first, second = first.double(), second.double()
    apart = ((first.mean(0) - second.mean(0)) ** 2).sum()
    cov, other = torch.atleast_2d(first.T.cov()), torch.atleast_2d(second.T.cov())
    values, vectors = torch.linalg.eigh(cov)
    root = vectors * values.clamp_min(0).sqrt() @ vectors.T
    # Σ₁Σ₂ has the eigenvalues of this symmetric matrix, which are real where it is singular, too.
    both = torch.linalg.eigvalsh(root @ other @ root).clamp_min(0).sqrt().sum()
    return max(0.0, float(apart + cov.trace() + other.trace() - 2 * both))


def diversity(features: Tensor, rng: np.random.Generator) -> float:
    """The mean distance of `PAIRS` random pairs of N×F features, over all actions."""
    first, second = rng.integers(len(features), size=(2, PAIRS))
    return float((features[first] - features[second]).norm(dim=1).mean())


def multimodality(features: Tensor, label: Tensor, rng: np.random.Generator) -> float:
    """The mean distance of `PAIRS_A_CLASS` random pairs within each class, over the classes.

    Args:
        features: N×F.
        label: N.
        rng: of the pairs.
    """
    distances = []
    for i in label.unique():
        of = features[label == i]
        first, second = rng.integers(len(of), size=(2, PAIRS_A_CLASS))
        distances.append((of[first] - of[second]).norm(dim=1).mean())
    return float(torch.stack(distances).mean())
