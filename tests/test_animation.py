"""The whole path in one process, with the bundled weights."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.animation import Animation, animate
from pgvgen.errors import InputError, NoPersonError, UsageError, WeightsError
from pgvgen.motion import generate_motion
from pgvgen.pictures import write_image
from pgvgen.poses.estimators import estimate_people, estimate_pose
from pgvgen.rendering.renderer import render
from pgvgen.video import open_video

PHOTO = astronaut()[::2, ::2].copy()


@pytest.fixture(scope="module")
def animation() -> Animation:
    return animate(PHOTO, "Raise Hand", frames=6, seed=3)


def test_it_is_pose_motion_and_render_one_after_the_other(animation: Animation) -> None:
    motion = generate_motion(estimate_pose(PHOTO), "raise_hand", frames=6, seed=3)
    assert np.array_equal(animation.motion.keypoints, motion.keypoints)
    frames = list(animation)
    assert len(frames) == len(animation) == 6
    for ours, theirs in zip(frames, render(PHOTO, motion), strict=True):
        assert np.array_equal(ours, theirs)


def test_it_can_be_read_again(animation: Animation) -> None:
    assert all(np.array_equal(a, b) for a, b in zip(animation, animation, strict=True))


def test_weights_that_are_missing_are_missed_at_once() -> None:
    with pytest.raises(WeightsError, match="nowhere"):
        animate(PHOTO, "wave", scgan="nowhere")


def test_the_photo_is_read_once(tmp_path: Path) -> None:
    write_image(tmp_path / "her.png", PHOTO)
    os.mkfifo(tmp_path / "her.gif")  # neither its name nor its being a pipe makes it a video
    data = (tmp_path / "her.png").read_bytes()
    writer = threading.Thread(target=(tmp_path / "her.gif").write_bytes, args=(data,))
    writer.start()
    done = animate(tmp_path / "her.gif", "wave", frames=2)
    writer.join()
    assert np.array_equal(next(iter(done)), PHOTO)
    with pytest.raises(NoPersonError, match=r"her\.png has 1 person"):
        animate(tmp_path / "her.png", "wave", person=1)


def test_it_begins_with_the_photo_and_the_person_moves(animation: Animation) -> None:
    frames = list(animation)
    assert np.array_equal(frames[0], PHOTO)
    assert np.abs(frames[-1].astype(int) - PHOTO).max() > 60


@pytest.fixture(scope="module")
def two() -> np.ndarray:
    """A picture of two people."""
    picture = np.full((256, 560, 3), 120, np.uint8)
    picture[:, :256] = PHOTO
    picture[64:, 340:532] = cv2.resize(PHOTO, (192, 192), interpolation=cv2.INTER_AREA)
    return picture


def test_everybody_acts_each_a_little_differently(two: np.ndarray) -> None:
    last = 2**63 - 1
    for seed, seeds in ((3, (3, 4)), (last, (last, 0))):
        done = animate(two, "wave", frames=3, seed=seed, person=None)
        assert tuple(motion.seed for motion in done.motions) == seeds
    starts = estimate_people(two)
    alone = [
        generate_motion(s, "wave", frames=3, seed=i) for s, i in zip(starts, seeds, strict=True)
    ]
    frames = list(done)
    for ours, theirs in zip(frames, render(two, alone), strict=True):
        assert np.array_equal(ours, theirs)
    assert np.array_equal(frames[0], two)
    for half in (slice(0, 256), slice(340, 532)):
        assert np.abs(frames[-1][:, half].astype(int) - two[:, half]).max() > 60


def test_who_shows_too_little_stays_while_the_others_act(
    two: np.ndarray, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second = estimate_people(two)
    hardly = first.replace(confidence=np.where(np.arange(18) == 0, first.confidence, 0))
    people = [hardly, second]
    monkeypatch.setattr("pgvgen.poses.estimators.estimate_people", lambda *_, **__: people)
    done = animate(two, "wave", frames=3, person=None)
    assert [motion.seed for motion in done.motions] == [1]
    assert np.array_equal(list(done)[-1][:, :256], two[:, :256])
    people[:] = [hardly]
    with pytest.raises(InputError, match="too little of the person"):
        animate(two, "wave", frames=3, person=None)


def test_everybody_does_what_somebody_else_did(two: np.ndarray, animation: Animation) -> None:
    done = animate(two, motion=animation.motion, person=None)
    assert len(done.motions) == 2
    assert len(done) == len(animation)
    moves = [motion.keypoints[-1] - motion.keypoints[0] for motion in done.motions]
    assert np.corrcoef(*(move.ravel() for move in moves))[0, 1] > 0.8


def test_it_is_saved_as_a_video_of_its_frame_rate(animation: Animation, tmp_path: Path) -> None:
    animation.save(tmp_path / "her.mp4")
    video = open_video(tmp_path / "her.mp4")
    assert video.size == (256, 256)
    assert video.fps == pytest.approx(animation.motion.fps)
    assert len(list(video)) == 6
    with pytest.raises(UsageError, match=r"\.mp4"):
        animation.save(tmp_path / "her.avi")


def test_what_cannot_be_meant_is_said_at_once() -> None:
    with pytest.raises(NoPersonError, match="1 person"):
        animate(PHOTO, "wave", person=1)
    with pytest.raises(UsageError, match="wave"):
        animate(PHOTO, "wavee")
    with pytest.raises(UsageError, match="strength"):
        animate(PHOTO, motion="clip.mp4", strength=1)
    with pytest.raises(UsageError, match="person"):
        animate(PHOTO, "wave", person=-1)
    with pytest.raises(ValueError, match="uint8"):
        animate(PHOTO / 255, "wave")
    with pytest.raises(InputError, match="no pixels"):
        animate(PHOTO[:0], "wave")
