"""Which pixels are the person: BlazePose's landmark net also answers with a mask."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np

from pgvgen.cores import threads
from pgvgen.poses.bones import HIPS, NECK, NOSE
from pgvgen.poses.estimators.landmarks import find_mask
from pgvgen.poses.estimators.region import Region
from pgvgen.poses.sequence import SEEN
from pgvgen.poses.skeletons import BODY_18

# How far the body goes on beyond a joint, in lengths of the bone that ends there.
_BEYOND = (("right_elbow", "right_wrist", 0.6), ("left_elbow", "left_wrist", 0.6),
           ("right_knee", "right_ankle", 0.35), ("left_knee", "left_ankle", 0.35),
           ("neck", "nose", 1.0))  # fmt: skip
MARGIN = 1.1
"""Side of the square over the body's circle: 1.25, as for landmarks, blurs the outline more, and
1.0 loses joints."""

ONE_BODY = 0.82
"""Two masks are one person's of whose union so much is in both: in 23 photos of two people it was
0.78 at most, of people who lie, seen twice, more in three of seven."""


def person_mask(picture: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """How much of each pixel is the person with that pose.

    Args:
        picture: H×W×3 uint8 RGB.
        keypoints: 18×2, `BODY_18` in px.
        confidence: 18 in [0, 1].

    Returns:
        H×W float32 in [0, 1]; 0 outside the square that the net looks at.
    """
    height, width = picture.shape[:2]
    region = body_region(keypoints, confidence)
    if region is None:
        return np.zeros((height, width), np.float32)
    mask = find_mask(picture, region, threads=threads(4))
    return region.paste(mask, (width, height))


def one_body(picture: np.ndarray, poses: Sequence[tuple[np.ndarray, np.ndarray]]) -> bool:
    """Whether two of some people are one: an estimator may see who lies the wrong way round.

    Args:
        picture: H×W×3 uint8 RGB.
        poses: keypoints (18×2 px) and confidence (18) each.
    """
    masks = [person_mask(picture, *pose) for pose in poses]
    return any(
        np.minimum(one, other).sum() > ONE_BODY * np.maximum(one, other).sum()
        for one, other in combinations(masks, 2)
    )


def body_region(keypoints: np.ndarray, confidence: np.ndarray) -> Region | None:
    """The square about the middle of the hips that holds the whole body; None without a body.

    Args:
        keypoints: 18×2, `BODY_18` in px.
        confidence: 18 in [0, 1].
    """
    points = np.asarray(keypoints, np.float64)
    confidence = np.asarray(confidence)
    seen = confidence >= SEEN
    if not seen.any():
        return None
    hips = _hips(points, confidence)
    ends = [points[seen]]
    for start, end, beyond in _BEYOND:
        i, j = BODY_18.index(start), BODY_18.index(end)
        if seen[i] and seen[j]:
            ends.append((points[j] + beyond * (points[j] - points[i]))[None])
    radius = max(1.0, float(np.linalg.norm(np.concatenate(ends) - hips, axis=1).max()))
    spine = points[NECK] - hips
    length = np.linalg.norm(spine)
    up = spine / length if confidence[NECK] > 0 and length > 0 else np.array([0.0, -1.0])
    return Region.around(hips, hips + up * radius, scale=MARGIN)


def _hips(points: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """The middle of the hips, be they a guess; where a neck and a nose would have them; or any."""
    hips = [hip for hip in HIPS if confidence[hip] > 0]
    if hips:
        return points[hips].mean(0)
    if confidence[NECK] > 0 and confidence[NOSE] > 0:
        return points[NECK] + 2 * (points[NECK] - points[NOSE])
    return points[confidence > 0].mean(0)
