"""A loop comes back to where it began."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.motion.looping import (
    frames_to_go_round,
    frames_to_loop,
    going_round,
    hurried,
    looped,
)
from pgvgen.poses import BODY_18, PoseSequence
from tests.training.tiny import STANDING

WRIST = BODY_18.index("right_wrist")


def swinging(frames: int, period: float) -> PoseSequence:
    """A wrist that goes up and down."""
    keypoints = np.repeat(STANDING[None], frames, axis=0)
    keypoints[:, WRIST, 1] -= 10 * (1 - np.cos(2 * np.pi * np.arange(frames) / period))
    return PoseSequence(keypoints, np.ones((frames, 18)), fps=15, size=(96, 96))


def steps_around(motion: PoseSequence) -> np.ndarray:
    """T: how far the wrist goes from each frame to the next, from the last to the first, too."""
    wrist = motion.keypoints[:, WRIST]
    return np.asarray(np.linalg.norm(np.roll(wrist, -1, axis=0) - wrist, axis=1))


def test_the_first_frame_may_follow_the_last() -> None:
    for frames in (12, 33, 50):
        motion = looped(swinging(frames, 20))
        assert len(motion) == frames
        np.testing.assert_array_equal(motion.keypoints[0], STANDING)
        steps = steps_around(motion)
        assert steps[-1] <= np.quantile(steps[:-1], 0.95)
        assert steps.max() < 8  # 20 px up and down in 20 frames: 3 px at most, and back in 9 frames


def test_a_longer_motion_ends_where_it_comes_back_by_itself() -> None:
    # Three periods of 15 are 45 frames; 42 are asked for, so it is sped up a little.
    motion = looped(swinging(frames_to_loop(42), 15), 42)
    assert len(motion) == 42
    wrist = STANDING[WRIST, 1] - motion.keypoints[:, WRIST, 1]
    tops = [i for i in range(1, 41) if wrist[i] > wrist[i - 1] and wrist[i] >= wrist[i + 1]]
    np.testing.assert_allclose(tops, [7, 21, 35], atol=1)
    assert wrist[[7, 21]].min() > 19


def test_what_repeats_goes_round_without_a_rest() -> None:
    motion = going_round(swinging(frames_to_go_round(40, 15), 18), 40)
    assert len(motion) == 40
    steps = steps_around(motion)
    wrist = motion.keypoints[:, WRIST, 1]
    assert np.ptp(wrist) > 19
    # Two periods of 18 in 40 frames: it is slowed down, and the last step is one like the others.
    after = np.roll(wrist, 20)
    np.testing.assert_allclose(wrist, after, atol=2)
    assert abs(steps[-1] - (steps[0] + steps[-2]) / 2) < 0.6


@pytest.mark.parametrize("fps", [0.25, 1.0, 15.0])
@pytest.mark.parametrize("frames", [2, 3, 6, 10])
def test_a_short_round(frames: int, fps: float) -> None:
    motion = swinging(frames_to_go_round(frames, fps), 18).replace(fps=fps)
    assert len(going_round(motion, frames)) == frames


def test_one_frame_is_its_own_loop() -> None:
    one = looped(swinging(1, 20))
    np.testing.assert_array_equal(one.keypoints[0], STANDING)


def test_a_hurried_loop_is_all_of_it_in_fewer_frames() -> None:
    loop = swinging(20, 20)
    motion = hurried(loop, 10)
    np.testing.assert_array_equal(motion.keypoints, loop.keypoints[::2])
    np.testing.assert_array_equal(hurried(loop, 20).keypoints, loop.keypoints)
