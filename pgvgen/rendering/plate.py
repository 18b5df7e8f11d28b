"""The background plate: the photo as it would look without the person."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.matting import push_pull


def clean_plate(picture: np.ndarray, matte: np.ndarray, unit: float) -> np.ndarray:
    """The photo with the person filled in: H×W×3 uint8; the photo's own pixels elsewhere.

    Args:
        picture: H×W×3 uint8.
        matte: H×W float32 in [0, 1].
        unit: the length of the torso in px; the hole is the person grown by a twentieth of it.
    """
    import cv2

    reach = max(2, round(0.05 * unit))
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1,) * 2)
    hole = cv2.dilate((matte > 0.03).astype(np.uint8), kernel)
    filled = push_pull(picture.astype(np.float32), 1.0 - hole)
    return np.where(hole[..., None] > 0, np.rint(filled), picture).astype(np.uint8)
