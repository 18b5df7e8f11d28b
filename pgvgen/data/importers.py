"""Every kind of data set by its name, and the way of all of them into a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

from pgvgen.data.clip import Clip
from pgvgen.data.jhmdb import import_jhmdb
from pgvgen.data.mocap import import_mocap
from pgvgen.data.pairs import import_pairs
from pgvgen.data.penn import import_penn
from pgvgen.data.prepared import Prepared
from pgvgen.data.store import ClipStore, ClipWriter
from pgvgen.data.ucf import import_videos
from pgvgen.data.weizmann import import_weizmann
from pgvgen.errors import InputError, UsageError

_POSES: dict[str, Callable[..., Iterator[Clip]]] = {
    "bvh": partial(import_mocap, suffix=".bvh"),
    "deepmimic": partial(import_mocap, suffix=".txt"),
    "penn": import_penn,
    "jhmdb": import_jhmdb,
}
_PICTURES: dict[str, Callable[..., Iterator[Prepared]]] = {  # whose poses an estimator has to find
    "weizmann": import_weizmann,
    "pairs": import_pairs,
    "ucf": import_videos,
}
KINDS = (*_POSES, *_PICTURES, "store")
"""What `import_into` reads; the last is another store, to merge."""


def import_into(
    store: Path,
    folder: Path,
    kind: str,
    *,
    name: str | None = None,
    estimator: str = "blazepose",
    dropped: Counter[str] | None = None,
) -> Iterator[Clip]:
    """Add a data set to a store, which is made if it is not there; yields each clip once it is in.

    The store is as before until the last clip has been taken from this iterator.

    Args:
        kind: one of `KINDS`.
        name: what the source is called in the store, the folder's name by default.
        estimator: finds the poses in pictures.
        dropped: gets a count for each reason that something was left out for.

    Raises:
        UsageError: an unknown kind, or an option that the kind has no use for.
        InputError: the folder does not hold what the kind says, or nothing of use.
        OutputError: the store cannot be written, or holds these clips already.
    """
    if kind not in KINDS:
        raise UsageError(f"there is no kind {kind!r} of data: choose from {', '.join(KINDS)}")
    if estimator != "blazepose" and kind not in _PICTURES:
        raise UsageError(f"data of kind {kind} has its poses: leave --estimator out")
    if name and kind == "store":
        raise UsageError("a store's clips keep the names of their sources: leave --name out")
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: name the one that holds the data set")
    dropped = Counter() if dropped is None else dropped
    source = name or folder.resolve().name
    count = 0
    with ClipWriter(store) as writer:
        for prepared in _read(folder, kind, source, estimator, dropped):
            writer.add(*prepared)
            count += 1
            yield prepared.clip
        if count == 0:
            reasons = ", ".join(f"{n} × {why}" for why, n in dropped.most_common(3))
            raise InputError(f"{folder} gave no clip of kind {kind} ({reasons or 'it is empty'})")


def _read(
    folder: Path, kind: str, source: str, estimator: str, dropped: Counter[str]
) -> Iterator[Prepared]:
    if kind in _PICTURES:
        return _PICTURES[kind](folder, source, estimator=estimator, dropped=dropped)
    if kind in _POSES:
        return map(Prepared, _POSES[kind](folder, source, dropped=dropped))
    return map(Prepared, ClipStore.open(folder).all_clips)
