"""The square of the photo in which a whole motion takes place."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.poses import PoseSequence
from pgvgen.rendering.parts import PRESENT, body_unit

MARGIN = 0.55
"""How far hands, feet and hair may reach beyond the outermost joint, in body units."""

LARGEST = 2.0
"""The square's side is at most this many times the photo's longer side."""


@dataclass(frozen=True)
class Square:
    """A square of the photo's pixels; it may reach beyond the photo.

    Attributes:
        left, top: of its first pixel.
        side: in px.
    """

    left: int
    top: int
    side: int

    @classmethod
    def around(cls, motion: PoseSequence) -> Square:
        """The square into which every pose of a motion fits, with a margin for hands and hair."""
        seen = motion.confidence >= PRESENT
        points = motion.keypoints[seen]
        if not len(points):
            return cls(0, 0, max(motion.size))
        units = body_unit(motion.keypoints, motion.confidence)
        margin = MARGIN * float(np.quantile(units, 0.9))
        low, high = points.min(0) - margin, points.max(0) + margin
        side = int(np.ceil(min((high - low).max(), LARGEST * max(motion.size))))
        left, top = np.rint((low + high) / 2 - side / 2).astype(int)
        return cls(int(left), int(top), max(side, 16))

    def inside(self, size: tuple[int, int]) -> Square:
        """The same square moved, and if need be shrunk, so that it lies inside the photo."""
        width, height = size
        side = min(self.side, width, height)
        shrunk = (self.side - side) // 2
        left = min(max(self.left + shrunk, 0), width - side)
        top = min(max(self.top + shrunk, 0), height - side)
        return Square(left, top, side)

    def shift(self, keypoints: np.ndarray) -> np.ndarray:
        """Keypoints (…×2) of the photo in the square's own pixels."""
        return keypoints - np.array([self.left, self.top], np.float32)

    def cut(self, picture: np.ndarray) -> np.ndarray:
        """The square of a picture (H×W or H×W×C), its border repeated beyond the photo."""
        import cv2

        height, width = picture.shape[:2]
        right, bottom = self.left + self.side, self.top + self.side
        x0, y0 = min(max(self.left, 0), width - 1), min(max(self.top, 0), height - 1)
        x1, y1 = max(min(right, width), x0 + 1), max(min(bottom, height), y0 + 1)
        before_x, before_y = x0 - self.left, y0 - self.top
        cut = cv2.copyMakeBorder(
            picture[y0:y1, x0:x1], max(before_y, 0), max(bottom - y1, 0), max(before_x, 0),
            max(right - x1, 0), cv2.BORDER_REPLICATE,
        )  # fmt: skip
        return cut[max(-before_y, 0) :, max(-before_x, 0) :][: self.side, : self.side]

    def paste(self, square: np.ndarray, photo: np.ndarray) -> np.ndarray:
        """A copy of the photo with the square's picture in its place, cut to the photo's frame."""
        out = photo.copy()
        height, width = photo.shape[:2]
        x0, y0 = max(self.left, 0), max(self.top, 0)
        x1, y1 = min(self.left + self.side, width), min(self.top + self.side, height)
        if x1 > x0 and y1 > y0:
            out[y0:y1, x0:x1] = square[
                y0 - self.top : y1 - self.top, x0 - self.left : x1 - self.left
            ]
        return out
