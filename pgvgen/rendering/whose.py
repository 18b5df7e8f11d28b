"""Whose of several people a pixel of the photo is."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import combinations

import numpy as np

from pgvgen.poses.segmentation import person_mask
from pgvgen.rendering.parts import PARTS, body_unit, part_distances

SIDE = 256
"""What is disputed is found with the photo's longer side at most this long: the masks are no
finer."""

DISPUTED = 0.3
"""A pixel is disputed where two masks have at least so much of it."""

FAR = -2.0
"""Beyond so many limb widths outside a body it does not matter how far away it is."""

_RADII = np.array([max(part.radii) for part in PARTS], np.float32)[:, None, None]


def people_masks(
    picture: np.ndarray, poses: Sequence[tuple[np.ndarray, np.ndarray]]
) -> list[np.ndarray]:
    """Each person's mask, in which nobody has what is another's: H×W float32 in [0, 1] each.

    The net looks for one person at a time, and may take what is beside or before them for theirs.

    Args:
        picture: H×W×3 uint8 RGB.
        poses: everybody's keypoints (18×2 px) and confidence (18).
    """
    import cv2

    masks = [person_mask(picture, *pose) for pose in poses]
    height, width = picture.shape[:2]
    scale = min(1.0, SIDE / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = [cv2.resize(mask, size, interpolation=cv2.INTER_AREA) for mask in masks]
    zoom = np.array([size[0] / width, size[1] / height], np.float32)
    for one, other in combinations(range(len(masks)), 2):
        pair = one, other
        for piece in _disputed(small[one], small[other]):
            keypoints = [(poses[i][0] + 0.5) * zoom - 0.5 for i in pair]
            claims = [
                _claim(piece, small[i], points, poses[i][1])
                for i, points in zip(pair, keypoints, strict=True)
            ]
            loser, winner = pair if claims[0] < claims[1] else pair[::-1]
            lost = piece * np.minimum(2 * small[winner], 1)
            masks[loser] = masks[loser] * (1 - cv2.resize(lost, (width, height)))
    return masks


def _disputed(one: np.ndarray, other: np.ndarray) -> Iterator[np.ndarray]:
    """The pieces (h×w bool) that two people both claim.

    Each is one limb, mostly, and goes to one of them: an arm that two share would be torn.
    """
    import cv2

    both = (np.minimum(one, other) >= DISPUTED).astype(np.uint8)
    count, labels = cv2.connectedComponents(both)
    for label in range(1, count):
        yield labels == label


def _claim(
    piece: np.ndarray, mask: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray
) -> float:
    """How well a piece is founded as somebody's.

    It is the better so, the surer the net is, the deeper the piece lies in the limbs (in limb
    widths), the more of the person it is (a child before a man is the child's), and the nearer
    they are: the one before the other is seen where both are.
    """
    depth = part_distances(keypoints, confidence, piece.shape[::-1])
    depth = np.clip((depth / _RADII).max(0)[piece], FAR, 1)
    nearness = np.log2(max(float(body_unit(keypoints, confidence)), 1e-3))
    share = mask[piece].sum() / mask.sum()
    return float(mask[piece].mean() + 0.5 * depth.mean() + share + 0.75 * nearness)
