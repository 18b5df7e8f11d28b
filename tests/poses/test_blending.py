"""One motion leads over into another as a body goes."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.poses.blending import crossfade, held
from tests.training.tiny import STANDING

SHOULDER, ELBOW, WRIST = (BODY_18.index(f"right_{j}") for j in ("shoulder", "elbow", "wrist"))
LIMBS = [(2, 3), (3, 4), (5, 6), (6, 7), (8, 9), (9, 10), (11, 12), (12, 13)]


def still(frames: int, changes: dict[int, tuple[float, float]] | None = None) -> PoseSequence:
    keypoints = STANDING.copy()
    for joint, place in (changes or {}).items():
        keypoints[joint] = place
    pose = PoseSequence(keypoints[None], np.ones((1, 18)), fps=15, size=(96, 96))
    return held(pose, frames)


def aside() -> PoseSequence:
    """The right arm held out to the side, as long as it hangs."""
    upper = np.linalg.norm(STANDING[ELBOW] - STANDING[SHOULDER])
    fore = np.linalg.norm(STANDING[WRIST] - STANDING[ELBOW])
    x, y = STANDING[SHOULDER]
    return still(10, {ELBOW: (x - upper, y), WRIST: (x - upper - fore, y)})


@pytest.mark.parametrize("shared", [0, 1, 7, 10])
def test_both_are_kept_where_they_do_not_overlap(shared: int) -> None:
    joined = crossfade(still(10), aside(), shared)
    assert len(joined) == 20 - shared
    first, last = still(10).keypoints, aside().keypoints
    np.testing.assert_array_equal(joined.keypoints[: 10 - shared], first[: 10 - shared])
    np.testing.assert_array_equal(joined.keypoints[10:], last[shared:])


def test_limbs_turn_and_keep_their_length() -> None:
    joined = crossfade(still(10), aside(), 9).keypoints
    for a, b in LIMBS:
        length = np.linalg.norm(joined[:, a] - joined[:, b], axis=1)
        np.testing.assert_allclose(length, length[0], rtol=1e-3)
    half = joined[5, WRIST] - joined[5, SHOULDER]
    assert half[0] < -10  # on its way, aside
    assert half[1] > 10  # and still below


def test_no_step_is_larger_than_a_smooth_way_has() -> None:
    steps = np.linalg.norm(np.diff(crossfade(still(10), aside(), 9).keypoints, axis=0), axis=-1)
    way = np.linalg.norm(aside().keypoints[0, WRIST] - STANDING[WRIST]) * np.pi / 2
    assert steps[:, WRIST].max() < 1.6 * way / 10


def test_a_bust_turns_its_arms_too() -> None:
    hips_down = slice(8, 14)
    confidence = np.ones((10, 18))
    confidence[:, hips_down] = 0
    before, after = (m.replace(confidence=confidence) for m in (still(10), aside()))
    joined = crossfade(before, after, 9)
    assert (joined.confidence[:, hips_down] == 0).all()
    length = np.linalg.norm(joined.keypoints[:, ELBOW] - joined.keypoints[:, SHOULDER], axis=1)
    np.testing.assert_allclose(length, length[0], rtol=1e-3)


def test_a_face_goes_straight() -> None:
    points = np.random.default_rng(0).uniform(0, 64, (2, 1, 68, 2))
    first, second = (
        held(PoseSequence(p, np.ones((1, 68)), 25, (64, 64), FACE_68), 3) for p in points
    )
    middle = crossfade(first, second, 3).keypoints[1]
    np.testing.assert_allclose(middle, points.mean(0)[0], atol=1e-3)
