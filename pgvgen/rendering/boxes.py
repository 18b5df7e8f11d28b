"""Boxes of pixels: where a layer has anything, and where that goes when it is moved."""

from __future__ import annotations

from dataclasses import dataclass

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


def corners(box: Box) -> np.ndarray:
    """4×2: (x, y) of a box's corners in px."""
    rows, columns = box
    return np.array(
        [[x, y] for x in (columns.start, columns.stop) for y in (rows.start, rows.stop)], float
    )


def moved_box(box: Box | None, transform: np.ndarray, shown: Box, margin: float) -> Box | None:
    """The box into which a box moves; None where nothing of it is in what is shown.

    Args:
        box: of the source.
        transform: 2×3, target px → source px.
        shown: to which the result is cut.
        margin: by which it is grown, in px.
    """
    linear = transform[:, :2].astype(float)
    if box is None or abs(np.linalg.det(linear)) < 1e-6:
        return None
    at = (corners(box) - transform[:, 2]) @ np.linalg.inv(linear).T
    (left, top), (right, bottom) = (at.min(0) - margin).tolist(), (at.max(0) + margin).tolist()
    return cut((slice(int(top), int(bottom) + 2), slice(int(left), int(right) + 2)), shown)


def cut(box: Box | None, shown: Box) -> Box | None:
    """What two boxes share; None if nothing."""
    if box is None:
        return None
    rows, columns = (
        slice(max(a.start, b.start), min(a.stop, b.stop)) for a, b in zip(box, shown, strict=True)
    )
    return (rows, columns) if rows.start < rows.stop and columns.start < columns.stop else None


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


def outside(box: Box, region: Box) -> Box:
    """The box in the picture's coordinates; its own are the region's."""
    rows, columns = (
        slice(a.start + b.start, a.stop + b.start) for a, b in zip(box, region, strict=True)
    )
    return rows, columns


def affine_grid(x: np.ndarray, y: np.ndarray, transform: np.ndarray) -> np.ndarray:
    """2×h×w float32: x and y in the source of the target's columns x (w) and rows y (h)."""
    (a, b, tx), (c, d, ty) = transform.astype(np.float32)
    y = y[:, None]
    return np.stack([a * x + (b * y + tx), c * x + (d * y + ty)])


def shape_of(box: Box) -> tuple[int, int]:
    """Height and width."""
    return box[0].stop - box[0].start, box[1].stop - box[1].start


@dataclass(frozen=True)
class Raster:
    """Square cells over a picture: what changes slowly is found for cells and drawn for pixels.

    Attributes:
        pitch: a cell's edge in px; cell i holds the pixels from i·pitch to (i + 1)·pitch.
    """

    pitch: int

    def around(self, box: Box) -> Box:
        """The cells that a box of pixels touches, and one more on every side."""
        rows, columns = (
            slice(side.start // self.pitch - 1, -(-side.stop // self.pitch) + 1) for side in box
        )
        return rows, columns

    def centres(self, box: Box) -> tuple[np.ndarray, np.ndarray]:
        """Where the cells around a box are, in px: x (w) and y (h), float32."""
        rows, columns = (
            (np.arange(side.start, side.stop, dtype=np.float32) + 0.5) * self.pitch - 0.5
            for side in self.around(box)
        )
        return columns, rows

    def enlarge(self, values: np.ndarray, box: Box) -> np.ndarray:
        """Values of the cells around a box, h×w(×C) float32, for each of its pixels."""
        import cv2

        large = cv2.resize(values, None, fx=self.pitch, fy=self.pitch)
        return large[within(box, self.pixels(self.around(box)))]

    def pixels(self, cells: Box) -> Box:
        """The pixels of a box of cells."""
        rows, columns = (slice(side.start * self.pitch, side.stop * self.pitch) for side in cells)
        return rows, columns
