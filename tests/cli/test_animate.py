"""`pgvgen animate`: one photo, or a folder of them."""

from __future__ import annotations

import io
import json
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.pictures import write_image
from pgvgen.video import open_video

PHOTO = astronaut()[::3, ::3].copy()
FEW = "--action wave --frames 4"


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("in").mkdir()
    write_image("in/a.png", PHOTO)
    write_image("in/b.png", PHOTO[:, ::-1].copy())
    Path("in/notes.txt").write_text("not a picture, and not meant to be one")
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
    return _run()


def test_one_photo(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, f"animate in/a.png {FEW} --seed 7 --json") == 0
    report = json.loads(capfd.readouterr().out)
    assert report["output"] == str(Path("in/a-wave.mp4"))
    assert (report["action"], report["frames"], report["seed"]) == ("wave", 4, 7)
    assert len(list(open_video("in/a-wave.mp4"))) == 4


def test_a_photo_from_stdin(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(Path("in/a.png").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run(monkeypatch, "animate - --action wave --frames 2 --size 64 -q") == 0
    assert open_video("photo-wave.mp4").size == (64, 64)


def test_an_alias_names_the_file_by_the_action(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert run(monkeypatch, "animate in/a.png --action Hello --frames 2 --size 64 -q") == 0
    assert open_video("in/a-wave.mp4").size == (64, 64)


def test_a_folder_is_done_once_and_one_failure_does_not_stop_the_rest(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_image("in/aa.png", np.full((120, 160, 3), 90, np.uint8))
    assert run(monkeypatch, f"animate in {FEW} -o out --json") == 3
    out, err = capfd.readouterr()
    reports = [json.loads(line) for line in out.splitlines()]
    assert [report["source"] for report in reports] == ["in/a.png", "in/aa.png", "in/b.png"]
    assert "no person" in reports[1]["error"]
    assert "1 of 3" in err
    assert sorted(path.name for path in Path("out").glob("*.mp4")) == ["a-wave.mp4", "b-wave.mp4"]
    before = Path("out/a-wave.mp4").stat().st_mtime_ns

    Path("in/aa.png").unlink()
    Path("out/b-wave.mp4").unlink()
    assert run(monkeypatch, f"animate in {FEW} -o out --json") == 0
    reports = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert reports[0]["status"] == "skipped"
    assert reports[1]["frames"] == 4
    assert Path("out/a-wave.mp4").stat().st_mtime_ns == before


def test_everybody(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    """By one command or by three, and in a folder too."""
    two = np.full((171, 375, 3), 120, np.uint8)
    two[:, :171] = PHOTO
    two[43:, 228:356] = cv2.resize(PHOTO, (128, 128), interpolation=cv2.INTER_AREA)
    Path("two").mkdir()
    write_image("two/a.png", two)
    assert run(monkeypatch, f"animate two/a.png {FEW} --all-people -o all.gif --json") == 0
    report = json.loads(capfd.readouterr().out)
    assert (report["people"], report["frames"], report["seed"]) == (2, 4, 0)
    assert run(monkeypatch, "pose two/a.png --all-people -o people.json -q") == 0
    for i in range(2):
        assert run(monkeypatch, f"motion people-{i}.json {FEW} --seed {i} -o wave-{i}.json -q") == 0
    capfd.readouterr()
    assert run(monkeypatch, "render two/a.png wave-0.json wave-1.json -o steps.gif --json") == 0
    assert json.loads(capfd.readouterr().out)["people"] == 2
    assert Path("steps.gif").read_bytes() == Path("all.gif").read_bytes()
    assert run(monkeypatch, f"animate two {FEW} --all-people --jobs 2 -o out --json") == 0
    assert json.loads(capfd.readouterr().out)["people"] == 2


def test_an_unknown_action_is_wrong_usage_before_any_photo(
    folder: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    for what in ("in", "in/a.png"):
        assert run(monkeypatch, f"animate {what} --action wavee") == 2
        err = capfd.readouterr().err
        assert err.count("\n") == 1
        assert "wave" in err
    assert not list(Path("in").glob("*.mp4"))
