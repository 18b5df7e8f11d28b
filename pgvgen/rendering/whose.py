"""Whose of several people a pixel of the photo is."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from pgvgen.poses.segmentation import person_mask
from pgvgen.rendering.parts import PARTS, part_distances

SIDE = 256
"""Borders between people are found with the photo's longer side at most this long: the masks are
no finer."""

DOUBT = 0.3
"""Between people whose claims differ by less than this a pixel is shared."""

FAR = -2.0
"""Beyond so many limb widths outside a body it does not matter how far away it is."""

_RADII = np.array([max(part.radii) for part in PARTS], np.float32)[:, None, None]


def people_masks(
    picture: np.ndarray, poses: Sequence[tuple[np.ndarray, np.ndarray]]
) -> list[np.ndarray]:
    """Each person's mask, in which nobody has what is another's: H×W float32 in [0, 1] each.

    The net looks for one person at a time, and may take what is beside them for theirs. A pixel
    that it gives to several belongs to the one of whom the net is surer and in whose limbs it lies
    deeper, in limb widths: an arm before somebody's chest to the arm's.

    Args:
        picture: H×W×3 uint8 RGB.
        poses: everybody's keypoints (18×2 px) and confidence (18).
    """
    import cv2

    masks = [person_mask(picture, *pose) for pose in poses]
    if len(masks) == 1:
        return masks
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    zoom = np.array([size[0] / width, size[1] / height], np.float32)
    sure = [cv2.resize(mask, size, interpolation=cv2.INTER_AREA) for mask in masks]
    claims = []
    for mask, (keypoints, confidence) in zip(sure, poses, strict=True):
        depth = part_distances((keypoints + 0.5) * zoom - 0.5, confidence, size)
        claims.append(mask + 0.5 * np.maximum((depth / _RADII).max(0), FAR))
    out = []
    for i, mask in enumerate(masks):
        lost = np.zeros(size[::-1], np.float32)
        for j, other in enumerate(sure):
            if j != i:
                # Nothing is lost to somebody of whom nothing is to be seen there.
                beaten = np.clip((claims[j] - claims[i]) / (2 * DOUBT) + 0.5, 0, 1)
                lost = np.maximum(lost, np.minimum(2 * other, 1) * beaten)
        out.append(mask * (1 - cv2.resize(lost, (width, height))))
    return out
