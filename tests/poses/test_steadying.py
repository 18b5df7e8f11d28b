"""Joints that go along with the pictures' motion."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.errors import InputError
from pgvgen.poses import steadying
from pgvgen.poses.sequence import PoseSequence

COUNT = 24


@pytest.fixture(scope="module")
def filmed() -> tuple[list[np.ndarray], np.ndarray]:
    """The astronaut, moving to the right and back, and five places on her in every frame."""
    photo = cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA)
    shift = 20 * np.sin(np.linspace(0, np.pi, COUNT))
    frames = [cv2.warpAffine(photo, np.float32([[1, 0, x], [0, 1, 0]]), (256, 256)) for x in shift]
    places = np.array([[110, 60], [110, 110], [70, 140], [150, 140], [110, 200]], float)
    moves = np.stack([shift, np.zeros(COUNT)], -1)
    return frames, places + moves[:, None]


def steady(
    frames: list[np.ndarray], keypoints: np.ndarray, confidence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Five joints of eighteen; the others are absent."""
    rest = ((0, 0), (0, 18 - keypoints.shape[1]))
    poses = PoseSequence(
        np.pad(keypoints, (*rest, (0, 0))), np.pad(confidence, rest), fps=25, size=(256, 256)
    )
    steadied = steadying.steady(poses, frames)
    assert not steadied.keypoints[:, 5:].any()
    return steadied.keypoints[:, :5], steadied.confidence[:, :5]


def off(keypoints: np.ndarray, truth: np.ndarray) -> np.ndarray:
    return np.linalg.norm(keypoints - truth, axis=-1)


def test_joints_that_tremble_are_calmed_and_still_go_along(filmed):
    frames, truth = filmed
    seen = truth + np.random.default_rng(0).normal(0, 3, truth.shape)
    keypoints, _ = steady(frames, seen, np.full(truth.shape[:2], 0.9))
    assert keypoints.dtype == np.float32
    assert off(keypoints, truth).mean() < 0.5 * off(seen, truth).mean()
    assert off(np.diff(keypoints, axis=0), np.diff(truth, axis=0)).mean() < 0.5


def test_a_joint_that_was_invented_for_a_while_returns_to_where_it_was(filmed):
    frames, truth = filmed
    seen, confidence = truth.copy(), np.full(truth.shape[:2], 0.9)
    seen[8:14, 4] += (-40, -50)
    confidence[8:14, 4] = 0.6
    keypoints, _ = steady(frames, seen, confidence)
    assert off(keypoints, truth).max() < 3
    # What came in is not touched.
    np.testing.assert_allclose(seen[10, 4], truth[10, 4] + (-40, -50))


def test_a_joint_is_as_sure_as_its_sightings_less_a_tenth_a_frame(filmed):
    frames, truth = filmed
    confidence = np.full(truth.shape[:2], 0.9)
    seen = truth.copy()
    confidence[5:, 3], seen[5:, 3] = 0, 0
    confidence[:, 2], seen[:, 2] = 0, 0
    keypoints, sure = steady(frames, seen, confidence)
    np.testing.assert_allclose(sure[:7, 3], [0.9] * 5 + [0.81, 0.729], rtol=1e-5)
    assert off(keypoints, truth)[5:8, 3].max() < 3  # followed where the estimator lost it
    assert (sure[:, 2] == 0).all()
    assert (keypoints[:, 2] == 0).all()  # what was never seen stays absent


def test_a_single_frame_and_nobody_stay_as_they_are(filmed):
    frames, truth = filmed
    one, sure = steady(frames[:1], truth[:1], np.ones((1, 5)))
    np.testing.assert_allclose(one, truth[:1])
    assert (sure == 1).all()
    nobody, sure = steady(frames, 0 * truth, np.zeros((COUNT, 5)))
    assert not nobody.any()
    assert not sure.any()


def test_a_long_video_is_looked_at_in_windows(filmed, monkeypatch):
    frames, truth = filmed
    seen = truth + np.random.default_rng(1).normal(0, 2, truth.shape)
    whole, _ = steady(frames, seen, np.full(truth.shape[:2], 0.9))
    monkeypatch.setattr(steadying, "_WINDOW", 10)
    monkeypatch.setattr(steadying, "_SHARED", 4)
    parts, _ = steady(frames, seen, np.full(truth.shape[:2], 0.9))
    assert off(parts, whole).max() < 1.5
    assert off(parts, truth).mean() < 0.6 * off(seen, truth).mean()


def test_frames_that_lack_are_told(filmed):
    frames, truth = filmed
    for some in (frames[:20], []):
        with pytest.raises(InputError, match="fewer frames"):
            steady(some, truth, np.ones(truth.shape[:2]))


def test_where_nobody_is_seen_nothing_leads_on(filmed):
    frames, truth = list(filmed[0]), filmed[1]
    seen, confidence = truth.copy(), np.full(truth.shape[:2], 0.9)
    for t in (3, 4):
        frames[t] = np.full_like(frames[t], 120)
        seen[t], confidence[t] = 0, 0
    keypoints, sure = steady(frames, seen, confidence)
    assert (sure[[3, 4]] == 0).all()
    assert (keypoints[[3, 4]] == 0).all()
    there = confidence[:, 0] > 0
    assert off(keypoints, truth)[there].max() < 2
