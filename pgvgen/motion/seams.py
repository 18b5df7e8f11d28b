"""Where one stretch of a motion can lead over into another without being seen."""

from __future__ import annotations

import numpy as np

_HASTE = 2.0
"""What a way that is faster than usual costs, beside what is unlike: it is seen first."""


def stretches(keypoints: np.ndarray, frames: int) -> np.ndarray:
    """(T − frames + 1)×K×2×frames: every stretch of T×K×2 keypoints that is so long."""
    return np.lib.stride_tricks.sliding_window_view(keypoints, frames, axis=0)


def seam_costs(ends: np.ndarray, begins: np.ndarray, usual: float) -> np.ndarray:
    """…×B×E: how much is to be seen where an ending leads over into a beginning.

    How unlike the two are, and by how much the way from one to the other is faster than usual, px a
    frame each; the latter counts `_HASTE` times.

    Args:
        ends: E×K×2×S, from `stretches`.
        begins: …×B×K×2×S.
        usual: how far joints mostly go from frame to frame, px.
    """
    shared = ends.shape[-1]
    apart = begins[..., :, None, :, :, :] - ends
    over = ends + apart * (np.arange(shared) + 1) / (shared + 1)
    fastest = steps(np.moveaxis(over, -1, 0)).max(0)
    unlike = np.linalg.norm(apart, axis=-2).mean(axis=(-2, -1)) / shared
    return np.asarray(unlike + _HASTE * np.maximum(fastest - usual, 0))


def steps(keypoints: np.ndarray) -> np.ndarray:
    """(T−1)×…: how far joints go from frame to frame on average, of T×…×K×2."""
    return np.asarray(np.linalg.norm(np.diff(keypoints, axis=0), axis=-1).mean(-1))
