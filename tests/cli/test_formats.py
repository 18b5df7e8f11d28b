"""What other tools take: by the ending of -o, with --size, --transparent and --grid."""

from __future__ import annotations

import sys
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from pgvgen.cli import _run
from pgvgen.pictures import read_image, write_image
from pgvgen.poses import PoseSequence
from pgvgen.video import open_video, write_video

PHOTO = astronaut()[::3, ::3].copy()


@pytest.fixture(autouse=True)
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    write_image("photo.png", PHOTO)
    return tmp_path


def run(monkeypatch: pytest.MonkeyPatch, line: str) -> int:
    monkeypatch.setattr(sys, "argv", ["pgvgen", *line.split()])
    return _run()


def test_a_transparent_animation_and_its_grid(monkeypatch: pytest.MonkeyPatch) -> None:
    few = "--action wave --frames 3 --size 96 --transparent"
    assert run(monkeypatch, f"animate photo.png {few} -o wave/ --grid wave.png") == 0
    frames = [np.asarray(Image.open(file)) for file in sorted(Path("wave").iterdir())]
    assert [frame.shape for frame in frames] == [(96, 96, 4)] * 3
    assert all(frame[:8, 80:, 3].max() == 0 and frame[..., 3].mean() > 50 for frame in frames)
    assert read_image("wave.png").shape[1] > 3 * 200
    Path("photos").mkdir()
    Path("photo.png").rename("photos/photo.png")
    assert run(monkeypatch, f"animate photos {few} -q") == 0
    alpha_mode = b"\x53\xc0\x81\x01"  # Matroska's element, its length, 1
    assert alpha_mode in Path("photos/photo-wave.webm").read_bytes()


def test_render_cuts_out_too(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, "motion photo.png --action wave --frames 2 -o poses/") == 0
    assert len(list(Path("poses").glob("poses_*_keypoints.json"))) == 2
    line = "render photo.png poses --size 96 --transparent -o out.apng --grid grid.jpg"
    assert run(monkeypatch, line) == 0
    assert Image.open("out.apng").convert("RGBA").getpixel((90, 4))[3] == 0
    assert Path("grid.jpg").is_file()


def test_poses_in_every_form(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("a.json", "a.csv", "a.npz", "a/"):
        assert run(monkeypatch, f"pose photo.png -o {name}") == 0
    found = PoseSequence.load("a.json")
    assert np.array_equal(PoseSequence.load("a").keypoints, found.keypoints)
    assert run(monkeypatch, "pose photo.png -o a.png --size 320x640") == 0
    assert read_image("a.png").shape == (640, 320, 3)
    line = "motion a.json --action wave --frames 4 --samples 2 -o b.mp4 --size 64x96 -q"
    assert run(monkeypatch, line) == 0
    assert [open_video(f"b-{i}.mp4").size for i in (0, 1)] == [(64, 96), (64, 96)]


def test_several_frames_are_no_picture_and_that_is_said_before_the_work(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    write_video("nobody.gif", [np.full_like(PHOTO, 90)] * 2, 5)
    assert run(monkeypatch, "pose nobody.gif -o a.png") == 2
    assert "several frames" in capfd.readouterr().err
    write_video("one.gif", [PHOTO], 5)
    assert run(monkeypatch, "pose one.gif -o one.json") == 0
    motion = "motion one.json"
    for line in ("pose one.gif", f"{motion} -a bow --frames 1", f"{motion} --motion one.json"):
        assert run(monkeypatch, f"{line} -o one.png --overwrite") == 0


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("pose photo.png -o a.cvs", ".csv"),
        ("pose photo.png -o ./", "-o"),
        ("pose photo.png --all-people -o ../", "-o"),
        ("animate photo.png --action wave -o ./", "name one in it with -o"),
        ("animate photo.png --action wave -o ..", "name one in it with -o"),
        ("render photo.png none.json -o x/../", "name one in it with -o"),
        ("motion photo.png --action wave --samples 2 -o ./", "name one in it with -o"),
        ("pose photo.png --size 64x64", "-o"),
        ("pose photo.png -o a.png --size 64", "576x1024"),
        ("pose photo.png -o a.json --size 64x64", "--size"),
        ("pose . --size 64x64", "--size"),
        ("motion none.json --action wave -o a.png", "several frames"),
        ("animate photo.png --action wave -o a.mp4 --transparent", ".webm"),
        ("animate photo.png --action wave --grid a.mp4", ".png"),
        ("animate . --action wave --grid a.png", "--grid"),
        ("animate photo.png --action wave --grid a.webp -o ./a.webp", "two files"),
        ("render photo.png none.json --grid a.webp -o ./a.webp", "two files"),
        ("motion none.json --action wave --preview a-1.mp4 -o a.mp4 --samples 2", "two files"),
        ("animate photo.png -a wave --all-people --person 0", "leave out --person"),
        ("render . a.json b.json", "one folder, glob or list"),
        ("render photo.png . b.json", "one folder, glob or list"),
        ("render photo.png - -", "stdin"),
    ],
)
def test_what_cannot_be_meant(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    capfd: pytest.CaptureFixture[str],
    line: str,
    words: str,
) -> None:
    assert run(monkeypatch, line) == 2
    out, err = capfd.readouterr()
    assert (out, err.count("\n")) == ("", 1)
    assert words in err
    assert [file.name for file in folder.iterdir()] == ["photo.png"]


@pytest.mark.parametrize(
    "line",
    [
        "pose photo.png -o photo.png",
        "pose photo.png -o link.png",
        "pose photo.png -o a.json --preview photo.png",
        "motion photo.png -a wave --frames 1 -o link.png",
        "motion photo.png -a wave --frames 1 -o a.json --preview link.png",
        "motion photo.png --motion clip.gif -o clip.gif",
        "motion photo.png --motion clip.gif -o a.json --preview clip.gif",
        "animate photo.png --motion clip.gif -o clip.gif",
        "motion poses -a wave -o poses/",
        "motion photo.png --motion poses -o poses/",
        "animate frames/frame_0.png -a wave -o frames/",
    ],
)
def test_what_is_given_is_never_replaced(monkeypatch: pytest.MonkeyPatch, line: str) -> None:
    Path("link.png").symlink_to("photo.png")
    write_video("clip.gif", [PHOTO], 5)
    write_image("frames/frame_0.png", PHOTO)
    Path("poses").mkdir()
    Path("poses/a_000000000000_keypoints.json").write_text("{}")
    given = {name: name.read_bytes() for name in Path().glob("**/*.*")}
    assert run(monkeypatch, f"{line} --overwrite") == 1
    assert {name: name.read_bytes() for name in given} == given
