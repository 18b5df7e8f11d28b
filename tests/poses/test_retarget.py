"""Bodies here are made of closed forms: a standing figure whose bones turn as the test says."""

import numpy as np
import pytest

from pgvgen.errors import InputError
from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.poses.retarget import retarget

FPS, FRAMES = 15, 32
LEGS = [BODY_18.index(f"{side}_{j}") for side in ("right", "left") for j in ("knee", "ankle")]
HIPS = [BODY_18.index("right_hip"), BODY_18.index("left_hip")]
ARM_JOINTS = "shoulder", "elbow", "wrist"
ARM = [BODY_18.index(f"right_{joint}") for joint in ARM_JOINTS]
FACE = [0, 14, 15, 16, 17]

# A standing person, 420 px tall, the mid-hip at (300, 300).
STANDING = np.array([
    (300, 160), (300, 200),
    (264, 200), (258, 262), (255, 314), (336, 200), (342, 262), (345, 314),
    (280, 300), (278, 384), (276, 468), (320, 300), (322, 384), (324, 468),
    (294, 152), (306, 152), (286, 156), (314, 156),
], dtype=float)  # fmt: skip


def sequence(keypoints, confidence=None, size=(600, 600), **attributes):
    keypoints = np.asarray(keypoints, float)
    confidence = np.ones(keypoints.shape[:2]) if confidence is None else confidence
    return PoseSequence(keypoints, confidence, FPS, size, **attributes)


def still(pose=STANDING, frames=FRAMES):
    return np.repeat(np.asarray(pose, float)[None], frames, axis=0)


def turned(vector, angle):
    x, y = vector
    return np.stack(
        [x * np.cos(angle) - y * np.sin(angle), x * np.sin(angle) + y * np.cos(angle)], axis=-1
    )


def waving(pose=STANDING, from_rest=True):
    """The right arm goes up within half a second, then the forearm swings; feet stand."""
    t = np.arange(FRAMES) / FPS
    up = np.minimum(t / 0.5, 1) if from_rest else np.ones(FRAMES)
    keypoints = still(pose)
    shoulder, elbow, wrist = (pose[i] for i in ARM)
    keypoints[:, ARM[1]] = shoulder + turned(elbow - shoulder, 1.2 * up)
    swing = 2.6 * up + 0.5 * up * np.sin(4 * np.pi * t)
    keypoints[:, ARM[2]] = keypoints[:, ARM[1]] + turned(wrist - elbow, swing)
    return keypoints


def squatting():
    """Hips go down and up by 80 px, the feet stay."""
    down = 40 * (1 - np.cos(2 * np.pi * np.arange(FRAMES) / FRAMES))
    keypoints = still()
    feet = [BODY_18.index("right_ankle"), BODY_18.index("left_ankle")]
    knees = [BODY_18.index("right_knee"), BODY_18.index("left_knee")]
    upper = [i for i in range(18) if i not in feet + knees]
    keypoints[:, upper, 1] += down[:, None]
    keypoints[:, knees, 1] += down[:, None] / 2
    keypoints[:, knees[0], 0] -= down / 2
    keypoints[:, knees[1], 0] += down / 2
    return keypoints


def angles(keypoints, start, end):
    bone = keypoints[:, end] - keypoints[:, start]
    return np.unwrap(np.arctan2(bone[:, 1], bone[:, 0]))


def lengths(keypoints, start, end):
    return np.linalg.norm(keypoints[..., end, :] - keypoints[..., start, :], axis=-1)


# The same body


@pytest.mark.parametrize("motion", [waving, squatting, still])
def test_the_same_body_from_the_same_pose_is_not_changed(motion):
    original = sequence(motion())
    moved = retarget(original, original[0])
    np.testing.assert_allclose(moved.keypoints, original.keypoints, atol=0.01)


@pytest.mark.parametrize("motion", [waving, squatting])
def test_size_and_place_of_the_motion_do_not_matter(motion):
    other = sequence(motion() * 0.23 + [-40, 17], size=(128, 128))
    moved = retarget(other, sequence(still(frames=1)))
    np.testing.assert_allclose(moved.keypoints, motion(), atol=0.01)
    assert moved.size == (600, 600)


def test_what_belongs_to_the_motion_is_kept():
    motion = sequence(waving(), label="wave", seed=3)
    moved = retarget(motion, sequence(still(frames=5)).replace(fps=60))
    assert (len(moved), moved.fps, moved.label, moved.seed) == (FRAMES, FPS, "wave", 3)


# Another body, another pose


def long_legged():
    """Other proportions at another place: arms 0.9, legs 1.2 times as long, seen at 1.5 ×."""
    pose = STANDING.copy()
    for shoulder, elbow, wrist in ((2, 3, 4), (5, 6, 7)):
        pose[[elbow, wrist]] = pose[shoulder] + 0.9 * (pose[[elbow, wrist]] - pose[shoulder])
    for hip, knee, ankle in ((8, 9, 10), (11, 12, 13)):
        pose[[knee, ankle]] = pose[hip] + 1.2 * (pose[[knee, ankle]] - pose[hip])
    return pose * 1.5 + [100, -50]


def test_the_first_frame_is_the_photo():
    start = sequence(long_legged()[None])
    moved = retarget(sequence(waving(from_rest=False)), start)
    np.testing.assert_array_equal(moved.keypoints[0], start.keypoints[0])


def test_directions_come_from_the_motion_and_lengths_from_the_photo():
    motion, person = waving(from_rest=False), long_legged()
    moved = retarget(sequence(motion), sequence(person[None])).keypoints
    for start, end in ((2, 3), (3, 4), (5, 6), (8, 9), (9, 10), (1, 2)):
        np.testing.assert_allclose(
            np.cos(angles(moved, start, end) - angles(motion, start, end))[6:], 1, atol=1e-3
        )
        np.testing.assert_allclose(
            lengths(moved, start, end)[6:], lengths(person, start, end), rtol=0.03
        )


def test_the_motion_is_blended_in_without_a_jump():
    moved = retarget(sequence(waving(from_rest=False)), sequence(long_legged()[None])).keypoints
    own = np.linalg.norm(np.diff(waving(from_rest=False), axis=0), axis=-1).max() * 1.5
    steps = np.linalg.norm(np.diff(moved, axis=0), axis=-1)
    way = np.linalg.norm(moved[5, ARM[2]] - moved[0, ARM[2]])
    assert way > 200
    assert steps.max() < way * 0.45 + own
    np.testing.assert_allclose(lengths(moved, 2, 3), lengths(moved[0], 2, 3), rtol=0.05)


def test_foreshortening_is_kept():
    motion = still()
    towards = 1 - 0.8 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)  # an arm that points at us
    motion[:, 3] = motion[:, 2] + towards[:, None] * (STANDING[3] - STANDING[2])
    motion[:, 4] = motion[:, 3] + towards[:, None] * (STANDING[4] - STANDING[3])
    person = long_legged()
    moved = retarget(sequence(motion), sequence(person[None])).keypoints
    np.testing.assert_allclose(lengths(moved, 2, 3) / lengths(person, 2, 3), towards, atol=0.02)


def test_bones_stay_within_limits_whatever_the_motion():
    rng = np.random.default_rng(0)
    noise = STANDING + rng.normal(scale=60, size=(FRAMES, 18, 2))
    noise[10] = rng.uniform(-1e5, 1e5, (18, 2))
    moved = retarget(sequence(noise), sequence(still(frames=1))).keypoints
    assert np.isfinite(moved).all()
    for start, end in BODY_18.limbs:
        if end not in FACE and start != 1:
            own = lengths(STANDING, start, end)
            assert lengths(moved, start, end).max() < 1.25 * own, BODY_18.joints[end]


def test_a_bone_that_the_photo_shortens_may_grow_to_its_usual_length():
    person = STANDING.copy()
    for elbow, wrist in ((3, 4), (6, 7)):  # forearms that point at us
        person[wrist] = person[elbow] + 0.2 * (person[wrist] - person[elbow])
    moved = retarget(sequence(waving()), sequence(person[None])).keypoints
    assert lengths(moved, 3, 4).max() > 0.8 * lengths(STANDING, 3, 4)


def test_who_faces_us_stays_as_wide_as_they_begin():
    motion = still()
    middle = STANDING[1, 0]
    narrow = 1 - 0.5 * np.minimum(np.arange(FRAMES) / 8, 1)  # turning away by sixty degrees
    motion[..., 0] = middle + narrow[:, None] * (motion[..., 0] - middle)
    start = sequence(still(frames=1))
    turning = retarget(sequence(motion), start).keypoints
    facing = retarget(sequence(motion), start, facing=True).keypoints
    for right, left in ((2, 5), (8, 11)):
        own = lengths(STANDING, right, left)
        assert lengths(turning, right, left)[-1] == pytest.approx(own / 2, rel=0.1)
        np.testing.assert_allclose(lengths(facing, right, left), own, rtol=1e-3)


# Feet


def test_standing_feet_stay_on_the_photo_s():
    person = long_legged()
    person[[10, 13], 0] += [-30, 40]  # a wider stance
    rng = np.random.default_rng(0)
    motion = squatting() + rng.normal(scale=1.0, size=(FRAMES, 18, 2))
    moved = retarget(sequence(motion), sequence(person[None])).keypoints
    for ankle in (10, 13):
        np.testing.assert_allclose(
            moved[:, ankle], np.repeat(person[ankle][None], FRAMES, 0), atol=3
        )
    assert (moved[16, HIPS, 1] - person[HIPS, 1]).min() > 80, "and the hips go down"


def test_feet_that_slide_do_not_jump():
    # Slower than a foot that is up, so it rests here, then a little further, and so on.
    sliding = still()
    sliding += np.arange(FRAMES)[:, None, None] * np.array([1.5, 0])
    moved = retarget(sequence(sliding), sequence(still(frames=1)))
    steps = np.linalg.norm(np.diff(moved.keypoints, axis=0), axis=-1)
    assert steps[:-3].max() < 1.6  # at the end they are let go


def test_a_motion_that_begins_in_a_crouch_does_not_lift_the_feet():
    crouch = np.roll(squatting(), -16, axis=0)
    moved = retarget(sequence(crouch), sequence(still(frames=1))).keypoints
    np.testing.assert_allclose(moved[:, [10, 13], 1], 468, atol=2)
    assert moved[6, HIPS, 1].mean() > 340, "the hips sink into the crouch"
    np.testing.assert_allclose(moved[16, HIPS, 1], 300, atol=4)


def test_a_jump_leaves_the_ground_and_lands_where_it_began():
    height = np.maximum(0, 60 * np.sin(2 * np.pi * (np.arange(FRAMES) - 8) / 24))
    motion = still()
    motion[..., 1] -= height[:, None]
    moved = retarget(sequence(motion), sequence(long_legged()[None], size=(600, 900))).keypoints
    rise = moved[0, 10, 1] - moved[:, 10, 1]
    assert rise.max() == pytest.approx(60 * 1.5, rel=0.15)
    np.testing.assert_allclose(rise[24:], 0, atol=3)


def crouching_in_the_air():
    """Squats whose hips stay where they are: the feet come up by 80 px."""
    keypoints = squatting()
    keypoints[..., 1] -= (keypoints[:, HIPS, 1].mean(1) - 300)[:, None]
    return keypoints


def test_who_stands_keeps_a_foot_on_the_ground():
    start = sequence(still(frames=1))
    moved = retarget(sequence(crouching_in_the_air()), start, grounded=True).keypoints
    assert np.abs(moved[:, [10, 13], 1] - 468).max() < 4
    assert moved[:, HIPS, 1].max() > 300 + 60
    free = retarget(sequence(crouching_in_the_air()), start).keypoints
    assert free[:, [10, 13], 1].min() < 468 - 60


def test_whose_feet_the_photo_does_not_show_does_not_leave_the_ground():
    jump = squatting()
    jump[:, :, 1] -= 120 * np.maximum(0, np.sin(np.linspace(-np.pi, np.pi, FRAMES)))[:, None]
    hidden = np.ones((1, 18))
    hidden[:, [LEGS[1], LEGS[3]]] = 0
    cut_off = sequence(still(frames=1), size=(600, 470))  # through the feet
    for start in (sequence(still(frames=1), hidden), cut_off):
        hips = retarget(sequence(jump), start).keypoints[:, HIPS, 1].mean(1)
        assert hips.max() > 300 + 40
        assert hips.min() > 300 - 8
    free = retarget(sequence(jump), sequence(still(frames=1))).keypoints[:, HIPS, 1].mean(1)
    assert free.min() < 300 - 30


def test_steps_are_scaled_with_the_body():
    motion = still()
    walk = np.interp(np.arange(FRAMES), [0, 8, 12, 31], [0, 0, 60, 60])
    motion[..., 0] += walk[:, None]
    moved = retarget(sequence(motion * 0.5), sequence(still(frames=1))).keypoints
    np.testing.assert_allclose(moved[-1], motion[-1], atol=2)


# What is missing


def test_a_joint_the_photo_lacks_stays_absent_and_a_guess_stays_a_guess():
    confidence = np.ones((1, 18))
    confidence[0, LEGS], confidence[0, 7] = 0, 0.1
    start = sequence(still(frames=1), confidence)
    moved = retarget(sequence(waving()), start)
    np.testing.assert_array_equal(moved.confidence, np.repeat(start.confidence, FRAMES, axis=0))
    assert not moved.keypoints[:, LEGS].any()
    others = [i for i in range(18) if i not in LEGS]
    np.testing.assert_allclose(moved.keypoints[:, others], waving()[:, others], atol=0.5)


def test_a_portrait_of_head_and_shoulders_nods_and_sways():
    confidence = np.zeros((1, 18))
    confidence[0, [0, 1, 2, 5, 14, 15, 16, 17]] = 1
    motion = still()
    motion[:, :, 0] += 20 * np.sin(np.arange(FRAMES) / 5)[:, None]
    moved = retarget(sequence(motion * 0.5), sequence(still(frames=1), confidence))
    np.testing.assert_allclose(moved.keypoints[:, 0], motion[:, 0], atol=0.5)


def test_a_portrait_that_sinks_is_not_turned_upside_down() -> None:
    confidence = np.ones((FRAMES, 18))
    confidence[:, [8, 9, 10, 11, 12, 13, 4, 7]] = 0  # to the elbows
    deep = still()
    deep[..., 1] += 75 * (1 - np.cos(2 * np.pi * np.arange(FRAMES) / FRAMES))[:, None]
    portrait = sequence(still(frames=1), confidence[:1], size=(600, 240))
    after = retarget(sequence(deep, confidence), portrait).keypoints
    assert np.ptp(after[:, 1, 1]) == pytest.approx(150, abs=5), "more than a spine's length"
    elbows, shoulders = after[:, [3, 6], 1], after[:, [2, 5], 1]
    assert (elbows - shoulders).min() > 50, "they hang"


@pytest.mark.parametrize("how", ["absent", "guessed"])
def test_legs_the_motion_never_shows_are_the_photo_s(how):
    confidence = np.ones((FRAMES, 18))
    confidence[:, LEGS] = 0 if how == "absent" else 0.05
    motion = waving() * 0.5
    motion[:, LEGS] = np.random.default_rng(0).uniform(0, 300, (FRAMES, 4, 2))
    moved = retarget(sequence(motion, confidence), sequence(still(frames=1))).keypoints
    np.testing.assert_allclose(moved[:, LEGS], still()[:, LEGS], atol=0.5)
    np.testing.assert_allclose(moved[:, ARM], waving()[:, ARM], atol=0.5)


def test_a_motion_of_head_and_arms_alone_leaves_hips_and_feet_where_they_are():
    confidence = np.ones((FRAMES, 18))
    confidence[:, LEGS + HIPS] = 0
    moved = retarget(sequence(waving(), confidence), sequence(long_legged()[None])).keypoints
    np.testing.assert_allclose(
        moved[:, LEGS + HIPS], still(long_legged())[:, LEGS + HIPS], atol=0.5
    )
    assert np.ptp(moved[:, ARM[2], 1]) > 100


def test_gaps_in_the_motion_are_bridged():
    confidence = np.ones((FRAMES, 18))
    confidence[8:20, 4] = confidence[25:, [3, 4]] = 0
    moved = retarget(sequence(waving(), confidence), sequence(still(frames=1))).keypoints
    assert np.linalg.norm(np.diff(moved, axis=0), axis=-1).max() < 45
    np.testing.assert_allclose(moved[:, 5:], waving()[:, 5:], atol=0.5)


# The head


def test_the_head_turns_with_the_body_as_one_piece():
    about = STANDING[HIPS].mean(axis=0)
    lean = 0.7 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    motion = still()
    upper = [i for i in range(18) if i not in LEGS + HIPS]
    for t in range(FRAMES):
        motion[t, upper] = about + turned((STANDING[upper] - about).T, lean[t])
    person = long_legged()
    moved = retarget(sequence(motion), sequence(person[None])).keypoints
    expected = person[1:2] - person[HIPS].mean(axis=0)
    for t in (0, 8, 16):
        eyes = moved[t, 15] - moved[t, 14]
        assert np.arctan2(eyes[1], eyes[0]) == pytest.approx(lean[t], abs=0.02)
        np.testing.assert_allclose(
            moved[t, 1] - moved[t, HIPS].mean(axis=0), turned(expected[0], lean[t]), atol=2
        )
        for i in FACE:
            for j in FACE:
                assert lengths(moved[t], i, j) == pytest.approx(lengths(person, i, j), abs=0.1)


def test_a_head_that_looks_away_does_not_spin():
    motion = still()
    away = np.cos(np.pi * np.arange(FRAMES) / (FRAMES - 1))
    motion[:, FACE, 0] = 300 + away[:, None] * (STANDING[FACE, 0] - 300)
    moved = retarget(sequence(motion), sequence(still(frames=1))).keypoints
    np.testing.assert_allclose(moved[:, FACE], still()[:, FACE], atol=2)


@pytest.mark.parametrize(("nose", "most"), [(300, 0.6), (322, np.radians(15))])
def test_a_head_that_is_seen_from_aside_nods_no_further_than_its_throat_allows(nose, most):
    person = STANDING.copy()
    person[0, 0] = nose
    back = 0.6 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    motion = still(person)
    for t in range(FRAMES):
        motion[t, FACE] = person[1] + turned((person[FACE] - person[1]).T, -back[t])
    moved = retarget(sequence(motion), sequence(person[None])).keypoints
    swing = angles(moved, 1, 16)
    assert np.abs(swing - swing[0]).max() == pytest.approx(most, abs=0.03)
    eyes = angles(moved, 14, 15)
    assert np.abs(eyes - eyes[0]).max() == pytest.approx(most, abs=0.03)


def test_a_head_that_looks_down_and_aside_hardly_rolls_and_stays_on_the_neck():
    """As before a golf ball: the ears' line turns by far more than a head can be laid aside."""
    ears, eyes = STANDING[[16, 17]], [0, 14, 15]
    motion = still()
    turn = np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    middle = ears.mean(axis=0)
    for t in range(FRAMES):
        motion[t, FACE] = middle + turned((STANDING[FACE] - middle).T, 1.0 * turn[t])
        motion[t, eyes] += [20 * turn[t], 0]
    moved = retarget(sequence(motion), sequence(still(frames=1))).keypoints
    line = angles(moved, 14, 15)
    assert np.abs(line - line[0]).max() == pytest.approx(np.radians(15), abs=0.02)
    np.testing.assert_allclose(moved[:, FACE].mean(axis=1), still()[:, FACE].mean(axis=1), atol=3)


def test_who_bows_is_followed_by_the_head_from_aside_too():
    person = STANDING.copy()
    person[0, 0] = 322
    about = person[HIPS].mean(axis=0)
    lean = 0.7 * np.sin(np.pi * np.arange(FRAMES) / FRAMES)
    motion = still(person)
    upper = [i for i in range(18) if i not in LEGS + HIPS]
    for t in range(FRAMES):
        motion[t, upper] = about + turned((person[upper] - about).T, lean[t])
    moved = retarget(sequence(motion), sequence(person[None])).keypoints
    neck = moved[16, 1] - moved[16, 16], person[1] - person[16]
    turn = np.subtract(*(np.arctan2(y, x) for x, y in neck))
    assert turn == pytest.approx(0.7, abs=0.02)


# Faces, and what cannot be done


def test_a_face_s_changes_are_turned_and_scaled_with_the_face():
    rng = np.random.default_rng(0)
    first = rng.uniform(0, 60, (68, 2))
    changes = rng.normal(size=(8, 68, 2))
    changes[0] = 0
    motion = PoseSequence(first + changes, np.ones((8, 68)), 25, (64, 64), FACE_68)
    photo = 3 * turned(first.T, 0.3) + [200, 100]
    start = PoseSequence(photo[None], np.ones((1, 68)), 25, (512, 512), FACE_68)
    expected = photo + 3 * turned(np.moveaxis(changes, -1, 0), 0.3)
    np.testing.assert_allclose(retarget(motion, start).keypoints, expected, rtol=1e-4)


def test_two_skeletons_do_not_mix():
    face = PoseSequence(np.ones((1, 68, 2)), np.ones((1, 68)), 25, (64, 64), FACE_68)
    with pytest.raises(InputError, match="body_18 pose and the start a face_68"):
        retarget(sequence(waving()), face)


def test_without_a_bone_in_common_there_is_nothing_to_go_by():
    confidence = np.zeros((1, 18))
    confidence[0, [0, 9]] = 1
    with pytest.raises(InputError, match="no bone in common"):
        retarget(sequence(waving()), sequence(still(frames=1), confidence))


def test_no_frames_is_refused():
    with pytest.raises(InputError, match="without frames"):
        retarget(sequence(waving())[:0], sequence(waving()))


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_very_short_motions(frames):
    moved = retarget(sequence(waving()[:frames]), sequence(still(frames=1)))
    assert len(moved) == frames


def clapping():
    """Hands part and meet before the chest, twice a second, of somebody turned half aside."""
    keypoints = still()
    swing = 0.5 * (1 + np.cos(4 * np.pi * np.arange(FRAMES) / FPS))
    for side, way in ("right", -1), ("left", 1):
        shoulder, elbow, wrist = (BODY_18.index(f"{side}_{j}") for j in ARM_JOINTS)
        keypoints[1:, shoulder, 0] = 300 + 18 * way
        keypoints[:, elbow] = keypoints[:, shoulder] + np.array([10 * way, 60])
        keypoints[:, wrist, 0] = 300 + way * (8 + 30 * swing)
        keypoints[:, wrist, 1] = keypoints[:, elbow, 1] - 25
    return keypoints


def palms_apart(keypoints):
    """In px, of T×18×2."""
    right, left = (
        keypoints[:, wrist] + 0.35 * (keypoints[:, wrist] - keypoints[:, elbow])
        for elbow, wrist in ((3, 4), (6, 7))
    )
    return np.linalg.norm(left - right, axis=-1)


def test_hands_that_touch_touch_on_a_body_that_is_made_broader():
    motion, start = sequence(clapping()), sequence(still(STANDING, 1))
    apart = palms_apart(motion.keypoints)
    plain, joined = (
        retarget(motion, start, facing=True, touching=touching) for touching in (False, True)
    )
    meet = (apart < 25) & (np.arange(FRAMES) > 6)
    assert meet.sum() > 5
    assert (palms_apart(plain.keypoints) - apart)[meet].min() > 20
    assert np.abs(palms_apart(joined.keypoints) - apart)[meet].max() < 8
    for bone in ((2, 3), (3, 4), (5, 6), (6, 7)):
        longest = [np.linalg.norm(np.diff(k[:, bone], axis=1), axis=-1).max() for k in
                   (joined.keypoints, plain.keypoints)]  # fmt: skip
        assert longest[0] < 1.01 * longest[1]


def test_hands_that_are_apart_are_left_alone():
    start = sequence(still(STANDING, 1))
    motion = sequence(waving())
    plain, joined = (retarget(motion, start, touching=touching) for touching in (False, True))
    assert np.array_equal(plain.keypoints, joined.keypoints)


def test_shoulders_rise_with_the_arms_and_come_down_with_them():
    """By 0.07 body units a radian of elevation, from hanging down to level: a quarter turn."""
    right, left, neck = ARM[0], BODY_18.index("left_shoulder"), BODY_18.index("neck")
    down, level = still(), still()
    down[:, ARM[1:]] = down[:, [right]] + [(0, 62), (0, 114)]
    level[:, ARM[1:]] = level[:, [right]] + [(-62, 0), (-114, 0)]
    for start, end in (down, level), (level, down):
        motion = np.concatenate([start[:6], end])
        lifted, plain = (
            retarget(sequence(motion), sequence(start[:1]), shrugging=s).keypoints
            for s in (True, False)
        )
        moved = lifted - plain
        y = 0.07 * np.pi / 2 * 100 * (-1 if end is level else 1)
        assert moved[-1, right, 1] == pytest.approx(y, rel=0.1)
        assert moved[-1, right, 0] == pytest.approx(-0.023 / 0.07 * y, rel=0.1)  # to the neck
        np.testing.assert_allclose(moved[:, ARM[1:]], moved[:, [right, right]], atol=1e-3)
        np.testing.assert_allclose(moved[:, neck], moved[:, right] / 2, atol=1e-3)
        np.testing.assert_allclose(moved[:, [*FACE, *HIPS, *LEGS, left]], 0, atol=1e-3)
        np.testing.assert_allclose(moved[0], 0, atol=1e-3)


def test_an_arm_that_the_photo_hides_lifts_no_shoulder():
    confidence = np.ones((1, 18))
    confidence[0, ARM[1:]] = 0
    start = sequence(STANDING[None], confidence)
    lifted, plain = (retarget(sequence(waving()), start, shrugging=s) for s in (True, False))
    np.testing.assert_array_equal(lifted.keypoints, plain.keypoints)


def test_an_arm_whose_forearm_the_picture_cuts_off_hangs():
    """Raised, it would end in a stump where the picture ends."""
    portrait = sequence(STANDING[None], size=(600, 285))
    arm = [BODY_18.index(f"right_{joint}") for joint in ("shoulder", "elbow", "wrist")]
    after = retarget(sequence(waving()), portrait).keypoints
    bones = np.diff(after[:, arm], axis=1)
    np.testing.assert_allclose(bones, np.repeat(bones[:1], FRAMES, axis=0), atol=0.5)
    whole = retarget(sequence(waving()), sequence(STANDING[None])).keypoints
    assert (whole[:, arm[2], 1] < whole[:, arm[0], 1]).any()
