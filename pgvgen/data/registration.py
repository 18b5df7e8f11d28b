"""Bringing two photos of one scene under one camera.

The photos of a pair are taken or cut by hand: their backgrounds lie apart, by up to a fifth of the
picture, and no pose says by how much. Who learns from them as they are learns that walls move when
people do.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

_AROUND = 1 / 64  # of the picture's longer side: what is so close to a person is not background
_RATIO = 0.75  # Lowe's, of the distances to the nearest feature and to the second nearest
_REPROJECTION = 2.5  # px
_LEAST_AGREEING = 8  # features
_FEATURES = 4000  # the strongest: of busy walls there are tens of thousands
_LEAST_SHARED = 0.4  # of the first's background
_PERSON = 0.25  # of a mask
_BLUR = 5  # px: no camera is found more surely than that


def find_camera(frames: Sequence[np.ndarray], masks: Sequence[np.ndarray]) -> np.ndarray | None:
    """The similarity that lays the second photo over the first.

    That of the backgrounds' features (SIFT, RANSAC; Lowe, IJCV 2004).

    Args:
        frames: two photos, H×W×3 uint8 RGB of one size.
        masks: of the person in each, H×W in [0, 1].

    Returns:
        2×3 float64, px of the second to px of the first; None where too few features agree or
        where the backgrounds do not come nearer by it.
    """
    import cv2

    about = 2 * round(_AROUND * max(frames[0].shape[:2])) + 1
    kernel = np.ones((about, about), np.uint8)
    people = [cv2.dilate(np.asarray(mask, np.float32), kernel) >= _PERSON for mask in masks]
    sift = cv2.SIFT.create(nfeatures=_FEATURES)
    (points, features), (others, others_features) = (
        sift.detectAndCompute(cv2.cvtColor(frame, cv2.COLOR_RGB2GRAY), (~person).astype(np.uint8))
        for frame, person in zip(frames, people, strict=True)
    )
    if min(len(points), len(others)) < _LEAST_AGREEING:
        return None
    nearest = cv2.BFMatcher().knnMatch(others_features, features, k=2)
    alike = [first for first, second in nearest if first.distance < _RATIO * second.distance]
    if len(alike) < _LEAST_AGREEING:
        return None
    camera, agreeing = cv2.estimateAffinePartial2D(
        np.array([others[match.queryIdx].pt for match in alike]),
        np.array([points[match.trainIdx].pt for match in alike]),
        ransacReprojThreshold=_REPROJECTION,
    )
    if camera is None or np.sum(agreeing) < _LEAST_AGREEING:
        return None
    nearer = _apart(frames, people, camera) < _apart(frames, people, np.eye(2, 3))
    return np.asarray(camera) if nearer else None


def _apart(frames: Sequence[np.ndarray], people: Sequence[np.ndarray], camera: np.ndarray) -> float:
    """How far apart the backgrounds are, where both photos show them, the second moved.

    Infinite if they share hardly anything: a small part is like another by chance.
    """
    import cv2

    height, width = people[0].shape
    moved = cv2.warpAffine(frames[1], camera, (width, height))
    person = cv2.warpAffine(people[1].astype(np.uint8), camera, (width, height), borderValue=1) > 0
    shared = ~people[0] & ~person
    if shared.sum() < _LEAST_SHARED * (~people[0]).sum():
        return np.inf
    blurred = [cv2.blur(frame, (_BLUR, _BLUR)).astype(np.float32) for frame in (frames[0], moved)]
    return float(np.abs(blurred[0] - blurred[1])[shared].mean())
