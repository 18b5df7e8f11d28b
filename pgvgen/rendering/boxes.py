"""Boxes of pixels: where a layer has anything, and where that goes when it is moved."""

from __future__ import annotations

import numpy as np

Box = tuple[slice, slice]
"""Rows and columns of a picture."""


def box_of(where: np.ndarray, margin: int = 0) -> Box | None:
    """The smallest box around what is not zero, grown by a margin; None if everything is.

    Args:
        where: H×W, bool or numbers.
        margin: in px; the box stays inside the picture.
    """
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    if not len(rows):
        return None
    return (
        slice(max(0, int(rows[0]) - margin), min(where.shape[0], int(rows[-1]) + margin + 1)),
        slice(max(0, int(columns[0]) - margin), min(where.shape[1], int(columns[-1]) + margin + 1)),
    )


def moved_box(
    box: Box | None, transform: np.ndarray, shape: tuple[int, ...], margin: float
) -> Box | None:
    """The box of the picture into which a source box moves; None where it leaves the picture."""
    if box is None:
        return None
    rows, columns = box
    corners = np.array(
        [[x, y] for x in (columns.start, columns.stop) for y in (rows.start, rows.stop)]
    )
    linear = transform[:, :2].astype(float)
    if abs(np.linalg.det(linear)) < 1e-6:
        return None
    at = (corners - transform[:, 2]) @ np.linalg.inv(linear).T
    low, high = at.min(0) - margin, at.max(0) + margin
    left, top = max(0, int(low[0])), max(0, int(low[1]))
    right, bottom = min(shape[1], int(high[0]) + 2), min(shape[0], int(high[1]) + 2)
    return (slice(top, bottom), slice(left, right)) if right > left and bottom > top else None


def union(boxes: list[Box | None]) -> Box | None:
    """The smallest box around all of them; None around none."""
    there = [box for box in boxes if box is not None]
    if not there:
        return None
    return (
        slice(min(b[0].start for b in there), max(b[0].stop for b in there)),
        slice(min(b[1].start for b in there), max(b[1].stop for b in there)),
    )


def within(box: Box, region: Box) -> Box:
    """The box in the region's own coordinates."""
    return (
        slice(box[0].start - region[0].start, box[0].stop - region[0].start),
        slice(box[1].start - region[1].start, box[1].stop - region[1].start),
    )


def affine_grid(box: Box, transform: np.ndarray) -> np.ndarray:
    """h×w×2 float32: the source px of every target px of the box."""
    rows, columns = box
    x = np.arange(columns.start, columns.stop, dtype=np.float32)[None]
    y = np.arange(rows.start, rows.stop, dtype=np.float32)[:, None]
    (a, b, tx), (c, d, ty) = transform
    return np.stack([a * x + (b * y + tx), c * x + (d * y + ty)], -1)
