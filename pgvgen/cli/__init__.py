"""The command line: one thin module a subcommand. Nothing heavy is imported for `--help`."""

from __future__ import annotations

import os
import sys

import typer

from pgvgen.cli._console import say
from pgvgen.errors import PgvgenError

app = typer.Typer(
    name="pgvgen",
    help="One photo of a person and the name of an action become a video.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    rich_markup_mode="rich",
    context_settings={"help_option_names": ["-h", "--help"]},
)


def main() -> None:
    """Run the command line and exit with its code: 0 done, 1 failed, 2 wrong usage, 3 in part."""
    try:
        app()
    except PgvgenError as error:
        if os.environ.get("PGVGEN_DEBUG") == "1":
            raise
        say(f"pgvgen: {error}")
        sys.exit(error.exit_code)
    except BrokenPipeError:
        # The reader has gone (`| head`): point stdout elsewhere so that the exit stays silent.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(0)
