"""Which pixels are the person: BlazePose's landmark net also answers with a mask."""

from __future__ import annotations

import os

import numpy as np

from pgvgen.poses.estimators.landmarks import find_landmarks
from pgvgen.poses.estimators.region import Region
from pgvgen.poses.skeletons import BODY_18

# How far the body goes on beyond a joint, in lengths of the bone that ends there.
_BEYOND = (("right_elbow", "right_wrist", 0.6), ("left_elbow", "left_wrist", 0.6),
           ("right_knee", "right_ankle", 0.35), ("left_knee", "left_ankle", 0.35),
           ("neck", "nose", 1.0))  # fmt: skip
MARGIN = 1.25
SEEN = 0.1


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
    found = find_landmarks(picture, region, threads=min(4, os.cpu_count() or 1))
    return region.paste(found.mask.astype(np.float32), (width, height))


def body_region(keypoints: np.ndarray, confidence: np.ndarray) -> Region | None:
    """The square about the middle of the hips that holds the whole body; None without a body."""
    points = np.asarray(keypoints, np.float64)
    seen = np.asarray(confidence) >= SEEN
    if not seen.any():
        return None
    hips, neck = _middle(points, seen), points[BODY_18.index("neck")]
    ends = [points[seen]]
    for start, end, beyond in _BEYOND:
        i, j = BODY_18.index(start), BODY_18.index(end)
        if seen[i] and seen[j]:
            ends.append((points[j] + beyond * (points[j] - points[i]))[None])
    radius = np.linalg.norm(np.concatenate(ends) - hips, axis=1).max()
    spine = neck - hips
    length = np.linalg.norm(spine)
    up = spine / length if seen[BODY_18.index("neck")] and length > 1 else np.array([0.0, -1.0])
    return Region.around(hips, hips + up * max(radius, 1.0), scale=MARGIN)


def _middle(points: np.ndarray, seen: np.ndarray) -> np.ndarray:
    """The middle of the hips that are seen, else of all joints that are."""
    hips = [BODY_18.index("right_hip"), BODY_18.index("left_hip")]
    known = [h for h in hips if seen[h]] or np.flatnonzero(seen)
    return points[known].mean(0)
