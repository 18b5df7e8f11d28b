"""The command line's frame: quick help, one-line failures, exit codes, pipes that close, Ctrl-C."""

from __future__ import annotations

import os
import resource
import signal
import subprocess
import sys
from importlib.metadata import version

import pytest
import typer

from pgvgen.cli import _run, app

PGVGEN = [sys.executable, "-m", "pgvgen"]
COMMANDS = ["animate", "pose", "motion", "render", "train", "eval", "weights"]
HEAVY = ["torch", "cv2", "PIL", "huggingface_hub", "ai_edge_litert", "controlnet_aux", "timm"]


def run(*arguments: str, **options: object) -> subprocess.CompletedProcess[str]:
    return subprocess.run(  # type: ignore[call-overload, no-any-return]
        [*PGVGEN, *arguments], **{"capture_output": True, "text": True, "timeout": 120} | options
    )


def every_command() -> list[list[str]]:
    """The words of every command and group of the application."""

    def walk(group: object, words: list[str]) -> list[list[str]]:
        found = [words]
        for name, command in getattr(group, "commands", {}).items():
            found += walk(command, [*words, name])
        return found

    return walk(typer.main.get_command(app), [])


def test_all_commands_are_there() -> None:
    named = {words[0] for words in every_command() if words}
    assert named == set(COMMANDS)


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_help_of_every_command_imports_nothing_heavy(words: list[str]) -> None:
    code = (
        "import sys\nfrom pgvgen.cli import _run\n"
        f"sys.argv = ['pgvgen', *{words!r}, '--help']\nassert _run() == 0\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules], file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert "Usage: " in done.stdout
    assert done.stderr.split() == []


def test_help_answers_in_half_a_second() -> None:
    """In processor time, which a busy machine does not lengthen; the best of three."""
    seconds = []
    for _ in range(3):
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        run("--help", check=True)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        seconds.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    assert min(seconds) < 0.5


def test_version() -> None:
    assert run("--version").stdout == f"pgvgen {version('pgvgen')}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["animte", "photo.jpg"], "No such command"),
        (["animate"], "Missing"),
        (["animate", "photo.jpg"], "--action"),
        (["animate", "photo.jpg", "--action", "wave", "--frames", "1"], "--frames"),
        (["animate", "photo.jpg", "--action", "wave", "--frames", "many"], "valid integer"),
        (["render", "photo.jpg", "--nonsense"], "No such option"),
    ],
)
def test_wrong_usage_is_one_line_and_exit_2(arguments: list[str], words: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert done.stdout == ""
    assert words in done.stderr
    assert done.stderr.count("\n") == 1
    assert "--help" in done.stderr


def test_expected_failure_is_one_line_unless_debugging() -> None:
    arguments = ["render", "missing.jpg", "missing.json"]
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith("pgvgen: ")
    assert "missing.json" in done.stderr
    assert done.stderr.count("\n") == 1
    debugged = run(*arguments, env=os.environ | {"PGVGEN_DEBUG": "1"})
    assert debugged.returncode == 1
    assert "Traceback" in debugged.stderr


def test_no_colour_codes_when_nobody_wants_them() -> None:
    coloured = run("--help", env=os.environ | {"FORCE_COLOR": "1"})
    plain = run("--help", env=os.environ | {"NO_COLOR": "1", "TERM": "xterm-256color"})
    assert "\x1b[" in coloured.stdout, "or this test proves nothing"
    assert "\x1b[" not in plain.stdout


@pytest.mark.parametrize("arguments", [["--help"], ["--version"], ["weights", "list", "--json"]])
def test_a_closed_pipe_is_silent(arguments: list[str]) -> None:
    reader, writer = os.pipe()
    os.close(reader)
    done = subprocess.run([*PGVGEN, *arguments], stdout=writer, stderr=subprocess.PIPE, timeout=60)
    os.close(writer)
    assert done.stderr == b""
    assert done.returncode == 1


def test_ctrl_c_is_silent_and_130(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Waiting:
        """A stdin at which somebody presses Ctrl-C."""

        class buffer:
            @staticmethod
            def read() -> bytes:
                signal.raise_signal(signal.SIGINT)
                pytest.fail("went on")

    monkeypatch.setattr(sys, "stdin", Waiting)
    monkeypatch.setattr(sys, "argv", ["pgvgen", "render", "photo.jpg", "-"])
    assert _run() == 130
    assert capfd.readouterr() == ("", "")
