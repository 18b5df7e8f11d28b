"""Every kind of data set by its name, and the way of all of them into a store."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

from pgvgen.data.prepared import Prepared
from pgvgen.data.store import Clip, ClipStore, ClipWriter
from pgvgen.errors import InputError, UsageError

KINDS: dict[str, str] = {
    "bvh": "motion capture, .bvh files",
    "deepmimic": "DeepMimic's motion clips, .txt files",
    "penn": "Penn Action's labels, .mat files",
    "jhmdb": "JHMDB's joint_positions, or one .npz",
    "weizmann": "Weizmann's <person>_<action>.avi, or <action>/person<k>.jpg strips",
    "pairs": "one folder a pair of photos of a person",
    "ucf": "videos as <label>/*.{mp4,avi}",
    "store": "another store, to merge",
}
"""What `import_into` reads, and how it recognises it."""

_WITH_PICTURES = ("weizmann", "pairs", "ucf")  # whose poses an estimator has to find


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
        kind: a key of `KINDS`.
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
    if estimator != "blazepose" and kind not in _WITH_PICTURES:
        raise UsageError(f"data of kind {kind} has its poses: leave --estimator out")
    if name and kind == "store":
        raise UsageError("a store's clips keep the names of their sources: leave --name out")
    if not folder.is_dir():
        raise InputError(f"{folder} is not a folder: name the one that holds the data set")
    dropped = Counter() if dropped is None else dropped
    source = name or folder.resolve().name
    count = 0
    with ClipWriter(store) as writer:
        for prepared in _READERS[kind](folder, source, estimator, dropped):
            writer.add(*prepared)
            count += 1
            yield prepared.clip
        if count == 0:
            reasons = ", ".join(f"{n} × {why}" for why, n in dropped.most_common(3))
            raise InputError(f"{folder} gave no clip of kind {kind} ({reasons or 'it is empty'})")


Reader = Callable[[Path, str, str, Counter[str]], Iterator[Prepared]]


def _bvh(folder: Path, source: str, _: str, dropped: Counter[str]) -> Iterator[Prepared]:
    from pgvgen.data.mocap import import_mocap

    yield from map(Prepared, import_mocap(folder, source, suffix=".bvh", dropped=dropped))


def _deepmimic(folder: Path, source: str, _: str, dropped: Counter[str]) -> Iterator[Prepared]:
    from pgvgen.data.mocap import import_mocap

    yield from map(Prepared, import_mocap(folder, source, suffix=".txt", dropped=dropped))


def _penn(folder: Path, source: str, _: str, dropped: Counter[str]) -> Iterator[Prepared]:
    from pgvgen.data.penn import import_penn

    yield from map(Prepared, import_penn(folder, source, dropped=dropped))


def _jhmdb(folder: Path, source: str, _: str, dropped: Counter[str]) -> Iterator[Prepared]:
    from pgvgen.data.jhmdb import import_jhmdb

    yield from map(Prepared, import_jhmdb(folder, source, dropped=dropped))


def _weizmann(
    folder: Path, source: str, estimator: str, dropped: Counter[str]
) -> Iterator[Prepared]:
    from pgvgen.data.weizmann import import_weizmann

    yield from import_weizmann(folder, source, estimator=estimator, dropped=dropped)


def _pairs(folder: Path, source: str, estimator: str, dropped: Counter[str]) -> Iterator[Prepared]:
    from pgvgen.data.pairs import import_pairs

    yield from import_pairs(folder, source, estimator=estimator, dropped=dropped)


def _ucf(folder: Path, source: str, estimator: str, dropped: Counter[str]) -> Iterator[Prepared]:
    from pgvgen.data.ucf import import_videos

    yield from import_videos(folder, source, estimator=estimator, dropped=dropped)


def _store(folder: Path, source: str, estimator: str, dropped: Counter[str]) -> Iterator[Prepared]:
    yield from map(Prepared, ClipStore.open(folder).all_clips)


_READERS: dict[str, Reader] = {
    "bvh": _bvh,
    "deepmimic": _deepmimic,
    "penn": _penn,
    "jhmdb": _jhmdb,
    "weizmann": _weizmann,
    "pairs": _pairs,
    "ucf": _ucf,
    "store": _store,
}
