"""Copying a photo's own pixels by shifts that were found at a reduced size."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.boxes import box_of

_IN_HOLE = np.float32(0.25)
"""What a shift that leads into what is foreign counts, another counts 255: the last resort."""


def copy_shifted(
    picture: np.ndarray, hole: np.ndarray, foreign: np.ndarray, sources: np.ndarray
) -> np.ndarray:
    """The picture with its hole filled from where the sources say: H×W×3 uint8.

    A pixel is the mean of what the four nearest shifts say, but for those that lead into what is
    foreign.

    Args:
        picture: H×W×3 uint8.
        hole: H×W bool.
        foreign: H×W bool, what is not copied, the hole too.
        sources: h×w×2 int, (row, column) that a pixel of the reduced size is copied from.
    """
    import cv2

    box = box_of(hole)
    if box is None:
        return picture
    scale = np.array(hole.shape) / sources.shape[:2]
    shifts = (sources - np.indices(sources.shape[:2]).transpose(1, 2, 0)) * scale
    shift_y, shift_x = np.moveaxis(shifts.astype(np.float32), -1, 0)
    y, x = (np.arange(side.start, side.stop, dtype=np.float32) for side in box)
    rows, columns = (_nearest(y, scale[0], shifts.shape[0]), _nearest(x, scale[1], shifts.shape[1]))
    known = np.dstack([picture, np.uint8(255) * ~foreign])
    mixed: np.ndarray = np.zeros((len(y), len(x), 4), np.uint8)
    share = np.zeros((len(y), len(x)), np.float32)
    for row, row_weight in rows:
        for column, column_weight in columns:
            map_x = shift_x.take(row, 0).take(column, 1) + x
            map_y = shift_y.take(row, 0).take(column, 1) + y[:, None]
            copied = cv2.remap(known, map_x, map_y, cv2.INTER_NEAREST, None, cv2.BORDER_REPLICATE)
            weight = np.outer(row_weight, column_weight)
            weight *= np.maximum(cv2.extractChannel(copied, 3), _IN_HOLE)
            mixed = cv2.blendLinear(mixed, copied, share, weight)
            share += weight
    out = picture.copy()
    cv2.copyTo(cv2.cvtColor(mixed, cv2.COLOR_RGBA2RGB), hole[box].astype(np.uint8), out[box])
    return out


def _nearest(
    places: np.ndarray, scale: float, count: int
) -> tuple[tuple[np.ndarray, np.ndarray], tuple[np.ndarray, np.ndarray]]:
    """The two of a coarse axis's places that are nearest to each fine one, and their weights."""
    at = (places + 0.5) / np.float32(scale) - 0.5
    base = np.floor(at)
    part = at - base
    low, high = (np.clip(base.astype(int) + step, 0, count - 1) for step in (0, 1))
    return (low, 1 - part), (high, part)
