"""Rectangles of a photo: the square in which a motion takes place, and what of it is painted."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from pgvgen.poses import PoseSequence
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.boxes import Box, Raster
from pgvgen.rendering.parts import body_unit

MARGIN = 0.55
"""How far hands, feet and hair may reach beyond the outermost joint, in body units."""

LARGEST = 2.0
"""The square's side is at most this many times the photo's longer side."""

BEYOND = 0.8
"""A body that the photo's border cuts goes on beyond it for so many body units."""


FINER = 3
"""A small picture is sampled at so many places a pixel before it is drawn at full size."""


@dataclass(frozen=True)
class Frame:
    """A rectangle of a photo's pixels; it may reach beyond the photo.

    Attributes:
        left, top: of its first pixel.
        width, height: in px.
    """

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    @classmethod
    def between(cls, left: int, top: int, right: int, bottom: int) -> Frame:
        """The rectangle between four edges."""
        return cls(left, top, max(right - left, 1), max(bottom - top, 1))

    @classmethod
    def around(cls, frames: Iterable[Frame]) -> Frame:
        """The smallest one that holds them all."""
        sides = np.array([(f.left, f.top, f.right, f.bottom) for f in frames])
        return cls.between(*sides[:, :2].min(0).tolist(), *sides[:, 2:].max(0).tolist())

    def grown(self, margin: int) -> Frame:
        """The rectangle with a margin, in px, on every side."""
        right, bottom = self.right + margin, self.bottom + margin
        return Frame.between(self.left - margin, self.top - margin, right, bottom)

    def inside(self, size: tuple[int, int]) -> Frame:
        """The square moved, and if need be shrunk, so that it lies inside the photo."""
        width, height = size
        side = min(self.width, self.height, width, height)
        left = self.left + (self.width - side) // 2
        top = self.top + (self.height - side) // 2
        return Frame(min(max(left, 0), width - side), min(max(top, 0), height - side), side, side)

    def holds(self, points: np.ndarray) -> np.ndarray:
        """Whether points (…×2) of the photo lie in the rectangle: … bool."""
        low, high = (self.left, self.top), (self.right - 1, self.bottom - 1)
        return np.asarray(((points >= low) & (points <= high)).all(-1))

    def shift(self, keypoints: np.ndarray) -> np.ndarray:
        """Keypoints (…×2) of the photo in the frame's own pixels."""
        return keypoints - np.array([self.left, self.top], np.float32)

    def relative_to(self, other: Frame) -> Frame:
        """The same rectangle in the other one's own pixels."""
        return Frame(self.left - other.left, self.top - other.top, self.width, self.height)

    def cut(self, picture: np.ndarray) -> np.ndarray:
        """The frame's part of a picture (H×W or H×W×C), the border repeated beyond the photo."""
        height, width = picture.shape[:2]
        rows = np.clip(np.arange(self.top, self.bottom), 0, height - 1)
        columns = np.clip(np.arange(self.left, self.right), 0, width - 1)
        if min(self.left, self.top) >= 0 and self.right <= width and self.bottom <= height:
            return picture[self.top : self.bottom, self.left : self.right]
        return picture.take(columns, 1).take(rows, 0)

    def enlarge(self, values: np.ndarray, box: Box) -> np.ndarray:
        """A small picture of the frame (h×w(×C) float32), drawn for every pixel of a box."""
        raster = self.raster(values)
        return raster.enlarge(self.sample(values, raster, box), box)

    def box_from(self, box: Box, shape: tuple[int, ...]) -> Box:
        """Around a box of a small picture (h×w) of the frame: its rows and columns at full size."""
        rows, columns = (
            slice(side.start * full // small, min(-(-side.stop * full // small), full))
            for side, small, full in zip(box, shape, (self.height, self.width), strict=True)
        )
        return rows, columns

    def raster(self, values: np.ndarray) -> Raster:
        """A raster finer than the pixels of a small picture of the frame."""
        return Raster(max(1, int(self.width / values.shape[1] / FINER)))

    def sample(self, values: np.ndarray, raster: Raster, box: Box) -> np.ndarray:
        """A small picture of the frame for the raster's cells around a box of pixels.

        Args:
            values: h×w(×C) float32, covers the frame; its border is repeated where the frame ends.
            raster: of the picture that the frame is a part of.
            box: rows and columns of that picture.
        """
        import cv2

        rows, columns = raster.around(box)
        sy, sx = values.shape[0] / self.height, values.shape[1] / self.width
        pitch = raster.pitch
        transform = np.array(
            [
                [sx * pitch, 0, ((columns.start + 0.5) * pitch - self.left) * sx - 0.5],
                [0, sy * pitch, ((rows.start + 0.5) * pitch - self.top) * sy - 0.5],
            ],
            np.float32,
        )
        size = (columns.stop - columns.start, rows.stop - rows.start)
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return cv2.warpAffine(values, transform, size, None, flags, cv2.BORDER_REPLICATE)

    def within(self, size: tuple[int, int]) -> Frame:
        """What of the frame lies in a photo of that width and height."""
        return Frame.between(
            max(self.left, 0), max(self.top, 0),
            min(self.right, size[0]), min(self.bottom, size[1]),
        )  # fmt: skip

    @property
    def box(self) -> Box:
        """Its rows and columns."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    def paste(self, part: np.ndarray, photo: np.ndarray) -> np.ndarray:
        """The photo with the frame's picture in its place; the frame lies in the photo."""
        if part.shape == photo.shape:
            return part
        out = photo.copy()
        out[self.box] = part
        return out


def motion_square(motion: PoseSequence) -> Frame:
    """The square into which every pose of a motion fits, with a margin for hands and hair."""
    points = motion.keypoints[motion.confidence >= SEEN]
    if not len(points):
        side = max(motion.size)
        return Frame(0, 0, side, side)
    margin = MARGIN * float(body_unit(motion.keypoints, motion.confidence).max())
    low, high = points.min(0) - margin, points.max(0) + margin
    side = max(16, int(np.ceil(min((high - low).max(), LARGEST * max(motion.size)))))
    left, top = np.rint((low + high) / 2 - side / 2).astype(int)
    return Frame(int(left), int(top), side, side)


def painted_frame(square: Frame, mask: np.ndarray, unit: float) -> Frame:
    """What of the photo has to be painted: the square, but of the photo only.

    Where the photo's border cuts the body it goes on a little, so that no cut edge comes into view
    when the person moves away from the border.

    Args:
        square: in which the motion takes place.
        mask: H×W in [0, 1] over the photo, where the person is.
        unit: the body unit in px.
    """
    height, width = mask.shape
    left, top = min(max(square.left, 0), width - 1), min(max(square.top, 0), height - 1)
    right, bottom = (
        min(max(square.right, left + 1), width),
        min(max(square.bottom, top + 1), height),
    )
    more = round(BEYOND * unit)
    enough = 0.1 * unit
    if left == 0 and mask[:, 0].sum() > enough:
        left -= more
    if top == 0 and mask[0].sum() > enough:
        top -= more
    if right == width and mask[:, -1].sum() > enough:
        right += more
    if bottom == height and mask[-1].sum() > enough:
        bottom += more
    return Frame.between(left, top, right, bottom)
