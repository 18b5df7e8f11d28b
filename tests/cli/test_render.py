"""`pgvgen render`: a photo and a pose file become a video."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.cli.render import _at_rate
from pgvgen.pictures import write_image
from pgvgen.poses import PoseSequence
from pgvgen.poses.estimators import estimate_pose
from pgvgen.video import open_video

PHOTO = astronaut()[::2, ::2].copy()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder with a photo and a motion of one second."""
    monkeypatch.chdir(tmp_path)
    write_image("her.png", PHOTO)
    start = estimate_pose(PHOTO)
    sway = np.sin(np.linspace(0, 3, 10, dtype=np.float32))[:, None, None] * np.float32([5, 0])
    motion = PoseSequence(
        start.keypoints + sway, np.repeat(start.confidence, 10, 0), 10, start.size, label="sway"
    )
    motion.save("motion.json")
    motion.replace(label=None).save("nameless.json")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
    return _run()


def test_the_video_lies_beside_the_photo_and_says_the_action(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "render her.png motion.json --json") == 0
    out, _ = capfd.readouterr()
    report = json.loads(out)
    assert report["output"] == "her-sway.mp4"
    assert (report["frames"], report["fps"], report["action"]) == (10, 10, "sway")
    video = open_video("her-sway.mp4")
    assert (video.size, video.fps, len(list(video))) == ((256, 256), 10, 10)
    assert run(monkeypatch, "render her.png nameless.json -q") == 0
    assert Path("her-motion.mp4").exists()
    assert capfd.readouterr() == ("", "")


def test_fps_keeps_the_duration(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "render her.png motion.json --fps 5 -o slow.gif -q") == 0
    video = open_video("slow.gif")
    assert video.fps == pytest.approx(5, rel=0.02)
    assert 4 <= len(list(video)) <= 6


def test_what_goes_round_goes_round_at_another_frame_rate() -> None:
    angle = np.linspace(0, 2 * np.pi, 8, endpoint=False)
    circle = np.stack([np.cos(angle), np.sin(angle)], -1)[:, None] * 20 + 50
    places = np.repeat(circle, 18, 1)
    start = PoseSequence(places[:1], np.ones((1, 18)), 15, (100, 100))
    loop = PoseSequence(places, np.ones((8, 18)), 15, (100, 100), photo=start)
    for fps, frames in ((60, 32), (10, 5)):
        there = _at_rate(loop, fps)
        assert (len(there), there.fps) == (frames, fps)
        steps = np.linalg.norm(there.keypoints - np.roll(there.keypoints, 1, 0), axis=-1)
        assert steps.max() < 1.3 * steps.min()


def test_size_and_crop(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for size in (128, 300):  # the square of the motion is smaller than the photo's 256 px
        line = f"render her.png motion.json --size {size} --crop --overwrite -o c.mp4 -q"
        assert run(monkeypatch, line) == 0
        assert open_video("c.mp4").size == (size, size)


def test_what_exists_is_not_overwritten_unasked(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    Path("her-sway.mp4").write_text("mine")
    assert run(monkeypatch, "render her.png motion.json") == 1
    assert "--overwrite" in capfd.readouterr().err
    assert Path("her-sway.mp4").read_text() == "mine"
    assert run(monkeypatch, "render her.png motion.json --overwrite -q") == 0
    assert open_video("her-sway.mp4").size == (256, 256)
