"""A start pose with hanging arms, whatever the photo's arms do."""

from __future__ import annotations

import numpy as np
import pytest

from pgvgen.motion import generate_motion
from pgvgen.motion.ease import at_ease
from pgvgen.poses import BODY_18, PoseSequence

STANDING = np.float32(
    [
        (100, 40), (100, 70), (80, 70), (78, 105), (77, 135), (120, 70), (122, 105), (123, 135),
        (88, 134), (88, 182), (88, 230), (112, 134), (112, 182), (112, 230), (96, 36), (104, 36),
        (90, 38), (110, 38),
    ]
)  # fmt: skip
HANDS_UP = {3: (60, 80), 4: (64, 50), 6: (140, 80), 7: (136, 50)}


def pose(changes: dict[int, tuple[int, int]], absent: tuple[int, ...] = ()) -> PoseSequence:
    keypoints = STANDING.copy()
    for joint, place in changes.items():
        keypoints[joint] = place
    confidence = np.ones((1, 18), np.float32)
    confidence[:, list(absent)] = 0
    return PoseSequence(keypoints[None], confidence, 15, (200, 260))


def test_raised_arms_hang_and_nothing_else_moves() -> None:
    eased = at_ease(pose(HANDS_UP))
    others = [joint for joint in range(18) if joint not in HANDS_UP]
    np.testing.assert_array_equal(eased.keypoints[:, others], STANDING[None, others])
    np.testing.assert_allclose(eased.keypoints[0, [4, 7]], STANDING[[4, 7]], atol=8)


@pytest.mark.parametrize("absent", [(3, 6), (1,), (8, 11)])
def test_what_is_not_seen_is_not_invented(absent: tuple[int, ...]) -> None:
    raised = pose(HANDS_UP, absent)
    np.testing.assert_array_equal(at_ease(raised).keypoints, raised.keypoints)


def test_arms_that_hang_stay() -> None:
    np.testing.assert_array_equal(at_ease(pose({})).keypoints, STANDING[None])


@pytest.mark.parametrize("label", ["bow", "squat"])
def test_somebody_with_raised_hands_moves_as_far_as_others(label: str) -> None:
    neck = BODY_18.index("neck")

    def depth(start: PoseSequence) -> float:
        motions = [generate_motion(start, label, seed=seed, device="cpu") for seed in range(3)]
        return float(np.mean([m.keypoints[:, neck, 1].max() - 70 for m in motions]))

    assert depth(pose(HANDS_UP)) > 0.6 * depth(pose({})) > 6
