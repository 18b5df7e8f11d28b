"""AKD and MKR on joints that are known, and on what BlazePose finds in a photo."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage import data

from pgvgen.evaluation.pose_error import (
    Joints,
    average_keypoint_distance,
    joints_in,
    missing_keypoint_rate,
)
from pgvgen.poses.estimators.region import Region

PHOTO = cv2.resize(data.astronaut(), (128, 128), interpolation=cv2.INTER_AREA)
REGION = Region((55, 115), 190)  # about the hips, which are hidden: head and shoulders are seen


def joints(found: list[int], moved: tuple[float, float] = (0, 0)) -> Joints:
    points = np.arange(36, dtype=np.float32).reshape(18, 2) + moved
    return Joints(points, np.isin(np.arange(18), found))


def test_akd_is_the_mean_distance_of_joints_found_in_both() -> None:
    assert average_keypoint_distance(joints([0, 1, 2], (3, 4)), joints([1, 2, 5])) == 5
    off = joints([0, 1])
    off.points[0] += (0, 2)
    assert average_keypoint_distance(off, joints([0, 1])) == 1
    assert np.isnan(average_keypoint_distance(joints([0]), joints([1])))


def test_mkr_is_the_share_of_the_real_joints_that_are_missing() -> None:
    assert missing_keypoint_rate(joints([0, 1, 7]), joints([0, 1, 2, 3])) == 0.5
    assert missing_keypoint_rate(joints([0, 1, 7]), joints([0, 1])) == 0
    assert missing_keypoint_rate(joints([]), joints([0, 1])) == 1
    assert np.isnan(missing_keypoint_rate(joints([0]), joints([])))


def test_a_moved_photo_is_off_by_as_much_and_loses_nobody() -> None:
    real = joints_in(PHOTO, REGION)
    assert real.found.sum() >= 8
    assert average_keypoint_distance(real, real) == 0
    move = np.array([[1, 0, 4], [0, 1, 3]], np.float32)
    moved = joints_in(cv2.warpAffine(PHOTO, move, (128, 128), borderMode=1), REGION)
    assert average_keypoint_distance(moved, real) == pytest.approx(5, abs=1)
    assert missing_keypoint_rate(moved, real) < 0.2


def test_in_a_frame_without_anybody_all_joints_are_missing() -> None:
    real, nobody = joints_in(PHOTO, REGION), joints_in(np.full_like(PHOTO, 128), REGION)
    assert not nobody.found.any()
    assert missing_keypoint_rate(nobody, real) == 1
    assert not joints_in(PHOTO, None).found.any()
