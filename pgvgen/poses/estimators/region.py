"""The square of a picture that a net looks at: cut it out upright, bring its answer back."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Region:
    """A square, turned so that a person in it stands upright.

    Attributes:
        centre: (x, y) in px of the picture.
        side: length of a side in px, > 0.
        angle: radians by which the square is turned clockwise against the picture's axes.
    """

    centre: tuple[float, float]
    side: float
    angle: float = 0.0

    @classmethod
    def around(cls, centre: np.ndarray, top: np.ndarray, scale: float) -> Region:
        """The square about a circle: its centre, and the point of its rim above the head.

        Args:
            centre: (x, y), the middle of the hips.
            top: (x, y), where the circle around the whole body meets the line through the spine.
            scale: side of the square over the circle's diameter.
        """
        across, down = (float(v) for v in np.subtract(top, centre))
        side = max(2 * scale * math.hypot(across, down), 1.0)
        return cls((float(centre[0]), float(centre[1])), side, math.atan2(across, -down))

    def matrix(self, size: int) -> np.ndarray:
        """2×3 affine transform from px of a size×size crop to px of the picture."""
        scale = self.side / size
        cos, sin = scale * math.cos(self.angle), scale * math.sin(self.angle)
        # Crop px count from its corner, as MediaPipe's nets were taught to see them.
        turned = np.array([[cos, -sin], [sin, cos]])
        origin = np.array(self.centre) - turned @ np.array([size / 2, size / 2])
        return np.column_stack([turned, origin])

    def to_picture(self, points: np.ndarray, size: int) -> np.ndarray:
        """Points (…, 2) of a size×size crop, in px of the picture."""
        matrix = self.matrix(size)
        return points @ matrix[:, :2].T + matrix[:, 2]

    def crop(self, picture: np.ndarray, size: int, *, replicate: bool = True) -> np.ndarray:
        """size×size×3 uint8: what the square shows; beyond the picture its border, or black."""
        import cv2

        # A linear sampler skips pixels when it shrinks: average them first, or thin limbs alias.
        shrink = int(self.side / size / 2)
        matrix = self.matrix(size)
        if shrink > 1:
            height, width = (max(1, round(n / shrink)) for n in picture.shape[:2])
            ratio = np.array([width / picture.shape[1], height / picture.shape[0]])
            picture = cv2.resize(picture, (width, height), interpolation=cv2.INTER_AREA)
            matrix = matrix * ratio[:, None]
            matrix[:, 2] += (ratio - 1) / 2
        return cv2.warpAffine(
            picture,
            matrix,
            (size, size),
            flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
            borderMode=cv2.BORDER_REPLICATE if replicate else cv2.BORDER_CONSTANT,
        )

    def paste(self, crop: np.ndarray, size: tuple[int, int]) -> np.ndarray:
        """A crop (n×n in [0, 1]) in a picture of size (width, height); 0 around the square."""
        import cv2

        matrix = self.matrix(crop.shape[0])
        return np.clip(cv2.warpAffine(crop, matrix, size, flags=cv2.INTER_CUBIC), 0, 1)
