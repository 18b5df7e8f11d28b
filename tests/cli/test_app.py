"""The command line's frame: quick help, one-line failures, exit codes, pipes that close, Ctrl-C."""

from __future__ import annotations

import json
import os
import re
import resource
import shlex
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path

import pytest
import typer
from skimage.data import astronaut

from pgvgen.cli import _run, app
from pgvgen.cli._console import say
from pgvgen.pictures import write_image

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


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_help_has_two_examples_that_are_understood(words: list[str]) -> None:
    command = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined]
    parts = re.findall(r"Example: (pgvgen .*)", str(command.help))
    assert len(parts) == 2
    for example in parts:
        call = shlex.split(re.split(r" [|>] ", example)[0].replace("\\[", "["))[1:]
        assert call[: len(words)] == words
        understand(call)


def understand(call: list[str]) -> None:
    """Arguments and options exist and take such values; nothing is run."""
    command = typer.main.get_command(app)
    context = command.make_context("pgvgen", list(call), resilient_parsing=True)
    while hasattr(context.command, "commands"):
        rest = [*context._protected_args, *context.args]
        name, command, rest = context.command.resolve_command(context, rest)
        assert command is not None, f"there is no command {rest}"
        context = command.make_context(name, rest, parent=context)


@pytest.mark.parametrize("words", every_command(), ids=" ".join)
def test_every_command_can_be_quiet_and_verbose(words: list[str]) -> None:
    command = typer.main.get_command(app)
    for word in words:
        command = command.commands[word]  # type: ignore[attr-defined]
    if not hasattr(command, "commands"):
        options = {option for parameter in command.params for option in parameter.opts}
        assert {"-q", "--quiet", "-v", "--verbose"} <= options


@pytest.mark.parametrize(
    ("typed", "offered"),
    [
        ("pgvgen an", {"animate"}),
        ("pgvgen animate --tr", {"--transparent"}),
        ("pgvgen animate photo.jpg --action jumping", {"jumping_jack"}),
        ("pgvgen motion pose.json -a wave,jumping", {"wave,jumping_jack"}),
        ("pgvgen animate photo.jpg --weights ac", {"action", "action-flow"}),
        ("pgvgen eval motion --weights action-", {"action-flow"}),
        ("pgvgen eval render --weights SCGAN=action-", {"SCGAN=action-flow"}),
        ("pgvgen render photo.jpg --device c", {"cpu", "cuda"}),
        ("pgvgen pose photos --engine r", {"ray"}),
    ],
)
def test_the_shell_completes(typed: str, offered: set[str]) -> None:
    words = typed.split()
    shell = {"_PGVGEN_COMPLETE": "complete_bash", "COMP_WORDS": typed}
    done = run(env=os.environ | shell | {"COMP_CWORD": str(len(words) - 1)})
    assert set(done.stdout.split()) == offered


def test_completion_imports_nothing_heavy() -> None:
    code = (
        "import sys\nfrom pgvgen.cli._completion import actions, weights\n"
        "assert actions('') and weights('')\n"
        f"print(*[name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert subprocess.run([sys.executable, "-c", code], capture_output=True).stdout.split() == []


def test_verbose_says_what_is_loaded_how_long_it_takes_and_where_it_fails(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    picture = tmp_path / "photo.png"
    write_image(picture, astronaut()[::2, ::2].copy())
    monkeypatch.setattr(sys, "argv", ["pgvgen", "motion", str(picture), "-a", "bow", "-v"])
    assert _run() == 0
    out, err = capfd.readouterr()
    assert json.loads(out)["label"] == "bow"
    assert "weights action on cpu" in err
    assert re.search(r"loading: \d+\.\d\d s\n", err)
    assert re.search(r"motion: \d+\.\d\d s\n", err)
    monkeypatch.setattr(sys, "argv", ["pgvgen", "pose", "missing.jpg", "-v"])
    assert _run() == 1
    assert "Traceback" in capfd.readouterr().err
    monkeypatch.setattr(sys, "argv", ["pgvgen", "pose", "missing.jpg"])
    assert _run() == 1
    assert capfd.readouterr().err.count("\n") == 1


def test_version() -> None:
    assert run("--version").stdout == f"pgvgen {version('pgvgen')}\n"


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["animte", "photo.jpg"], "No such command"),
        (["animate"], "Missing"),
        (["animate", "photo.jpg", "--action", "wave", "--frames", "0"], "--frames"),
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


def test_names_are_said_as_they_are(capfd: pytest.CaptureFixture[str]) -> None:
    say("photo:smile:[bold].jpg")
    assert capfd.readouterr().err == "photo:smile:[bold].jpg\n"


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


@pytest.mark.parametrize("closed", [">&-", "2>&-", ">&- 2>&-"])
def test_a_stream_that_was_closed_is_no_failure(tmp_path: Path, closed: str) -> None:
    write_image(tmp_path / "photo.png", astronaut()[::2, ::2].copy())
    call = shlex.join([*PGVGEN, "pose", "photo.png", "-o", "pose.json", "--json"])
    done = subprocess.run(
        ["sh", "-c", f"{call} {closed}"], cwd=tmp_path, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert (tmp_path / "pose.json").is_file()


@pytest.mark.parametrize(
    ("number", "moment"),
    [
        *((number, "import") for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)),
        *((number, "work") for number in (signal.SIGINT, signal.SIGTERM)),
    ],
)
def test_a_signal_ends_it_silently_with_nothing_left(
    tmp_path: Path, number: signal.Signals, moment: str
) -> None:
    """At once during the imports, which nobody wants to wait for, and at work."""
    write_image(tmp_path / "photo.png", astronaut()[::2, ::2].copy())
    call = [*PGVGEN, "animate", "photo.png", "-a", "wave", "--frames", "60"]
    heard = signal.signal(signal.SIGHUP, signal.SIG_DFL)  # the tests may be run below nohup
    process = subprocess.Popen(
        call, cwd=tmp_path, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )
    signal.signal(signal.SIGHUP, heard)
    if moment == "import":
        modules = Path(f"/proc/{process.pid}/maps")
        wait_until(lambda: "_json" in modules.read_text() or process.poll() is not None)
    else:
        wait_until(lambda: any(tmp_path.glob(".pgvgen-*")) or process.poll() is not None)
    process.send_signal(number)
    assert process.communicate(timeout=120) == ("", ""), "or it was done before"
    if moment == "work" or number == signal.SIGINT:
        assert process.returncode == 128 + number
    assert [path.name for path in tmp_path.iterdir()] == ["photo.png"]


def wait_until(true: Callable[[], bool]) -> None:
    end = time.monotonic() + 600
    while not true():
        assert time.monotonic() < end
        time.sleep(0.002)


def test_ctrl_c_is_silent_and_130(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    class Waiting:
        """A stdin at which somebody presses Ctrl-C."""

        class buffer:
            @staticmethod
            def read(*_: int) -> bytes:
                signal.raise_signal(signal.SIGINT)
                pytest.fail("went on")

    monkeypatch.setattr(sys, "stdin", Waiting)
    monkeypatch.setattr(sys, "argv", ["pgvgen", "render", "photo.jpg", "-"])
    assert _run() == 130
    assert capfd.readouterr() == ("", "")
