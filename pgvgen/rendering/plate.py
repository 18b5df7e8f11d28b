"""The background plate: the photo as it would look without the person."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.matting import grown, push_pull
from pgvgen.rendering.parts import body_unit
from pgvgen.rendering.patches import complete

TEXTURED = 140
"""A picture whose longer side is shorter than this is filled smoothly: texture would not show."""


HAND = 0.26
"""What a hand holds goes with it: the hole reaches so many body units around it."""


def clean_plate(
    picture: np.ndarray,
    matte: np.ndarray,
    mask: np.ndarray,
    keypoints: np.ndarray,
    confidence: np.ndarray,
) -> np.ndarray:
    """The photo with the person filled in: H×W×3 uint8; the photo's own pixels elsewhere.

    The hole is the person grown by a twentieth of the torso's length, and what the hands hold.

    Args:
        picture: H×W×3 uint8.
        matte: H×W float32 in [0, 1], the person.
        mask: H×W float32 in [0, 1], the coarse mask that the matte was made of: what it is not
            sure of goes too, lest a rim of hair stays hanging in the air.
        keypoints: 18×2 px.
        confidence: 18.
    """
    import cv2

    unit = float(body_unit(keypoints, confidence))
    reach = max(2, round(0.05 * unit))
    hole = grown((matte > 0.03) | (mask > 0.15), reach)
    for elbow, wrist in ((3, 4), (6, 7)):
        if min(confidence[elbow], confidence[wrist]) >= SEEN:
            hand = keypoints[wrist] + 0.25 * (keypoints[wrist] - keypoints[elbow])
            centre = round(float(hand[0])), round(float(hand[1]))
            cv2.circle(hole.view(np.uint8), centre, round(HAND * unit), 1, -1)
    if max(hole.shape) >= TEXTURED and hole.any() and not hole.all():
        filled = complete(picture, hole)
    else:
        filled = np.rint(push_pull(picture.astype(np.float32), 1.0 - hole)).astype(np.uint8)
    return np.where(hole[..., None], filled, picture)
