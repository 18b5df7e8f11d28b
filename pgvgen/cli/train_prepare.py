"""`pgvgen train prepare`: bring a public data set into a clip store."""

from __future__ import annotations

from collections import Counter
from pathlib import Path
from typing import Annotated

import typer

from pgvgen.cli._console import counted, emit, progress, say
from pgvgen.cli._options import Estimator, Json, Quiet, Verbose


def prepare(
    source: Annotated[Path, typer.Argument(metavar="FOLDER", help="The data set as published.")],
    output: Annotated[
        Path, typer.Option("-o", "--output", metavar="STORE", help="Folder to make or to add to.")
    ],
    kind: Annotated[
        str,
        typer.Option(help="bvh, deepmimic, penn, jhmdb, weizmann, pairs, ucf, or store to merge."),
    ],
    name: Annotated[
        str | None, typer.Option(help="What the source is called; its folder's name by default.")
    ] = None,
    estimator: Estimator = "blazepose",
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Bring a data set into the store that the trainers draw from.

    A store takes several data sets, one call each. What is not good enough to learn from is left
    out and counted.

    Example: pgvgen train prepare Penn_Action/ --kind penn -o stores/motion

    Example: pgvgen train prepare clips/ --kind ucf -o stores/mine
    """
    from pgvgen.data.importers import import_into

    dropped: Counter[str] = Counter()
    labels: Counter[str] = Counter()
    splits: Counter[str] = Counter()
    registered: list[bool] = []
    clips = import_into(output, source, kind, name=name, estimator=estimator, dropped=dropped)
    for clip in progress(clips, f"Preparing {source.name}", quiet=quiet):
        labels[clip.label] += 1
        splits[clip.split] += 1
        if "registered" in clip.notes:
            registered.append(bool(clip.notes["registered"]))
    if as_json:
        counts = {"clips": labels, "splits": splits, "dropped": dropped}
        paired = {"registered": sum(registered)} if registered else {}
        emit({"source": str(source), "store": str(output)} | counts | paired)
    say(
        f"{output}: {counted(labels.total(), 'clip')} added ("
        + ", ".join(f"{split} {n}" for split, n in sorted(splits.items()))
        + ")",
        quiet=quiet,
    )
    if registered:
        say(f"{sum(registered):6}  pairs brought under one camera", quiet=quiet)
    for title, counter in (("", labels), ("left out: ", dropped)):
        for what, count in sorted(counter.items()):
            say(f"{count:6}  {title}{what}", quiet=quiet)
