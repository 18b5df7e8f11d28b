"""The mask is the person of that pose, and nothing outside the square around them."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
import skimage.data

from pgvgen.poses import BODY_18, PoseSequence
from pgvgen.poses.estimators import estimate_people, estimate_pose
from pgvgen.poses.segmentation import body_region, person_mask


@pytest.fixture(scope="module")
def astronaut() -> np.ndarray:
    return skimage.data.astronaut()


@pytest.fixture(scope="module")
def pose(astronaut: np.ndarray) -> PoseSequence:
    return estimate_pose(astronaut)


@pytest.fixture(scope="module")
def mask(astronaut: np.ndarray, pose: PoseSequence) -> np.ndarray:
    return person_mask(astronaut, pose.keypoints[0], pose.confidence[0])


def test_mask_is_of_the_pictures_size_and_soft(mask: np.ndarray) -> None:
    assert (mask.shape, mask.dtype) == ((512, 512), np.float32)
    assert mask.min() >= 0
    assert mask.max() <= 1


def test_person_is_inside_and_background_outside(mask: np.ndarray, pose: PoseSequence) -> None:
    for joint in np.flatnonzero(pose.confidence[0] > 0.5):
        x, y = pose.keypoints[0, joint].round().astype(int)
        assert mask[y, x] > 0.8, BODY_18.joints[joint]
    assert mask[35:45, 200:250].min() > 0.5  # hair
    assert mask[400:500, 150:250].mean() > 0.9  # chest
    assert mask[:90, :120].max() < 0.1  # flag
    assert mask[50:250, 400:].max() < 0.1  # shuttle
    # The outline of the head and shoulders, by hand: 26–44 % of the picture's upper half.
    assert 0.2 < mask[:256].mean() < 0.5


def test_mirrored_photo_gives_the_mirrored_mask(
    astronaut: np.ndarray, mask: np.ndarray, pose: PoseSequence
) -> None:
    mirrored = pose.mirrored()
    flipped = np.ascontiguousarray(astronaut[:, ::-1])
    other = person_mask(flipped, mirrored.keypoints[0], mirrored.confidence[0])[:, ::-1]
    shared, either = np.minimum(mask, other).sum(), np.maximum(mask, other).sum()
    assert shared / either > 0.97


def test_only_the_one_person_is_masked(astronaut: np.ndarray) -> None:
    picture = np.full((512, 1100, 3), 120, np.uint8)
    picture[:, :512] = astronaut
    picture[128:, 700:1084] = cv2.resize(astronaut, (384, 384), interpolation=cv2.INTER_AREA)
    left, right = estimate_people(picture)
    mask = person_mask(picture, right.keypoints[0], right.confidence[0])
    assert mask[128:, 700:1084].mean() > 0.3
    assert mask[:, :400].mean() < 0.02
    assert left.keypoints[0, 0, 0] < 512 < right.keypoints[0, 0, 0]


def test_nobody_gives_an_empty_mask(astronaut: np.ndarray) -> None:
    assert not person_mask(astronaut, np.zeros((18, 2)), np.zeros(18)).any()


def figure(**moved: tuple[float, float]) -> np.ndarray:
    """A standing person of 160 px about the hips at (100, 100)."""
    points = {
        "nose": (100, 25), "neck": (100, 45),
        "right_shoulder": (82, 45), "right_elbow": (80, 72), "right_wrist": (80, 98),
        "left_shoulder": (118, 45), "left_elbow": (120, 72), "left_wrist": (120, 98),
        "right_hip": (90, 100), "right_knee": (90, 140), "right_ankle": (90, 180),
        "left_hip": (110, 100), "left_knee": (110, 140), "left_ankle": (110, 180),
        "right_eye": (97, 22), "left_eye": (103, 22), "right_ear": (93, 24), "left_ear": (107, 24),
    } | moved  # fmt: skip
    return np.array([points[name] for name in BODY_18.joints], float)


def inside(point: tuple[float, float], points: np.ndarray, confidence: np.ndarray) -> bool:
    region = body_region(points, confidence)
    assert region is not None
    matrix = region.matrix(256)
    crop = np.linalg.solve(matrix[:, :2], np.array(point) - matrix[:, 2])
    return bool((crop > 0).all() and (crop < 256).all())


def test_square_holds_feet_hair_and_raised_hands() -> None:
    everything = np.ones(18)
    assert inside((95, 190), figure(), everything)
    assert inside((100, 5), figure(), everything)
    raised = figure(right_elbow=(80, 15), right_wrist=(80, -15))
    assert inside((80, -32), raised, everything)
    assert not inside((80, -120), raised, everything)


def test_square_of_a_half_length_photo_is_about_where_the_hips_would_be() -> None:
    lower = [
        i
        for i, name in enumerate(BODY_18.joints)
        if name.split("_")[-1] in ("hip", "knee", "ankle")
    ]
    confidence = np.ones(18)
    confidence[lower] = 0
    region = body_region(figure(), confidence)
    assert region is not None
    np.testing.assert_allclose(region.centre, [100, 85])
    assert region.angle == pytest.approx(0)
