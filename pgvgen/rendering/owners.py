"""Whose the pixels in and near a person are: with what part what lies around it goes."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.layers import Layers
from pgvgen.rendering.matting import push_pull
from pgvgen.sizes import size_within


def part_owners(layers: Layers, longest: int) -> np.ndarray:
    """Which part a pixel in or near the person belongs to: h×w×P float32, sum 1.

    Args:
        layers: the photo taken apart.
        longest: the longer side of the result in px, at most; the photo's shape is kept.
    """
    import cv2

    size = size_within(layers.matte.shape[::-1], longest)
    shares = np.dstack(
        [cv2.resize(part[..., 3], size, interpolation=cv2.INTER_AREA) for part in layers.parts]
    )
    shares = shares.astype(np.float32) / 255
    total = shares.sum(-1)
    shares /= np.maximum(total, 1e-3)[..., None]
    known = np.minimum(total, 1)
    triples = [push_pull(shares[..., i : i + 3], known) for i in range(0, shares.shape[-1], 3)]
    return np.concatenate(triples, -1)
