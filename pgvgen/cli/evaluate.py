"""`pgvgen eval`: the paper's tables for a weight, on a prepared clip store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from pgvgen.cli import _completion
from pgvgen.cli._console import emit
from pgvgen.cli._options import Device, Json, Quiet, Seed, Verbose

if TYPE_CHECKING:
    from pgvgen.evaluation.tables import Table

app = typer.Typer(
    help="Measure a weight on held-out data.\n\n"
    "Example: pgvgen eval motion --data stores/motion\n\n"
    "Example: pgvgen eval render --data stores/frames",
    no_args_is_help=True,
)

Data = Annotated[Path, typer.Option(metavar="STORE", help="What `pgvgen train prepare` made.")]
Split = Annotated[str, typer.Option(help="Which clips: test, val or train.")]
SeveralWeights = Annotated[
    list[str],
    typer.Option(
        metavar="[ROW=]NAME",
        help="Bundled name, folder, or Hub id; with ROW= before it, so its rows are called. Again "
        "for more rows in the same table.",
        autocompletion=_completion.named_weights,
    ),
]
NamedWeights = Annotated[
    list[str],
    typer.Option(
        metavar="[ROW=]NAME",
        help="Bundled name, folder, or Hub id; with ROW= before it, so its rows are called (SCGAN, "
        "SCGAN-gen, SCGAN-gt: as the paper's). Again for more rows in the same table; again "
        "with the same ROW= for the mean of several runs.",
        autocompletion=_completion.named_weights,
    ),
]
Recipe = Annotated[
    Path | None,
    typer.Option(
        metavar="FILE", help="Only the clips that this recipe's [psgan.data] takes; all by default."
    ),
]
Whole = Annotated[
    bool,
    typer.Option("--table", help="Table 1 whole: 20 seeds instead of 5, more long motions."),
]
WholeFrames = Annotated[
    bool,
    typer.Option(
        "--table",
        help="Table 5 whole: 95 % intervals over clips, 12 pairs a clip instead of 6, the pose "
        "error of the frames (AKD, MKR), 0.05 s a frame, each action by itself, and what `render` "
        "shows, a second a pair.",
    ),
]


@app.command()
def motion(
    data: Data,
    weights: SeveralWeights = ["action"],  # noqa: B006 (typer wants a list)
    recipe: Recipe = None,
    table: Whole = False,
    split: Split = "test",
    seed: Seed = 0,
    device: Device = "auto",
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Generated pose sequences against real ones (Table 1), and what that figure cannot tell.

    Example: pgvgen eval motion --data stores/motion --weights action --weights runs/psgan/release

    Example: pgvgen eval motion --data stores/motion --table --json > table-1.jsonl
    """
    from pgvgen.data.store import ClipStore
    from pgvgen.evaluation.motion import evaluate_motion
    from pgvgen.training.psgan import PSGANRecipe
    from pgvgen.training.recipe import load_recipe

    taken = load_recipe(recipe, "psgan", PSGANRecipe).data
    store = ClipStore.open(data)
    tables = evaluate_motion(
        store, weights, split=split, seed=seed, device=device, data=taken, whole=table
    )
    show(tables, as_json=as_json)


@app.command()
def render(
    data: Data,
    weights: NamedWeights = ["action"],  # noqa: B006 (typer wants a list)
    table: WholeFrames = False,
    split: Split = "test",
    seed: Seed = 0,
    device: Device = "auto",
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Painted frames against real ones (Table 5), between a static copy and the true pose.

    Example: pgvgen eval render --data stores/frames --weights action --weights SCGAN=runs/b/release

    Example: pgvgen eval render --data stores/frames --table --json > table-5.jsonl
    """
    from pgvgen.data.store import ClipStore
    from pgvgen.evaluation.render import evaluate_render

    store = ClipStore.open(data)
    tables = evaluate_render(store, weights, split=split, seed=seed, device=device, whole=table)
    show(tables, as_json=as_json)


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
