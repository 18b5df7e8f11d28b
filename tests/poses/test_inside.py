"""Motions stay in the picture: hands that wave, heads that jump."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.poses.inside import cut_off, keep_inside
from pgvgen.poses.sequence import PoseSequence
from pgvgen.poses.skeletons import BODY_18, FACE_68
from tests.poses.test_retarget import (
    FRAMES,
    STANDING,
    lengths,
    sequence,
    squatting,
    still,
    waving,
)

TOP = 130  # px above which the photo is cut: there is no room for a raised hand


def cut(keypoints: np.ndarray, top: int = TOP) -> PoseSequence:
    return sequence(keypoints - [0, top], size=(600, 600 - top))


def jumping(height: float) -> np.ndarray:
    up = height * np.sin(np.pi * np.arange(FRAMES) / (FRAMES - 1))
    return still() - np.stack([np.zeros(FRAMES), up], axis=-1)[:, None]


def test_a_hand_that_would_leave_the_picture_is_waved_lower() -> None:
    motion = waving()
    motion[:, 3] = motion[:, 2] + [0, -62] * np.minimum(np.arange(FRAMES) / 8, 1)[:, None]
    motion[:, 4] = motion[:, 3] + [-10, -50]
    motion[0] = STANDING
    before = cut(motion)
    after = keep_inside(before)
    assert before.keypoints[8:, 4, 1].max() < 0
    assert after.keypoints[8:, 4, 1].min() > 0
    np.testing.assert_allclose(after.keypoints[0], before.keypoints[0])
    for start, end in ((2, 3), (3, 4)):  # arms bend and do not shrink
        np.testing.assert_allclose(
            lengths(after.keypoints, start, end), lengths(before.keypoints, start, end), rtol=1e-4
        )
    others = [joint for joint in range(18) if joint not in (3, 4)]
    np.testing.assert_allclose(after.keypoints[:, others], before.keypoints[:, others], atol=1e-3)


@pytest.mark.parametrize("motion", [waving(), jumping(100)])
def test_what_stays_in_the_picture_is_not_changed(motion: np.ndarray) -> None:
    there = sequence(motion)
    np.testing.assert_allclose(keep_inside(there).keypoints, there.keypoints, atol=1e-3)


def test_a_jump_is_as_high_as_the_picture_has_room_for() -> None:
    top = 60  # 60 px above the crown
    after = keep_inside(cut(jumping(100), top)).keypoints
    crown = after[:, 0, 1] - (after[:, 1, 1] - after[:, 0, 1])
    assert crown.min() == pytest.approx(0, abs=1)
    rise = (after[0] - after)[:, :, 1]
    np.testing.assert_allclose(rise, np.repeat(rise[:, :1], 18, axis=1), atol=1e-3)
    assert rise.max() == pytest.approx(60, abs=1)


def test_nothing_is_kept_inside_a_picture_that_nobody_knows() -> None:
    motion = cut(jumping(100), 100).replace(size_known=False)
    assert keep_inside(motion) is motion


def test_a_jump_does_not_become_a_stand() -> None:
    after = keep_inside(cut(jumping(100), 119)).keypoints[:, 0, 1]  # 1 px above the crown
    assert after[0] - after.min() == pytest.approx(30, abs=1)


def test_what_the_photo_does_not_show_is_left_alone() -> None:
    confidence = np.ones((FRAMES, 18))
    confidence[:, [4, 10, 13]] = 0  # no right hand, no feet
    there = PoseSequence(jumping(100) - [0, TOP], confidence, 15, (600, 470))
    np.testing.assert_allclose(keep_inside(there).keypoints, there.keypoints, atol=1e-3)
    face = PoseSequence(np.full((2, 68, 2), -5.0), np.ones((2, 68)), 15, (60, 60), FACE_68)
    assert keep_inside(face) is face
    assert BODY_18.joints[4] == "right_wrist"


def test_a_portrait_squats_until_the_neck_is_at_the_picture_s_lower_border() -> None:
    confidence = np.ones((FRAMES, 18))
    confidence[:, [BODY_18.index(f"{side}_ankle") for side in ("right", "left")]] = 0
    portrait = sequence(squatting(), confidence, size=(600, 240))  # the neck is 40 px above it
    after = keep_inside(portrait).keypoints
    assert after[:, 1, 1].max() == pytest.approx(240, abs=0.5)
    sunk = (portrait.keypoints - after)[:, portrait.present[0], 1]
    np.testing.assert_allclose(sunk, np.repeat(sunk[:, :1], 16, axis=1), atol=1e-3)
    np.testing.assert_allclose(after[0], portrait.keypoints[0])
    for other in (sequence(squatting(), confidence), sequence(squatting(), size=(600, 240))):
        np.testing.assert_allclose(keep_inside(other).keypoints, other.keypoints, atol=1e-3)


def test_a_head_that_the_picture_cuts_does_not_sink() -> None:
    """Its top would have to be invented; whose feet are in the picture stands on them."""
    confidence = np.ones((FRAMES, 18))
    confidence[:, [BODY_18.index(f"{side}_ankle") for side in ("right", "left")]] = 0
    close = sequence(squatting() - [0, TOP], confidence, size=(600, 170))
    after = keep_inside(close).keypoints
    np.testing.assert_allclose(after[:, 0, 1], STANDING[0, 1] - TOP, atol=1e-3)
    standing = cut(squatting())
    np.testing.assert_allclose(keep_inside(standing).keypoints, standing.keypoints, atol=1e-3)


@pytest.mark.parametrize("side", [-1, 1])
def test_a_portrait_goes_aside_until_the_head_is_at_the_border(side: int) -> None:
    confidence = np.ones((FRAMES, 18))
    confidence[:, [BODY_18.index(f"{foot}_ankle") for foot in ("right", "left")]] = 0
    way = side * 320 * np.sin(np.pi * np.arange(FRAMES) / (FRAMES - 1))
    moved = still() + np.stack([way, np.zeros(FRAMES)], axis=-1)[:, None]
    after = keep_inside(sequence(moved, confidence)).keypoints
    nose = after[:, 0, 0]
    assert max(-side * (300 - nose)) == pytest.approx(280, abs=1)  # half a head of 40 px
    shift = (after - after[0])[:, confidence[0] > 0, 0]
    np.testing.assert_allclose(shift, np.repeat(shift[:, :1], 16, axis=1), atol=1e-3)
    walking = sequence(moved)  # who shows the feet goes where they go
    np.testing.assert_allclose(keep_inside(walking).keypoints, walking.keypoints, atol=1e-3)


def test_a_forearm_below_the_picture_is_cut_off() -> None:
    where = STANDING @ np.array([1, 1j])
    assert cut_off(where, sequence(still())) == (False, False)
    assert cut_off(where, sequence(still(), size=(600, 290))) == (True, True)
    assert cut_off(where - 257, sequence(still())) == (True, False)
    unknown = sequence(still(), size=(600, 290)).replace(size_known=False)
    assert cut_off(where, unknown) == (False, False)


def test_a_portrait_bows_until_the_chin_is_at_the_picture_s_lower_border() -> None:
    confidence = np.ones((FRAMES, 18))
    confidence[:, [BODY_18.index(f"{side}_ankle") for side in ("right", "left")]] = 0
    bowing = still()
    bowing[1:, 0, 1] += 60  # the nose comes to be 20 px below the neck, the chin at 240
    assert keep_inside(sequence(bowing, confidence, size=(600, 250))).keypoints[5, 0, 1] == 220
    after = keep_inside(sequence(bowing, confidence, size=(600, 225))).keypoints
    assert after[5, 0, 1] == pytest.approx(205, abs=0.5)
