"""What the README says works, word for word."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest
import typer
from skimage.data import astronaut

from pgvgen.cli import app
from pgvgen.pictures import write_image
from pgvgen.video import open_video

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


def test_python_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    write_image("photo.jpg", astronaut())
    for block in blocks("python"):
        exec(compile(block, "README.md", "exec"), {})
    assert open_video("wave.mp4").length == 32
    assert (tmp_path / "squat.json").exists()
