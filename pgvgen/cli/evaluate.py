"""`pgvgen eval`: the paper's tables for a weight, on a prepared clip store."""

from __future__ import annotations

import importlib
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgvgen.cli._console import emit
from pgvgen.cli._options import Device, Json, Seed, Weights

if TYPE_CHECKING:
    from pgvgen.evaluation.tables import Table

app = typer.Typer(help="Measure a weight on held-out data.", no_args_is_help=True)

Data = Annotated[Path, typer.Option(metavar="STORE", help="What `pgvgen train prepare` made.")]
Split = Annotated[str, typer.Option(help="Which clips: test, val or train.")]


def _command(stage: str, about: str) -> None:
    """Add the command that measures one stage; both have the same options."""

    @app.command(stage, help=about)
    def command(
        data: Data,
        weights: Weights = "action",
        split: Split = "test",
        seed: Seed = 0,
        device: Device = "auto",
        as_json: Json = False,
    ) -> None:
        from pgvgen.data.store import ClipStore

        module = importlib.import_module(f"pgvgen.evaluation.{stage}")
        evaluate = getattr(module, f"evaluate_{stage}")
        store = ClipStore.open(data)
        show(evaluate(store, weights, split=split, seed=seed, device=device), as_json=as_json)


_command(
    "motion",
    "Generated pose sequences against real ones (Table 1), and what that figure cannot tell.",
)
_command(
    "render",
    "Painted frames against real ones (Table 5), between a static copy and the true pose.",
)


def show(tables: list[Table], *, as_json: bool) -> None:
    """Tables to stdout: drawn on a terminal, Markdown through a pipe, one object a row as JSON."""
    for table in tables:
        if as_json:
            for record in table.records():
                emit(record)
        elif sys.stdout.isatty():
            _draw(table)
        else:
            print(table.markdown(), end="\n\n")


def _draw(table: Table) -> None:
    from rich.console import Console
    from rich.table import Table as Drawn

    heading, *rows = table.cells()
    drawn = Drawn(*heading, title=table.title, caption=table.note or None)
    for column in drawn.columns[1:]:
        column.justify = "right"
    for row in rows:
        drawn.add_row(*row)
    Console().print(drawn)
