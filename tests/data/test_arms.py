"""Arms let go of what they hold."""

from __future__ import annotations

import numpy as np

from pgvgen.data.tracks import let_arms_hang


def test_arms_hang_from_the_shoulders_whichever_hip_is_seen() -> None:
    keypoints = np.zeros((3, 18, 2))
    confidence = np.zeros((3, 18))
    for joint, place in {1: (50, 20), 2: (40, 20), 5: (60, 20), 8: (45, 60), 11: (55, 60)}.items():
        keypoints[:, joint], confidence[:, joint] = place, 1
    keypoints[:, 4], confidence[:, 4] = (42, 15), 1  # a hand at the shoulder
    confidence[1, 11] = keypoints[1, 11] = 0
    confidence[2, 5] = keypoints[2, 5] = 0  # an arm that is not seen stays so
    let_arms_hang(keypoints, confidence)
    np.testing.assert_allclose(keypoints[:2, 4, 1], 20 + 1.02 * 40, atol=1.5)
    assert (keypoints[:, 4, 0] < 40).all()
    assert (keypoints[:2, 7, 0] > 60).all()
    assert (confidence[2, [6, 7]] == 0).all()
    assert (keypoints[2, [6, 7]] == 0).all()
