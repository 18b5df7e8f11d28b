import numpy as np
import pytest

from pgvgen.poses.closeup import close_up
from pgvgen.poses.sequence import PoseSequence

GREY = np.full((600, 800, 3), 200, np.uint8)


def moving(*corners: tuple[float, float]) -> PoseSequence:
    """18 joints between the first two corners, then between the next two, and so on."""
    frames = [np.linspace(a, b, 18) for a, b in zip(corners[::2], corners[1::2], strict=True)]
    keypoints = np.array(frames, np.float32)
    return PoseSequence(keypoints, np.ones(keypoints.shape[:2], np.float32), 15.0, (800, 600))


def test_all_motions_are_seen_in_one_window_with_a_margin() -> None:
    motions = [
        moving((300, 200), (340, 300), (300, 200), (340, 400)),
        moving((350, 250), (360, 260)),
    ]
    close, window = close_up(motions, GREY, side=248)
    assert window.shape == (248, 108, 3)  # 200×60 px, and 24 on every side
    assert {motion.size for motion in close} == {(108, 248)}
    for motion, original in zip(close, motions, strict=True):
        np.testing.assert_allclose(motion.keypoints, original.keypoints - (276, 176))
    np.testing.assert_array_equal(window, 80)


def test_small_and_large_people_are_drawn_alike() -> None:
    for corner in ((310, 220), (700, 580)):
        (close,), window = close_up([moving((300, 200), corner)], None, side=320)
        assert max(window.shape) == 320
        assert np.ptp(close.keypoints, axis=(0, 1)).max() == pytest.approx(320 / 1.24, rel=0.1)
        assert not window.any()


def test_the_window_leaves_the_picture_only_where_joints_do() -> None:
    (close,), window = close_up([moving((-50, 0), (250, 599))], GREY, side=300)
    inside = window[..., 0] == 80
    columns = 300 / 600 * 50
    assert not inside[:, : int(columns) - 1].any()
    assert inside[:, int(columns) + 1 :].all()
    assert close.keypoints[0, 0].tolist() == [0, 0]


def test_where_nobody_is_seen_the_whole_picture_is_the_window() -> None:
    motion = moving((300, 200), (340, 300))
    unseen = motion.replace(confidence=0 * motion.confidence)
    _, window = close_up([unseen], GREY, side=400)
    assert window.shape == (300, 400, 3)
