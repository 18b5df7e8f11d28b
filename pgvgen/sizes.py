"""Pictures made larger or smaller: their sizes, and where in them things come to lie."""

from __future__ import annotations

import numpy as np

Size = tuple[int, int]
"""(width, height) in px."""


def size_within(size: Size, longest: int) -> Size:
    """A picture's size with the longer side at most `longest` px, in the same proportions."""
    width, height = size
    scale = min(1.0, longest / max(size))
    return max(1, round(width * scale)), max(1, round(height * scale))


def rescaled(points: np.ndarray, before: Size, after: Size) -> np.ndarray:
    """Places (…×2 px, a pixel's middle at whole numbers) in a picture that was made larger or
    smaller."""
    scale = np.divide(after, before, dtype=np.float32)
    return np.asarray((np.asarray(points) + 0.5) * scale - 0.5, np.float32)
