"""Weights with a name for their rows: `NAME=WEIGHT`."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from pgvgen.errors import UsageError


def named_weight(weight: str | Path) -> tuple[str, str]:
    """`NAME=WEIGHT` as a name, or "", and the weight; a path may have a = of its own."""
    text = str(weight)
    name, equals, rest = text.partition("=")
    if not equals or "/" in name or Path(text).is_dir():
        return "", text
    return name, rest


def check_names(names: Sequence[str]) -> None:
    """Fail if two rows would be called the same.

    Raises:
        UsageError: they would.
    """
    if len(set(names)) < len(names):
        raise UsageError(f"name each of the --weights once (NAME=WEIGHTS): {', '.join(names)}")
