import numpy as np
import pytest

from pgvgen.poses import PoseSequence
from pgvgen.poses.timing import bridge_gaps, resample, smooth


def motion(x, confidence=None, fps=15):
    """All joints at (x(t), 2 x(t))."""
    x = np.asarray(x, float)
    keypoints = np.stack([x, 2 * x], axis=-1)[:, None].repeat(18, axis=1)
    confidence = np.ones(len(x)) if confidence is None else np.asarray(confidence, float)
    return PoseSequence(keypoints, confidence[:, None].repeat(18, axis=1), fps, (640, 480))


def xs(sequence):
    return sequence.keypoints[:, 3, 0]


def wave(seconds=2.0, fps=15.0, hertz=2.0):
    return 100 + 50 * np.sin(2 * np.pi * hertz * np.arange(round(seconds * fps)) / fps)


# resample


def test_the_same_rate_changes_nothing():
    sequence = motion(wave())
    again = resample(sequence, sequence.fps)
    np.testing.assert_array_equal(again.keypoints, sequence.keypoints)
    np.testing.assert_array_equal(again.confidence, sequence.confidence)


def test_a_parabola_is_resampled_exactly():
    t = np.arange(16)
    doubled = resample(motion(3 + 2 * t + 0.5 * t**2), 30)
    assert (len(doubled), doubled.fps) == (31, 30)
    u = np.arange(31) / 2
    np.testing.assert_allclose(xs(doubled)[2:-2], (3 + 2 * u + 0.5 * u**2)[2:-2], rtol=1e-6)


@pytest.mark.parametrize("fps", [10, 24, 25, 60])
def test_a_wave_keeps_its_shape_and_duration(fps):
    resampled = resample(motion(wave(fps=30), fps=30), fps)
    times = np.arange(len(resampled)) / fps
    assert times[-1] == pytest.approx(59 / 30, abs=1 / fps)
    np.testing.assert_allclose(xs(resampled), 100 + 50 * np.sin(4 * np.pi * times), atol=0.8)


def test_a_number_of_frames_stretches_the_motion():
    stretched = resample(motion(np.arange(10)), 25, frames=28)
    np.testing.assert_allclose(xs(stretched), np.linspace(0, 9, 28), atol=1e-5)
    assert stretched.fps == 25


def test_gaps_stay_gaps_and_nothing_leaks_out_of_them():
    resampled = resample(motion([0, 1, 0, 0, 4, 5], [1, 1, 0, 0, 1, 1]), 60)
    expected = [1] * 4 + [1] * 2 + [0] * 8 + [1] * 7
    np.testing.assert_array_equal(resampled.present[:, 0], np.array(expected) > 0)
    there = resampled.present[:, 0]
    assert np.abs(xs(resampled) - np.arange(21) / 4)[there].max() <= 0.5


def test_one_frame_stays_one_frame_or_is_repeated():
    one = motion([7])
    np.testing.assert_array_equal(resample(one, 30).keypoints, one.keypoints)
    np.testing.assert_array_equal(xs(resample(one, 30, frames=5)), 7)


# bridge_gaps


def test_a_short_gap_is_bridged_in_a_line():
    bridged = bridge_gaps(motion([0, 1, 0, 0, 4, 5], [1, 1, 0, 0, 0.4, 1]))
    np.testing.assert_allclose(xs(bridged), np.arange(6))
    np.testing.assert_allclose(bridged.confidence[:, 0], [1, 1, 0.8, 0.6, 0.4, 1])


def test_long_gaps_and_open_ends_stay():
    x, confidence = np.arange(30), np.ones(30)
    confidence[:2] = confidence[-2:] = confidence[10:20] = 0
    sequence = motion(x, confidence)
    np.testing.assert_array_equal(bridge_gaps(sequence).present, sequence.present)


def test_a_weak_joint_keeps_its_place_in_proportion():
    bridged = bridge_gaps(motion([0, 10, 2], [1, 0.1, 1]))
    assert xs(bridged)[1] == pytest.approx(0.5 * 10 + 0.5 * 1)
    assert bridged.confidence[1, 0] == 1


# smooth


def test_a_parabola_passes_unchanged():
    t = np.arange(30)
    sequence = motion(3 + 2 * t + 0.5 * t**2)
    np.testing.assert_allclose(smooth(sequence).keypoints, sequence.keypoints, rtol=1e-4)


@pytest.mark.parametrize("fps", [15, 30])
def test_a_wave_keeps_its_height_and_its_phase(fps):
    smoothed = xs(smooth(motion(wave(fps=fps), fps=fps)))[fps // 3 : -fps // 3]
    original = wave(fps=fps)[fps // 3 : -fps // 3]
    assert np.std(smoothed) > 0.95 * np.std(original)
    shifts = [np.sum(np.roll(smoothed - 100, -s) * (original - 100)) for s in (-1, 0, 1)]
    assert int(np.argmax(shifts)) == 1


@pytest.mark.parametrize(("fps", "left"), [(15, 0.75), (30, 0.55)])
def test_jitter_is_removed(fps, left):
    noise = np.random.default_rng(0).normal(size=200)
    smoothed = smooth(motion(100 + noise, fps=fps))
    assert np.std(xs(smoothed)) < left
    assert np.std(np.diff(xs(smoothed))) < 0.8 * left * np.std(np.diff(noise))


def test_an_unsure_outlier_is_overruled():
    x, confidence = np.full(15, 100.0), np.ones(15)
    x[7], confidence[7] = 160, 0.05
    assert abs(xs(smooth(motion(x, confidence)))[7] - 100) < 5


def test_the_first_frame_stays_and_the_rest_joins_on():
    noise = np.random.default_rng(0).normal(size=40)
    noise[0] = 6
    sequence = motion(100 + noise)
    smoothed = smooth(sequence)
    np.testing.assert_array_equal(smoothed.keypoints[0], sequence.keypoints[0])
    assert abs(xs(smoothed)[1] - xs(smoothed)[0]) < abs(noise[1] - noise[0])


def test_absent_joints_stay_absent_and_pull_nobody():
    x, confidence = np.full(20, 100.0), np.ones(20)
    x[8:12], confidence[8:12] = 0, 0
    smoothed = smooth(motion(x, confidence))
    np.testing.assert_array_equal(smoothed.present[:, 0], confidence > 0)
    np.testing.assert_allclose(xs(smoothed)[confidence > 0], 100, rtol=1e-5)


@pytest.mark.parametrize("frames", [1, 2, 3])
def test_a_very_short_sequence_is_left_alone(frames):
    sequence = motion(np.arange(frames))
    np.testing.assert_array_equal(smooth(sequence).keypoints, sequence.keypoints)
