"""From 0 to 1 without a corner."""

from __future__ import annotations

import numpy as np


def smoothstep(values: np.ndarray) -> np.ndarray:
    """Smoothstep of values clamped to [0, 1]; any shape."""
    values = np.clip(values, 0, 1)
    return values * values * (3 - 2 * values)
