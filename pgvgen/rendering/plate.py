"""The background plate: the photo as it would look without the person."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.matting import push_pull
from pgvgen.rendering.patches import complete

TEXTURED = 200
"""A picture whose longer side is shorter than this is filled smoothly: texture would not show."""


def clean_plate(
    picture: np.ndarray, matte: np.ndarray, mask: np.ndarray, unit: float
) -> np.ndarray:
    """The photo with the person filled in: H×W×3 uint8; the photo's own pixels elsewhere.

    Args:
        picture: H×W×3 uint8.
        matte: H×W float32 in [0, 1], the person.
        mask: H×W float32 in [0, 1], the coarse mask that the matte was made of: what it is not
            sure of goes too, lest a rim of hair stays hanging in the air.
        unit: the length of the torso in px; the hole is the person grown by a twentieth of it.
    """
    import cv2

    reach = max(2, round(0.05 * unit))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    somebody = (matte > 0.03) | (mask > 0.15)
    hole = cv2.dilate(somebody.astype(np.uint8), kernel) > 0
    if max(hole.shape) >= TEXTURED and hole.any() and not hole.all():
        filled = complete(picture, hole)
    else:
        filled = push_pull(picture.astype(np.float32), 1.0 - hole)
    return np.where(hole[..., None], np.rint(filled).clip(0, 255), picture).astype(np.uint8)
