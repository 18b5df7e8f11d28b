"""Motion capture, videos and poses that drive a person."""

from __future__ import annotations

import math
from pathlib import Path

import cv2
import numpy as np
import pytest
import skimage.data

from pgvgen.data.body3d import to_body
from pgvgen.data.bvh import load_bvh
from pgvgen.data.camera import project
from pgvgen.errors import InputError, NoPersonError, UsageError
from pgvgen.motion import drive
from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.video import write_video
from tests.data.humanoid import Frame, write_bvh
from tests.training.tiny import STANDING

HEIGHT = 300.0
NECK, WRIST = BODY_18.index("neck"), BODY_18.index("right_wrist")


def standing() -> PoseSequence:
    keypoints = STANDING[None] * (HEIGHT / 80) + np.array([140, 60])
    return PoseSequence(keypoints, np.ones((1, 18)), fps=25, size=(640, 480))


@pytest.fixture
def capture(tmp_path: Path) -> Path:
    """Two seconds at 60 fps: the right arm rises sideways over the head, while the person walks."""
    frames: list[Frame] = []
    for i in range(120):
        rise = -170 * min(1, max(0, i - 20) / 60)
        frames.append({"position": (0.0, 83.0, 2.0 * i), "RightArm": (0.0, 0.0, rise)})
    return write_bvh(tmp_path / "raise.bvh", frames, fps=60)


def test_capture_moves_the_person_where_they_stand(capture: Path) -> None:
    motion = drive(standing(), capture)
    assert (len(motion), motion.fps, motion.size) == (60, 30, (640, 480))
    assert np.array_equal(motion.keypoints[0], standing().keypoints[0])
    wrist = motion.keypoints[:, WRIST, 1]
    assert wrist[0] > motion.keypoints[0, NECK, 1] > wrist[-1] + 0.2 * HEIGHT
    assert np.abs(motion.keypoints[:, NECK] - motion.keypoints[0, NECK]).max() < 0.15 * HEIGHT


@pytest.mark.parametrize("fps", [0, -5, math.nan, math.inf])
def test_a_frame_rate_that_is_none(fps: float) -> None:
    with pytest.raises(UsageError, match="--fps"):
        drive(standing(), standing(), fps=fps)


@pytest.mark.parametrize("yaw", [-60.0, 0.0, 60.0])
def test_the_actor_is_filmed_as_the_person_in_the_photo_stands(capture: Path, yaw: float) -> None:
    seen = project(to_body(load_bvh(capture)), yaw)
    start = PoseSequence(seen[:1] * 3, np.ones((1, 18)), fps=25, size=(384, 384))
    motion = drive(start, capture)
    shoulder = BODY_18.index("right_shoulder")
    arm = motion.keypoints[-1, WRIST] - motion.keypoints[-1, shoulder]
    from_there = seen[-1, WRIST] - seen[-1, shoulder]
    arm, from_there = (v / np.linalg.norm(v) for v in (arm, from_there))
    assert np.linalg.norm(arm - from_there) < 0.1


def test_poses_drive_at_their_own_pace_or_another() -> None:
    moving = np.repeat(STANDING[None], 20, axis=0)
    moving[:, [6, 7]] += np.linspace(0, 1, 20)[:, None, None] * np.array([8, -12])
    driver = PoseSequence(moving, np.ones((20, 18)), fps=20, size=(96, 96), label="lift", seed=3)
    motion = drive(standing(), driver)
    assert (len(motion), motion.fps, motion.label, motion.seed) == (20, 20, "lift", 3)
    assert len(drive(standing(), driver, fps=40)) == 39
    assert len(drive(standing(), driver, frames=5)) == 5
    closed = drive(standing(), driver, loop=True).keypoints
    speed = np.linalg.norm(np.diff(np.concatenate([closed, closed[:1]]), axis=0), axis=-1).mean(1)
    assert speed[-1] <= np.quantile(speed[:-1], 0.95)


@pytest.mark.parametrize("frames", [1, 2, 8, 16])
def test_a_loop_of_few_frames_is_done_faster(frames: int) -> None:
    moving = np.repeat(STANDING[None], 60, axis=0)
    moving[:, 7] += np.minimum(1, np.arange(60) / 20)[:, None] * np.array([8, -24])
    driver = PoseSequence(moving, np.ones((60, 18)), fps=20, size=(96, 96))
    loop = drive(standing(), driver, frames=frames, loop=True)
    assert (len(loop), loop.fps) == (frames, 20)
    assert np.array_equal(loop.keypoints[0], standing().keypoints[0])
    if frames > 2:
        wrist = BODY_18.index("left_wrist")
        risen = loop.keypoints[0, wrist, 1] - loop.keypoints[:, wrist, 1].min()
        assert risen > 0.5 * 24 * HEIGHT / 80


def test_frames_before_and_after_somebody_is_seen_are_left_out() -> None:
    sure = np.zeros((12, 18))
    sure[3:9] = 1
    driver = PoseSequence(np.repeat(STANDING[None], 12, axis=0), sure, fps=20, size=(96, 96))
    assert len(drive(standing(), driver)) == 6
    nobody = driver.replace(confidence=np.zeros((12, 18)))
    with pytest.raises(InputError, match="nobody"):
        drive(standing(), nobody)


def test_a_video_drives(tmp_path: Path) -> None:
    photo = cv2.resize(skimage.data.astronaut(), (256, 256))
    frames = []
    for i in range(12):
        turn = cv2.getRotationMatrix2D((128, 240), 12 * math.sin(i / 11 * math.pi), 1)
        frames.append(cv2.warpAffine(photo, turn, (256, 256), borderMode=cv2.BORDER_REPLICATE))
    write_video(tmp_path / "lean.mp4", frames, fps=12)
    motion = drive(standing(), tmp_path / "lean.mp4")
    assert (len(motion), motion.fps) == (12, 12)
    assert np.array_equal(motion.confidence[0], standing().confidence[0])
    nose = motion.keypoints[:, 0, 0] - motion.keypoints[0, 0, 0]
    assert np.abs(nose).max() > 0.02 * HEIGHT
    write_video(tmp_path / "empty.mp4", [np.full((64, 64, 3), 90, np.uint8)] * 3, fps=12)
    with pytest.raises(NoPersonError, match="empty"):
        drive(standing(), tmp_path / "empty.mp4")


def test_what_cannot_drive_is_said(tmp_path: Path, capture: Path) -> None:
    (tmp_path / "broken.bvh").write_text("HIERARCHY\nROOT Hips")
    with pytest.raises(InputError, match=r"broken\.bvh"):
        drive(standing(), tmp_path / "broken.bvh")
    with pytest.raises(UsageError, match="--frames"):
        drive(standing(), capture, frames=0)
    face = PoseSequence(np.ones((1, 68, 2)), np.ones((1, 68)), 25, (64, 64), FACE_68)
    with pytest.raises(InputError, match="face_68"):
        drive(face, capture)
