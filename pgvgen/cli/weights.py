"""`pgvgen weights`: which trained weights there are, fetching them, publishing one's own."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from pgvgen.cli._console import emit, say
from pgvgen.cli._options import Json, Quiet, Verbose

if TYPE_CHECKING:
    from pgvgen.inventory import Entry

app = typer.Typer(
    help="Trained weights: list, fetch, look at, publish.\n\n"
    "Example: pgvgen weights list\n\n"
    "Example: pgvgen weights info action",
    no_args_is_help=True,
)

Name = Annotated[
    str,
    typer.Argument(
        metavar="NAME",
        help="Bundled name, folder, or Hub id (org/name or org/name@revision).",
    ),
]


@app.command("list")
def list_weights(as_json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """What is on this machine, bundled or in the Hub's cache, and what else is released.

    A line each: name, stage, where, MB, licence, folder.

    Example: pgvgen weights list

    Example: pgvgen weights list --json | jq -r .name
    """
    from pgvgen.inventory import inventory

    for entry in inventory():
        row = _row(entry)
        if as_json:
            emit(row)
        else:
            shown = ("name", "stage", "where", "megabytes", "licence", "folder")
            print("\t".join(str(row[key] or "-") for key in shown))


@app.command()
def fetch(
    name: Name, as_json: Json = False, quiet: Quiet = False, verbose: Verbose = False
) -> None:
    """Bring weights to this machine and print their folder.

    What is there already is not downloaded again; a branch is brought up to date. Every file is
    compared with its hash: a release's with pgvgen's own manifest, others with what the Hub tells.

    Example: pgvgen weights fetch org/name

    Example: pgvgen weights fetch org/name@v1 --json | jq -r .stages[]
    """
    from pgvgen import weights

    _without_bars(quiet)
    fetched = weights.fetch(name)
    talk = {
        "folder": f"{name} is a folder: there is nothing to fetch",
        "bundled": f"{name} comes with pgvgen: there is nothing to fetch",
        "cache": f"the Hub cannot be reached: this is {name} as it was fetched before",
        "hub": f"{name}: as it is on the Hub",
    }
    say(talk[fetched.where], quiet=quiet)
    if as_json:
        stages = sorted(weights.stages_in(fetched.folder))
        emit(
            {"name": name, "where": fetched.where, "folder": str(fetched.folder), "stages": stages}
        )
    else:
        typer.echo(fetched.folder)


@app.command()
def info(name: Name, as_json: Json = False, quiet: Quiet = False, verbose: Verbose = False) -> None:
    """What is known of weights on this machine: config, size, actions, licence, hashes, card.

    Example: pgvgen weights info action

    Example: pgvgen weights info runs/psgan/release --json | jq .parameters
    """
    from pgvgen import weights
    from pgvgen.inventory import in_folder
    from pgvgen.manifest import releases, sha256

    found = weights.fetch(name, local_files_only=True)
    for entry in in_folder(found.folder, name, found.where):
        assert entry.folder is not None
        files = sorted(file for file in entry.folder.iterdir() if file.is_file())
        release = releases().get(name) if found.where == "bundled" else None
        row = _row(entry) | {
            "parameters": entry.count_parameters(),
            "config": {k: v for k, v in entry.config.items() if k not in ("stage", "labels")},
            "labels": entry.config.get("labels", []),
            "hub": release.hub_id if release else None,
            "files": [
                {"name": f.name, "bytes": f.stat().st_size, "sha256": sha256(f)} for f in files
            ],
            "card": _first_lines(entry.card),
        }
        if as_json:
            emit(row)
        else:
            _print(row)


@app.command()
def push(
    folder: Annotated[Path, typer.Argument(metavar="FOLDER", help="The weights to publish.")],
    repository: Annotated[str, typer.Argument(metavar="ORG/NAME", help="Where on the Hub.")],
    private: Annotated[
        bool, typer.Option("--private", help="Make a new repository private.")
    ] = False,
    revision: Annotated[
        str | None, typer.Option(metavar="BRANCH", help="Push to this branch, not main.")
    ] = None,
    as_json: Json = False,
    quiet: Quiet = False,
    verbose: Verbose = False,
) -> None:
    """Publish a folder of weights on the Hub with its model card and print the page.

    First it is made sure that the weights load and that the card names a licence. Only configs,
    safetensors, cards and licences are uploaded. Log in once with `hf auth login`.

    Example: pgvgen weights push runs/psgan/release org/my-moves --private

    Example: pgvgen weights push mine org/name --revision v2
    """
    from pgvgen.publish import publish

    _without_bars(quiet)
    made = publish(folder, repository, private=private or None, branch=revision)
    say(f"pinned as --weights {repository}@{made.commit}", quiet=quiet)
    if as_json:
        row: dict[str, Any] = {"url": made.url, "commit": made.commit, "files": list(made.files)}
        emit(row)
    else:
        typer.echo(made.url)


def _row(entry: Entry) -> dict[str, Any]:
    """What `list` says of a weight."""
    return {
        "name": entry.name,
        "stage": entry.stage,
        "where": entry.where,
        "generator": entry.config.get("generator"),
        "megabytes": entry.megabytes,
        "licence": entry.licence,
        "folder": str(entry.folder) if entry.folder else None,
    }


def _print(row: dict[str, Any]) -> None:
    """What `info` says of a weight, for people."""
    config = ", ".join(f"{key} {value}" for key, value in row["config"].items())
    hashes = [f"{f['sha256']}  {f['name']} ({f['bytes']:,} bytes)" for f in row["files"]]
    lines = {
        "where": row["where"] if row["where"] != "bundled" else _bundled(row["hub"]),
        "folder": row["folder"],
        "licence": row["licence"] or "not said",
        "parameters": f"{row['parameters']:,} in {row['megabytes']} MB",
        "config": config,
        "actions": ", ".join(row["labels"]),
        "sha256": ("\n" + " " * 14).join(hashes),
        "card": row["card"].replace("\n", "\n" + " " * 14),
    }
    print(f"{row['name']} {row['stage']}")
    for title, text in lines.items():
        if text:
            print(f"  {title:<12}{text}")


def _bundled(hub_id: str | None) -> str:
    return f"bundled, as {hub_id}" if hub_id else "bundled; not published on the Hub"


def _first_lines(card: str) -> str:
    """The card's title and first paragraph."""
    paragraphs = [part.strip() for part in card.strip().split("\n\n") if part.strip()]
    return "\n".join(paragraphs[:1] if paragraphs and "\n" in paragraphs[0] else paragraphs[:2])


def _without_bars(quiet: bool) -> None:
    """Quiet, the library's bars are not even shown on a terminal."""
    if quiet:
        from huggingface_hub.utils import disable_progress_bars

        disable_progress_bars()
