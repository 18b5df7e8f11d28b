"""What the README says works, word for word."""

from __future__ import annotations

import os
import re
import shlex
import subprocess
import sys
from pathlib import Path

import cv2
import numpy as np
import pytest
import typer
from skimage.data import astronaut

from pgvgen.cli import app
from pgvgen.pictures import write_image
from pgvgen.poses import PoseSequence
from pgvgen.video import open_video, write_video

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def blocks(language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```", README, re.DOTALL | re.MULTILINE)


def calls() -> list[list[str]]:
    """Every call of pgvgen in the README, split into words."""
    lines = [line for block in blocks("sh") for line in block.splitlines()]
    parts = [part for line in lines for part in re.split(r" \| | && | > ", line.partition(" #")[0])]
    return [shlex.split(part)[1:] for part in parts if part.startswith("pgvgen ")]


def test_first_line_installs_and_animates_second_installs_and_tests() -> None:
    first, second = (block.strip() for block in blocks("sh")[:2])
    assert first == ("pip install -c constraints.txt . && pgvgen animate photo.jpg --action wave")
    assert second.endswith("&& pytest")


def test_ci_runs_the_readme_line() -> None:
    assert blocks("sh")[1].strip() in (ROOT / ".ci" / "run").read_text().splitlines()


@pytest.mark.parametrize("words", calls(), ids=" ".join)
def test_every_call_is_understood(words: list[str]) -> None:
    """Arguments and options exist and take such values; nothing is run."""
    command = typer.main.get_command(app)
    context = command.make_context("pgvgen", list(words), resilient_parsing=True)
    while context.command is not None and hasattr(context.command, "commands"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None, f"there is no command {rest}"
        context = command.make_context(name, rest, parent=context)


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the README's lines are about, small: a photo, a crowd, a clip, a folder of photos."""
    monkeypatch.chdir(tmp_path)
    photo = cv2.resize(astronaut(), (144, 144), interpolation=cv2.INTER_AREA)
    write_image("photo.jpg", photo)
    crowd = np.full((144, 300, 3), 120, np.uint8)
    crowd[:, :144] = photo
    crowd[24:, 170:290] = cv2.resize(photo, (120, 120), interpolation=cv2.INTER_AREA)
    write_image("crowd.jpg", crowd)
    write_video("clip.mp4", [np.roll(photo, i, 1) for i in range(6)], 6)
    write_image("photos/a.jpg", photo)
    write_image("photos/team/b.jpg", photo[:, ::-1].copy())
    return tmp_path


def test_the_shell_section_is_a_script_that_runs(folder: Path) -> None:
    section = README.partition("## On the command line")[2].partition("\n## ")[0]
    script = "\n".join(re.findall(r"^```sh\n(.*?)^```", section, re.DOTALL | re.MULTILINE))
    pgvgen = folder / "bin" / "pgvgen"
    pgvgen.parent.mkdir()
    pgvgen.write_text(f'#!/bin/sh\nexec "{sys.executable}" -m pgvgen "$@"\n')
    pgvgen.chmod(0o755)
    done = subprocess.run(
        ["bash", "-euo", "pipefail", "-c", script], capture_output=True, text=True, timeout=1800,
        env=os.environ | {"PATH": f"{pgvgen.parent}:{os.environ['PATH']}"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert "wave" in done.stdout.split(), "the list of actions is what goes to stdout"
    for name in (
        "photo-jumping_jack.mp4", "greeting.gif", "photo-walk.mp4", "crowd-wave.mp4",
        "photo-clip.webm", "wave.mp4", "pose.json", "pose.png", "clip.json", "clip-pose.mp4",
        "skeleton.mp4", "people-0.json", "people-1.json", "from-stdin.json", "squat.json",
        "squat.png", "squat.webm", "page.png", "videos/a-wave.mp4", "videos/team/b-wave.mp4",
        "poses/team/b.json", "listed/photos/a.json", "motions/a-bow.json", "bows/a-bow.mp4",
        "bows/team/b-bow.mp4", "bows/report.jsonl",
    ):  # fmt: skip
        assert (folder / name).stat().st_size, name


def test_python_runs(folder: Path, capfd: pytest.CaptureFixture[str]) -> None:
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert open_video("wave.mp4").length == 32
    assert PoseSequence.load("pose.json").size == (144, 144)
    assert len(PoseSequence.load("squat.json")) == 24
    assert open_video("squat.webm").length == 24
    assert (Path(capfd.readouterr().out.strip()) / "psgan" / "model.safetensors").is_file()
