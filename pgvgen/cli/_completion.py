"""What the shell completes beyond the options' names; nothing heavy is imported for it."""

from __future__ import annotations


def weights(incomplete: str) -> list[str]:
    """The names of the bundled weights."""
    from pgvgen.errors import PgvgenError
    from pgvgen.weights import bundled_names

    try:
        return [name for name in bundled_names() if name.startswith(incomplete)]
    except PgvgenError:
        return []


def named_weights(incomplete: str) -> list[str]:
    """The names of the bundled weights, with the `ROW=` before them."""
    row, equals, begun = incomplete.rpartition("=")
    return [f"{row}{equals}{name}" for name in weights(begun)]


def actions(incomplete: str) -> list[str]:
    """The actions of the bundled weights, each with the actions before the last comma."""
    from pgvgen.errors import PgvgenError
    from pgvgen.weights import bundled_names, bundled_root, read_config, stage_folder

    before, comma, begun = incomplete.rpartition(",")
    labels: dict[str, None] = {}
    try:
        for name in bundled_names():
            folder = stage_folder(bundled_root() / name, "psgan")
            if folder is not None:
                labels |= dict.fromkeys(read_config(folder).get("labels", []))
    except PgvgenError:
        return []
    return [f"{before}{comma}{label}" for label in labels if label.startswith(begun)]


def devices(incomplete: str) -> list[str]:
    """The kinds of devices."""
    return [name for name in ("auto", "cpu", "cuda", "mps") if name.startswith(incomplete)]


def estimators(incomplete: str) -> list[str]:
    """The pose estimators."""
    return [name for name in ("blazepose", "openpose") if name.startswith(incomplete)]
