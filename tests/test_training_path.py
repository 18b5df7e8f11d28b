"""From data sets to a video with weights of one's own, all through the command line."""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.pictures import write_image
from pgvgen.poses import PoseSequence
from pgvgen.video import open_video, write_video
from tests.data.humanoid import waving, write_bvh

FEW = "--steps 2 --set train.batch_size=2 --set model.width=16 --device cpu -q"


def media(folder: Path) -> None:
    """A take of motion capture, a video and a photo of a real person."""
    (folder / "capture").mkdir()
    write_bvh(folder / "capture/wave_hello.bvh", waving())
    photo = cv2.resize(astronaut()[:448], (512, 512), interpolation=cv2.INTER_AREA)
    write_image(folder / "photo.jpg", photo)
    moves = [np.array([[1, 0, 2 * i], [0, 1, 0]], np.float32) for i in range(12)]
    frames = [
        cv2.warpAffine(photo, move, (512, 512), borderMode=cv2.BORDER_REPLICATE) for move in moves
    ]
    (folder / "videos/wave").mkdir(parents=True)
    write_video(folder / "videos/wave/astronaut.mp4", frames, 12)


def test_the_whole_path(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    media(tmp_path)
    monkeypatch.chdir(tmp_path)
    for line in (
        "train prepare capture --kind bvh -o motion -q",
        "train prepare videos --kind ucf -o frames -q",
        f"train psgan --data motion -o runs/psgan --set model.generator=flow {FEW}",
        f"train scgan --data frames -o runs/scgan --set model.generator=transported "
        f"--set losses.adversarial=0 {FEW}",
    ):
        run(monkeypatch, line)
    for stage in ("psgan", "scgan"):
        shutil.copytree(f"runs/{stage}/release", f"mine/{stage}")
    run(monkeypatch, "pose photo.jpg -o pose.json -q")
    run(monkeypatch, "motion pose.json --action wave --frames 8 --weights mine -o motion.json -q")
    run(monkeypatch, "render photo.jpg motion.json --weights mine --size 128 -o video.mp4 -q")
    motion, video = PoseSequence.load("motion.json"), open_video("video.mp4")
    assert motion.label == "wave"
    assert video.fps == pytest.approx(motion.fps)
    frames = list(video)
    assert len(frames) == len(motion) == 8
    assert max(frames[0].shape) == 128
    assert 20 < np.mean(frames) < 235


def run(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
    assert _run() == 0, line
