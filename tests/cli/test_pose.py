"""`pgvgen pose`: data to stdout or where -o says, folders that resume, quick without torch."""

from __future__ import annotations

import io
import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import cv2
import numpy as np
import pytest
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.pictures import read_image, write_image
from pgvgen.poses import BODY_18, PoseSequence
from pgvgen.poses.estimators import estimate_people, estimate_pose
from pgvgen.poses.files import loads
from pgvgen.video import open_video, write_video

PHOTO = cv2.resize(astronaut(), (256, 256), interpolation=cv2.INTER_AREA)


@pytest.fixture
def pgvgen(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """An empty working folder with photo.png in it."""
    monkeypatch.chdir(tmp_path)
    write_image("photo.png", PHOTO)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
    return _run()


def same(one: PoseSequence, other: PoseSequence) -> bool:
    return (
        np.array_equal(one.keypoints, other.keypoints)
        and np.array_equal(one.confidence, other.confidence)
        and (one.fps, one.size) == (other.fps, other.size)
    )


@pytest.mark.usefixtures("pgvgen")
def test_pose_goes_to_stdout_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "pose photo.png") == 0
    out, err = capfd.readouterr()
    assert same(loads(out), estimate_pose(PHOTO))
    assert err == ""


@pytest.mark.usefixtures("pgvgen")
def test_photo_from_stdin(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    stdin = io.TextIOWrapper(io.BytesIO(Path("photo.png").read_bytes()))
    monkeypatch.setattr(sys, "stdin", stdin)
    assert run(monkeypatch, "pose - --preview seen.png") == 0
    assert same(loads(capfd.readouterr().out), estimate_pose(PHOTO))
    assert Path("seen.png").is_file()


@pytest.mark.usefixtures("pgvgen")
def test_photo_from_a_pipe_is_read_once(monkeypatch: pytest.MonkeyPatch) -> None:
    os.mkfifo("pipe")
    photo = Path("photo.png").read_bytes()
    threading.Thread(target=Path("pipe").write_bytes, args=(photo,), daemon=True).start()
    assert run(monkeypatch, "pose pipe -o pose.json --preview seen.png") == 0
    assert read_image("seen.png").shape == PHOTO.shape


@pytest.mark.usefixtures("pgvgen")
def test_output_file_report_and_overwrite(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    assert run(monkeypatch, "pose photo.png -o poses/one.json --json") == 0
    out, err = capfd.readouterr()
    report = json.loads(out)
    assert report["output"] == "poses/one.json"
    assert (report["frames"], report["size"], report["seen"]) == (1, [256, 256], [1.0])
    assert err == ""
    assert same(PoseSequence.load("poses/one.json"), estimate_pose(PHOTO))
    assert run(monkeypatch, "pose photo.png -o poses/one.json") == 1
    assert "--overwrite" in capfd.readouterr().err
    assert run(monkeypatch, "pose photo.png -o poses/one.json --overwrite -q") == 0
    assert capfd.readouterr() == ("", "")


@pytest.mark.usefixtures("pgvgen")
def test_preview_is_the_photo_with_the_pose(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "pose photo.png -o pose.json --preview seen.png") == 0
    changed = np.any(read_image("seen.png") != PHOTO, axis=-1)
    x, y = estimate_pose(PHOTO).keypoints[0, BODY_18.index("nose")].round().astype(int)
    assert changed[y, x]
    assert 0.005 < changed.mean() < 0.5


def test_video_gives_every_frame_and_a_preview(
    pgvgen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    empty = np.full_like(PHOTO, 120)
    write_video("clip.mp4", [empty, PHOTO, PHOTO, PHOTO], 8)
    assert run(monkeypatch, "pose clip.mp4 -o clip.json --preview seen.mp4") == 0
    motion = PoseSequence.load("clip.json")
    assert (motion.fps, motion.present.any(1).tolist()) == (8, [False, True, True, True])
    seen = list(open_video("seen.mp4"))
    assert len(seen) == 4
    assert np.abs(seen[0].astype(int) - empty).max() < 10
    assert np.abs(seen[1].astype(int) - PHOTO).max() > 100
    assert run(monkeypatch, "pose clip.mp4 --fps 4 -o slow.json --preview seen.png") == 0
    assert len(PoseSequence.load("slow.json")) == 2
    # A picture of a video shows its first frame with somebody in it.
    assert np.abs(read_image("seen.png").astype(int) - empty).max() > 100


@pytest.mark.usefixtures("pgvgen")
def test_joints_in_a_video_are_steadied_unless_told_not_to(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write_video("clip.mp4", [np.roll(PHOTO, 3 * i, axis=1) for i in range(5)], 8)
    assert run(monkeypatch, "pose clip.mp4 -o steady.json") == 0
    assert run(monkeypatch, "pose clip.mp4 --no-steady -o found.json") == 0
    steady, found = PoseSequence.load("steady.json"), PoseSequence.load("found.json")
    assert same(found, estimate_pose("clip.mp4", steady=False))
    moves = [np.diff(poses.keypoints[:, :8, 0], axis=0) for poses in (steady, found)]
    assert np.abs(moves[0] - 3).mean() < 0.8 * np.abs(moves[1] - 3).mean()


@pytest.mark.usefixtures("pgvgen")
def test_everybody_and_one_of_them(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    two = np.full((256, 560, 3), 120, np.uint8)
    two[:, :256] = PHOTO
    two[64:, 340:532] = cv2.resize(PHOTO, (192, 192), interpolation=cv2.INTER_AREA)
    write_image("two.png", two)
    people = estimate_people(two)
    assert len(people) == 2
    assert run(monkeypatch, "pose two.png --all-people") == 0
    lines = capfd.readouterr().out.splitlines()
    assert [same(loads(line), p) for line, p in zip(lines, people, strict=True)] == [True, True]
    assert run(monkeypatch, "pose two.png --all-people -o all.json -q") == 0
    assert same(PoseSequence.load("all-0.json"), people[0])
    assert same(PoseSequence.load("all-1.json"), people[1])
    assert run(monkeypatch, "pose two.png --person 1") == 0
    assert same(loads(capfd.readouterr().out), people[1])


@pytest.mark.parametrize("line", ["pose photo.png -o photo.json", "pose . -o ."])
def test_who_is_not_there_any_more_has_no_file(
    pgvgen: Path, monkeypatch: pytest.MonkeyPatch, line: str
) -> None:
    for name in ("photo-0.json", "photo-1.json", "photo-2.json", "photo-4.json"):
        Path(name).touch()
    assert run(monkeypatch, f"{line} --all-people --overwrite -q") == 0
    left = sorted(path.name for path in pgvgen.glob("*.json"))
    assert left == ["photo-0.json", "photo-4.json"]
    assert PoseSequence.load("photo-0.json").present.any()


@pytest.mark.usefixtures("pgvgen")
def test_who_is_not_there_any_more_has_no_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    def add(folder: str, *names: str) -> None:
        Path(folder).mkdir(exist_ok=True)
        for name in names:
            (Path(folder) / name).touch()

    frame = "000000000000_keypoints.json"
    add("a-1", f"a-1_{frame}", "a-1_000000000001_keypoints.json")
    add("a-2", f"a-2_{frame}", "notes.txt")
    add("b-1", f"mine_{frame}")  # OpenPose's own
    add("c-1")
    Path("d-1").write_text("a file that -o d/ would not have replaced")
    for name in "abcd":
        assert run(monkeypatch, f"pose photo.png --all-people -o {name}/ --overwrite -q") == 0
    left = {path.name for path in Path().glob("?-*")}
    assert left == {"a-0", "a-2", "b-0", "b-1", "c-0", "c-1", "d-0", "d-1"}
    assert len(list(Path("a-2").iterdir())) == 2


@pytest.mark.usefixtures("pgvgen")
def test_a_photo_that_is_called_as_a_result_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    Path("photo.png").rename("a-1.png")
    assert run(monkeypatch, "pose a-1.png --all-people -o a.png --overwrite -q") == 0
    assert np.array_equal(read_image("a-1.png"), PHOTO)
    assert Path("a-0.png").is_file()


def test_folder_keeps_going_and_resumes(
    pgvgen: Path, monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    (pgvgen / "photos").mkdir()
    write_image("photos/a.png", PHOTO)
    write_image("photos/a.jpg", PHOTO)
    write_image("photos/nobody.png", np.full((64, 64, 3), 90, np.uint8))
    Path("photos/notes.txt").write_text("no picture")
    write_video("photos/clip.mp4", [PHOTO] * 2, 5)
    assert run(monkeypatch, "pose photos") == 3
    out, err = capfd.readouterr()
    assert out == ""
    assert "no person found in photos/nobody.png" in err
    assert "1 of 4 failed" in err.splitlines()[-1]
    written = sorted(path.name for path in Path("photos").glob("*.json"))
    assert written == ["a.jpg.json", "a.png.json", "clip.json"]
    assert len(PoseSequence.load("photos/clip.json")) == 2
    Path("photos/nobody.png").unlink()
    Path("photos/clip.json").unlink()
    assert run(monkeypatch, "pose photos --json") == 0
    reports = [json.loads(line) for line in capfd.readouterr().out.splitlines()]
    assert [report["status"] for report in reports] == ["skipped", "skipped", "done"]
    assert run(monkeypatch, "pose photos -o elsewhere -q") == 0
    assert len(list(Path("elsewhere").glob("*.json"))) == 3


@pytest.mark.usefixtures("pgvgen")
@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pose photo.png --json", "-o"),
        ("pose photo.png --all-people --person 1", "exclude"),
        ("pose . --preview seen.png", "folder"),
        ("pose photo.png --preview seen.mp4", "one picture"),
        ("pose photo.png --preview seen.txt", "seen.txt"),
        ("pose photo.png -o x.png --preview ./x.png", "two files"),
        ("pose photo.png --all-people -o x.png --preview x-3.png", "two files"),
    ],
)
def test_contradictions_are_wrong_usage(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], line: str, words: str
) -> None:
    assert run(monkeypatch, line) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err


@pytest.mark.usefixtures("pgvgen")
def test_torch_is_not_imported() -> None:
    code = (
        "import sys\nfrom pgvgen.cli import _run\n"
        "sys.argv = ['pgvgen', 'pose', 'photo.png', '-o', 'pose.json', '--preview', 'seen.png']\n"
        "assert _run() == 0\nassert 'torch' not in sys.modules"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
