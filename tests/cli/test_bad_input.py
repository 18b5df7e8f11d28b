"""Whatever is wrong with what was given: one line, exit 1 or 2, and nothing half written."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.pictures import write_image
from pgvgen.poses import BODY_18, FACE_68, PoseSequence
from pgvgen.video import write_video

PHOTO = astronaut()


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A working folder with everything that can be wrong, and what is right beside it."""
    monkeypatch.chdir(tmp_path)
    write_image("photo.jpg", PHOTO)
    whole = Path("photo.jpg").read_bytes()
    Path("cut.jpg").write_bytes(whole[: len(whole) // 3])
    Path("text.jpg").write_text("no picture")
    write_image("nobody.jpg", np.full((240, 320, 3), (90, 120, 60), np.uint8))
    write_video("clip.mp4", [PHOTO] * 3, 10)
    clip = Path("clip.mp4").read_bytes()
    Path("cut.mp4").write_bytes(clip[: clip.index(b"mdat") + 200])
    Path("text.mp4").write_text("no video")
    Path("file").touch()
    Path("empty").mkdir()
    poses = {"body": BODY_18, "face": FACE_68}
    for name, skeleton in poses.items():
        points = np.random.default_rng(0).uniform(50, 400, (4, len(skeleton), 2))
        PoseSequence(points, np.ones((4, len(skeleton))), 15, (512, 512), skeleton).save(
            f"{name}.json"
        )
    body = json.loads(Path("body.json").read_text())
    Path("newer.json").write_text(json.dumps(body | {"version": 99}))
    Path("other.json").write_text(json.dumps({"title": "a list of songs"}))
    Path("cut.json").write_text(Path("body.json").read_text()[:200])
    return tmp_path


CASES = [
    # not a picture, cut short, missing
    ("pose text.jpg", 1, "not a picture"),
    ("animate text.jpg --action wave", 1, "not a picture"),
    ("motion text.jpg --action wave", 1, "not a picture"),
    ("render text.jpg body.json", 1, "not a picture"),
    ("pose cut.jpg", 1, "cut short"),
    ("animate cut.jpg --action wave", 1, "cut short"),
    ("pose missing.jpg", 1, "missing.jpg"),
    ("animate missing.jpg --action wave", 1, "missing.jpg"),
    ("motion missing.json --action wave", 1, "missing.json"),
    ("render missing.jpg body.json", 1, "missing.jpg"),
    ("render photo.jpg missing.json", 1, "missing.json"),
    # a damaged video
    ("pose cut.mp4", 1, "cut short"),
    ("pose text.mp4", 1, "not a video"),
    # nobody there
    ("pose nobody.jpg", 1, "person"),
    ("animate nobody.jpg --action wave", 1, "person"),
    ("motion nobody.jpg --action wave", 1, "person"),
    ("pose photo.jpg --person 7", 1, "person"),
    ("animate photo.jpg --action wave --person 7", 1, "person"),
    # an action that the weights do not know
    ("animate photo.jpg --action wawe", 2, "wave"),
    ("motion body.json --action wawe", 2, "wave"),
    # a pose file of another skeleton, version or kind
    ("motion face.json --action wave", 2, "face_68"),
    ("render photo.jpg face.json", 1, "face_68"),
    ("motion newer.json --action wave", 1, "version"),
    ("render photo.jpg newer.json", 1, "version"),
    ("render photo.jpg other.json", 1, "other.json"),
    ("render photo.jpg cut.json", 1, "cut.json"),
    # an empty folder
    ("pose empty", 1, "holds no"),
    ("animate empty --action wave", 1, "holds no"),
    # where nothing can be written, or not so
    ("pose photo.jpg -o file/pose.json", 1, "cannot write"),
    ("motion body.json --action wave -o file/motion.json", 1, "cannot write"),
    ("render photo.jpg body.json -o file/video.mp4", 1, "cannot write"),
    ("animate photo.jpg --action wave -o file/video.mp4", 1, "cannot write"),
    ("animate photo.jpg --action wave -o clip.mp4", 1, "--overwrite"),
    ("render photo.jpg body.json -o clip.mp4", 1, "--overwrite"),
    ("pose photo.jpg -o body.json", 1, "--overwrite"),
    ("animate photo.jpg --action wave -o video.xyz", 2, ".mp4"),
    ("render photo.jpg body.json -o video", 2, ".mp4"),
    # weights, devices and estimators that are not there
    ("animate photo.jpg --action wave --weights nothing", 1, "nothing"),
    ("motion body.json --action wave --weights empty", 1, "empty"),
    ("render photo.jpg body.json --weights org/nothing", 1, "org/nothing"),
    ("render photo.jpg body.json --device tpu", 2, "tpu"),
    ("animate photo.jpg --action wave --device tpu", 2, "tpu"),
    ("pose photo.jpg --estimator nothing", 2, "nothing"),
    ("animate photo.jpg --action wave --estimator nothing", 2, "nothing"),
    # stores that are none
    ("train psgan --data empty", 1, "empty"),
    ("eval motion --data empty", 1, "empty"),
    ("eval render --data missing", 1, "missing"),
]


@pytest.mark.parametrize(("line", "code", "words"), CASES, ids=[case[0] for case in CASES])
def test_one_line_and_nothing_written(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    line: str,
    code: int,
    words: str,
) -> None:
    before = {path: path.stat().st_mtime_ns for path in folder.rglob("*")}
    monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
    assert _run() == code
    out, err = capfd.readouterr()
    assert out == ""
    assert err.startswith("pgvgen")
    assert err.count("\n") == 1
    assert words in err
    assert {path: path.stat().st_mtime_ns for path in folder.rglob("*")} == before


def test_one_bad_photo_does_not_stop_a_folder(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    photos = folder / "photos"
    photos.mkdir()
    (folder / "text.jpg").rename(photos / "a.jpg")
    (folder / "photo.jpg").rename(photos / "b.jpg")
    line = "animate photos --action wave -o videos --frames 4 --size 128 --json"
    monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
    assert _run() == 3
    reports = [json.loads(row) for row in capfd.readouterr().out.splitlines()]
    assert ["error" in report for report in reports] == [True, False]
    assert [path.name for path in (folder / "videos").glob("*.mp4")] == ["b-wave.mp4"]
    assert _run() == 3, "the second run"
    assert json.loads(capfd.readouterr().out.splitlines()[0])["status"] == "skipped"
