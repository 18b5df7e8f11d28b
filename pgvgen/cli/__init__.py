"""The command line: one thin module a subcommand. Nothing heavy is imported for `--help`."""

from __future__ import annotations

import errno
import inspect
import io
import logging
import os
import signal
import sys
import traceback
from typing import Annotated, Any

import typer

from pgvgen.cli import animate, evaluate, motion, pose, render, train, weights
from pgvgen.cli._console import plain, say
from pgvgen.errors import PgvgenError
from pgvgen.talk import log

# typer carries its own click since 0.26 and uses the installed one before: ask it for the classes.
_UsageError: Any = typer.BadParameter.__mro__[1]
_ClickException: Any = typer.BadParameter.__mro__[2]

app = typer.Typer(
    name="pgvgen",
    help="One photo of a person and the name of an action become a video.\n\n"
    "Example: pgvgen animate photo.jpg --action wave\n\n"
    "Example: pgvgen motion --list-actions",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command()(animate.animate)
app.command()(pose.pose)
app.command()(motion.motion)
app.command()(render.render)
app.add_typer(train.app, name="train")
app.add_typer(evaluate.app, name="eval")
app.add_typer(weights.app, name="weights")


def _reflow(group: typer.Typer) -> None:
    """Let the terminal break the lines of the docstrings, and take no bracket for markup."""
    for command in group.registered_commands:
        text = command.help or inspect.getdoc(command.callback or _reflow) or ""
        command.help = "\n\n".join(" ".join(part.split()) for part in text.split("\n\n"))
        command.help = command.help.replace("[", r"\[")
    for inner in group.registered_groups:
        if inner.typer_instance is not None:
            _reflow(inner.typer_instance)


_reflow(app)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"pgvgen {version('pgvgen')}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Say which.")
    ] = False,
) -> None:
    pass


def main() -> None:
    """Run the command line and exit: 0 done, 1 failed, 2 wrong usage, 3 in part, 130 Ctrl-C."""
    # Whoever ends us in order (a scheduler, a shutdown, a terminal that is closed) finds no half
    # file either.
    signal.signal(signal.SIGTERM, lambda number, _: sys.exit(128 + number))
    # Windows has no SIGHUP, and below nohup it is to be ignored.
    if hasattr(signal, "SIGHUP") and signal.getsignal(signal.SIGHUP) == signal.SIG_DFL:
        signal.signal(signal.SIGHUP, lambda number, _: sys.exit(128 + number))
    sys.exit(_run())


def _run() -> int:
    for name in ("stdout", "stderr"):
        if getattr(sys, name) is None:  # it was closed (`>&-`): what is said there, nobody wants
            setattr(sys, name, open(os.devnull, "w", encoding="utf-8"))  # noqa: SIM115
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="backslashreplace")  # names and labels need not be text
    try:
        code = app(standalone_mode=False, prog_name="pgvgen")
        sys.stdout.flush()
        return code if isinstance(code, int) else 0
    except PgvgenError as error:
        if os.environ.get("PGVGEN_DEBUG") == "1":
            raise
        if log.isEnabledFor(logging.INFO):
            say(traceback.format_exc().rstrip())
        say(plain(f"pgvgen: {error}"))
        return error.exit_code
    except _ClickException as error:
        return _complain(error)
    except (KeyboardInterrupt, typer.Abort):
        return 130
    except BrokenPipeError:
        # The reader has gone (`| head`): point stdout elsewhere so that the exit stays silent.
        _drop_stdout()
        return 1
    except (OSError, MemoryError) as error:
        if os.environ.get("PGVGEN_DEBUG") == "1" or not _is_of_the_machine(error):
            raise
        _drop_stdout()
        say(plain(f"pgvgen: {_what_is_wrong(error)}"))
        return 1


_NO_ROOM = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
_OF_THE_MACHINE = _NO_ROOM | {
    errno.EROFS, errno.EIO, errno.EACCES, errno.EPERM, errno.EMFILE, errno.ENFILE, errno.ENOMEM,
    errno.ENAMETOOLONG, errno.ELOOP,
}  # fmt: skip


def _is_of_the_machine(error: OSError | MemoryError) -> bool:
    """Whether the disk or the memory is to blame, and not a mistake of ours."""
    return isinstance(error, MemoryError) or error.errno in _OF_THE_MACHINE


def _what_is_wrong(error: OSError | MemoryError) -> str:
    if isinstance(error, MemoryError):
        return "there is not enough memory: give a smaller picture, --size or fewer frames"
    where = f"{error.filename}: " if error.filename else ""
    remedy = "make room, or name another place with -o" if error.errno in _NO_ROOM else "mend that"
    return f"{where}{error.strerror}: {remedy}"


def _drop_stdout() -> None:
    """What could not be written there shall not be tried again when Python ends."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def _complain(error: Any) -> int:
    """A wrong call in one line, as every other failure; help that was not asked for, as help."""
    if type(error).__name__ == "NoArgsIsHelpError":
        error.show()
    else:
        context = getattr(error, "ctx", None)
        command = context.command_path if context else "pgvgen"
        message = " ".join(error.format_message().split()).rstrip(".")
        hint = f" (see {command} --help)" if isinstance(error, _UsageError) else ""
        say(plain(f"{command}: {message}{hint}"))
    return int(error.exit_code)
