import dataclasses

import numpy as np
import pytest

from pgvgen.poses import FACE_68, PoseSequence


def sequence(frames=4, **changes):
    rng = np.random.default_rng(0)
    values = {
        "keypoints": rng.uniform(0, 99, (frames, 18, 2)),
        "confidence": rng.uniform(0.1, 1, (frames, 18)),
        "fps": 15,
        "size": (100, 80),
    }
    return PoseSequence(**(values | changes))


def test_nothing_can_be_changed_neither_from_inside_nor_through_the_arrays_given():
    keypoints, confidence = np.ones((2, 18, 2), np.float32), np.ones((2, 18), np.float32)
    poses = sequence(keypoints=keypoints, confidence=confidence)
    keypoints[:], confidence[:] = 7, 0.5
    assert (poses.keypoints == 1).all()
    assert (poses.confidence == 1).all()
    with pytest.raises(ValueError, match="read-only"):
        poses.keypoints[0] = 0
    with pytest.raises(ValueError, match="read-only"):
        poses.confidence[0] = 0
    with pytest.raises(dataclasses.FrozenInstanceError):
        poses.fps = 30


def test_arrays_are_float32():
    assert sequence().keypoints.dtype == sequence().confidence.dtype == np.float32


def test_an_absent_joint_is_at_zero_with_confidence_zero():
    keypoints, confidence = np.full((1, 18, 2), 5.0), np.ones((1, 18))
    keypoints[0, 0, 1], keypoints[0, 1, 0] = np.nan, np.inf
    confidence[0, 2], confidence[0, 3], confidence[0, 4] = 0, -1, np.nan
    poses = sequence(keypoints=keypoints, confidence=confidence)
    assert not poses.keypoints[0, :5].any()
    assert not poses.confidence[0, :5].any()
    np.testing.assert_array_equal(poses.present[0], [False] * 5 + [True] * 13)


def test_confidence_is_at_most_one():
    assert sequence(confidence=np.full((4, 18), 1.2)).confidence.max() == 1


@pytest.mark.parametrize(
    "changes",
    [
        {"keypoints": np.ones((4, 17, 2))},
        {"keypoints": np.ones((4, 18, 3))},
        {"keypoints": np.ones((18, 2))},
        {"keypoints": np.ones((3, 18, 2))},
        {"skeleton": FACE_68},
        {"fps": 0},
        {"fps": -5},
        {"fps": float("nan")},
        {"fps": float("inf")},
        {"size": (0, 80)},
    ],
)
def test_what_does_not_fit_together_is_refused(changes):
    with pytest.raises(ValueError, match=r"keypoints|confidence|fps|size"):
        sequence(**changes)


def test_frames_are_taken_like_a_list_s():
    poses = sequence(label="wave", seed=1)
    for index, expected in ((0, [0]), (-1, [3]), (np.int64(2), [2]), (slice(1, None, 2), [1, 3])):
        taken = poses[index]
        np.testing.assert_array_equal(taken.keypoints, poses.keypoints[expected])
        np.testing.assert_array_equal(taken.confidence, poses.confidence[expected])
        assert (taken.fps, taken.size, taken.label, taken.seed) == (15, (100, 80), "wave", 1)
    assert [len(frame) for frame in poses] == [1] * 4
    for index in (4, -5):
        with pytest.raises(IndexError):
            poses[index]


def test_replace_checks_again():
    assert sequence().replace(fps=30).fps == 30
    with pytest.raises(ValueError, match="fps"):
        sequence().replace(fps=0)


def test_a_mirror_exchanges_left_and_right():
    poses = sequence()
    mirrored = poses.mirrored()
    wrists = [poses.skeleton.index(f"{side}_wrist") for side in ("right", "left")]
    for there, here in zip(wrists, wrists[::-1], strict=True):
        np.testing.assert_allclose(
            mirrored.keypoints[:, there, 0], 99 - poses.keypoints[:, here, 0]
        )
        np.testing.assert_array_equal(mirrored.keypoints[:, there, 1], poses.keypoints[:, here, 1])
        np.testing.assert_array_equal(mirrored.confidence[:, there], poses.confidence[:, here])
    np.testing.assert_allclose(mirrored.mirrored().keypoints, poses.keypoints, atol=1e-5)


def test_a_mirror_leaves_absent_joints_absent():
    confidence = np.ones((4, 18))
    confidence[:, 4] = 0  # the right wrist
    mirrored = sequence(confidence=confidence).mirrored()
    assert not mirrored.present[:, 7].any()
    assert not mirrored.keypoints[:, 7].any()
