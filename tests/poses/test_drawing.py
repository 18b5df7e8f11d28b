import importlib
import importlib.util
import sys
import types
from pathlib import Path

import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.poses.drawing import draw_pose, draw_sequence, draw_stills


@pytest.fixture(scope="module")
def reference():
    """controlnet-aux's drawing, without its detectors: they want a torchvision that fits torch."""
    package = importlib.util.find_spec("controlnet_aux")
    drawing = types.ModuleType("reference_open_pose")
    drawing.__path__ = [str(Path(package.origin).parent / "open_pose")]
    sys.modules["reference_open_pose"] = drawing
    util = importlib.import_module("reference_open_pose.util")
    return util.Keypoint, util


@pytest.mark.parametrize("seed", range(5))
def test_a_body_is_drawn_as_controlnet_aux_draws_it(reference, seed):
    keypoint, util = reference
    rng = np.random.default_rng(seed)
    keypoints = rng.uniform(0, 512, (18, 2)).astype(np.float32)
    present = rng.random(18) < 0.8
    theirs = [
        keypoint(x / 512, y / 512) if seen else None
        for (x, y), seen in zip(keypoints.tolist(), present, strict=True)
    ]
    expected = util.draw_bodypose(np.zeros((512, 512, 3), np.uint8), theirs)
    drawn = draw_pose(np.zeros((512, 512, 3), np.uint8), keypoints, present, BODY_18)
    assert expected.any()
    np.testing.assert_array_equal(drawn, expected)


def test_a_face_is_drawn_as_controlnet_aux_draws_it(reference):
    keypoint, util = reference
    keypoints = np.random.default_rng(0).uniform(1, 512, (68, 2)).astype(np.float32)
    theirs = [keypoint(x / 512, y / 512) for x, y in keypoints.tolist()]
    expected = util.draw_facepose(np.zeros((512, 512, 3), np.uint8), theirs)
    drawn = draw_pose(np.zeros((512, 512, 3), np.uint8), keypoints, np.ones(68), FACE_68)
    np.testing.assert_array_equal(drawn, expected)


def test_another_size_shows_the_same_drawing():
    import cv2

    keypoints = np.random.default_rng(0).uniform(50, 462, (18, 2))
    native = draw_pose(np.zeros((512, 512, 3), np.uint8), keypoints, np.ones(18), BODY_18)
    large = draw_pose(np.zeros((1536, 1536, 3), np.uint8), keypoints * 3, np.ones(18), BODY_18)
    smaller = cv2.resize(large, (512, 512), interpolation=cv2.INTER_AREA)
    assert np.abs(smaller.astype(int) - native).mean() < 2
    small = draw_pose(np.zeros((64, 64, 3), np.uint8), keypoints / 8, np.ones(18), BODY_18)
    assert (small.max(axis=-1) > 0).mean() < 2 * (native.max(axis=-1) > 0).mean() + 0.05


def test_the_pose_lies_where_the_person_is_and_the_photo_stays():
    photo = astronaut()
    confidence = np.zeros(18)
    confidence[[0, 1]] = 1
    keypoints = np.zeros((18, 2))
    keypoints[0], keypoints[1] = (220, 140), (220, 230)
    before = photo.copy()
    drawn = draw_pose(photo, keypoints, confidence, BODY_18)
    np.testing.assert_array_equal(photo, before)
    assert tuple(drawn[140, 220]) == BODY_18.joint_colours[0]
    limb = BODY_18.limb_colours[BODY_18.limbs.index((1, 0))]
    np.testing.assert_allclose(drawn[185, 220], np.array(limb) * 0.6, atol=1)
    changed = (drawn != photo).any(axis=-1)
    assert changed[:, 230:].sum() == 0
    assert 500 < changed.sum() < 1200


def test_what_is_absent_or_guessed_is_not_drawn():
    confidence = np.full(18, 0.1)
    confidence[3] = 0
    keypoints = np.random.default_rng(0).uniform(0, 64, (18, 2))
    assert not draw_pose(np.zeros((64, 64, 3), np.uint8), keypoints, confidence, BODY_18).any()


def test_joints_far_outside_the_picture_do_no_harm():
    keypoints = np.random.default_rng(0).uniform(-1e30, 1e30, (18, 2)).astype(np.float32)
    keypoints[0] = 32, 32
    drawn = draw_pose(np.zeros((64, 64, 3), np.uint8), keypoints, np.ones(18), BODY_18)
    assert tuple(drawn[32, 32]) == BODY_18.joint_colours[0]


def test_a_sequence_is_a_picture_a_frame():
    keypoints = np.full((3, 18, 2), 30.0)
    keypoints[:, :, 0] += np.arange(3)[:, None] * 20
    sequence = PoseSequence(keypoints, np.ones((3, 18)), 15, (100, 60))
    pictures = list(draw_sequence(sequence))
    assert [picture.shape for picture in pictures] == [(60, 100, 3)] * 3
    assert [np.argwhere(picture.any(axis=-1))[:, 1].mean() for picture in pictures] == [30, 50, 70]
    white = np.full((60, 100, 3), 255, np.uint8)
    assert all((picture[0] == 255).all() for picture in draw_sequence(sequence, white))


def test_stills_show_the_way_of_hands_and_feet_since_the_one_before():
    keypoints = np.full((9, 18, 2), 30.0)
    keypoints[:, 4, 0] = 20 + 10 * np.arange(9)
    confidence = np.zeros((9, 18))
    confidence[:, [1, 4]] = 1  # the neck, which leaves no trail, and the right wrist
    room = np.zeros((60, 120, 3), np.uint8)
    first, second, third = draw_stills(
        PoseSequence(keypoints, confidence, 15, (120, 60)), [0, 4, 8], room
    )
    assert not room.any()
    assert not first[:, 40:].any()
    assert second[30, 40:60].any()
    assert not second[:, 70:].any()
    way = third[30, 66:96].astype(int).sum(1)
    assert not third[:, 40:58].any()
    assert way[-1] > way[10] > way[0] > 0


def test_a_background_of_another_size_is_refused():
    sequence = PoseSequence(np.ones((1, 18, 2)), np.ones((1, 18)), 15, (100, 60))
    with pytest.raises(ValueError, match="100×60"):
        next(draw_sequence(sequence, np.zeros((10, 10, 3), np.uint8)))
