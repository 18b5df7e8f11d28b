"""`pgvgen weights`: which trained weights are on this machine."""

from __future__ import annotations

import json
from typing import Any

import typer

from pgvgen.cli._console import emit
from pgvgen.cli._options import Json

app = typer.Typer(help="Trained weights.", no_args_is_help=True)


@app.callback()
def _group() -> None:
    """Keeps `list` a subcommand although it is the only one."""


@app.command("list")
def list_weights(as_json: Json = False) -> None:
    """The bundled weights: name, stage, kind of generator, size, folder."""
    from pgvgen.weights import CONFIG_FILE, TENSORS_FILE, bundled_names, bundled_root

    for name in bundled_names():
        for tensors in sorted((bundled_root() / name).glob(f"*/{TENSORS_FILE}")):
            folder = tensors.parent
            config: dict[str, Any] = json.loads((folder / CONFIG_FILE).read_text(encoding="utf-8"))
            row = {
                "name": name,
                "stage": folder.name,
                "generator": config.get("generator"),
                "megabytes": round(tensors.stat().st_size / 1e6, 1),
                "folder": str(folder),
            }
            if as_json:
                emit(row)
            else:
                print("\t".join(str(value) for value in row.values()))
