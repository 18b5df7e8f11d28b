"""What is said on stderr before a training, of a store or network that its recipe does not fit."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from pathlib import Path

from pgvgen.data.store import ClipStore
from pgvgen.talk import log


def say_unmatched(
    owner: str | Path, key: str, names: Iterable[str], known: Collection[str]
) -> None:
    """A line if a recipe's key names what its owner, the store or the network, lacks: it is
    mistyped, or of other data."""
    if lacking := [name for name in names if name not in known]:
        log.warning("%s: %s has no %s", key, owner, ", ".join(lacking))


def say_not_held_out(store: ClipStore) -> None:
    """A line where training clips take the place of validation's."""
    log.warning(
        "%s has no validation clips: val/… figures and sheets are of training clips", store.folder
    )
