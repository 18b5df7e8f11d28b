"""The inputs of a batch: a folder with all below it, a glob, or a list of paths."""

from __future__ import annotations

import glob
import os
import stat
import sys
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from pgvgen.errors import InputError, UsageError

_MAGIC = "*?["


@dataclass(frozen=True)
class Input:
    """A file to work on.

    Attributes:
        name: its path below the folder, or as it was listed: no `..`, nothing absolute, `/`
            between the parts. Results keep it.
        path: where it is.
        problem: why it need not even be tried, None mostly.
    """

    name: str
    path: Path
    problem: str | None = None


def is_many(source: str) -> bool:
    """Whether it is a folder, a glob, or the name of a list (`@file`, `@-`), not one file.

    Raises:
        UsageError: it is empty, as an unset shell variable is.
    """
    if not source:
        raise UsageError("the name of an input is empty: is a shell variable unset?")
    if os.path.lexists(source):
        return os.path.isdir(source)
    return source.startswith("@") or any(sign in source for sign in _MAGIC)


def root_of(source: str) -> Path | None:
    """The folder that the names begin at; None for a list, which may be from anywhere."""
    if source.startswith("@") and not os.path.lexists(source):
        return None
    root = Path(source)
    if not os.path.lexists(root):
        while any(sign in str(root) for sign in _MAGIC):
            root = root.parent
    return root


def find_inputs(
    source: str, suffixes: Collection[str], what: str, *, leave_out: Path | None = None
) -> list[Input]:
    """The inputs by name.

    Hidden files are left out. Links are followed, but a folder is visited once, so that a loop of
    them ends. A folder that cannot be read is an input with a problem: it is told, not skipped.

    Args:
        source: a folder, whose subfolders count; a glob, where `**` is any number of folders; or
            `@file`, `@-`: paths in a file or on stdin, a line each, or with null characters between
            them as `find -print0` writes them.
        suffixes: of what is wanted, such as `.jpg`; of a list everything is taken.
        what: `picture`, for the message that there is none.
        leave_out: a folder below, into which the results go; a list may name what is in it.

    Raises:
        InputError: there is nothing, or the list cannot be read.
    """
    root = root_of(source)
    if root is None:
        found = list(_listed(source[1:]))
        if not found:
            raise InputError(f"the list {source} is empty: give a path a line")
        return found
    whole = Path(source) == root
    inputs = _below(root, leave_out) if whole else _matching(source, root, leave_out)
    wanted = [i for i in inputs if i.problem or PurePosixPath(i.name).suffix.lower() in suffixes]
    if not wanted:
        verb = "holds" if whole else "matches"
        raise InputError(f"{source} {verb} no {what} ({', '.join(sorted(suffixes))})")
    return sorted(wanted, key=lambda found: found.name)


def _below(root: Path, leave_out: Path | None) -> Iterator[Input]:
    seen = {_identity(leave_out)} if leave_out is not None and leave_out.is_dir() else set()
    seen.discard(_identity(root))
    folders = [root]
    while folders:
        folder = folders.pop()
        try:
            if _identity(folder) in seen:
                continue
            seen.add(_identity(folder))
            entries = sorted(os.listdir(folder), reverse=True)
        except OSError as error:
            if folder == root:
                raise InputError(f"cannot read the folder {root}: {error.strerror}") from error
            yield Input(_name(folder, root), folder, f"cannot read the folder: {error.strerror}")
            continue
        for entry in entries:
            if entry.startswith("."):
                continue
            path = folder / entry
            if os.path.isdir(path):
                folders.append(path)
            else:
                yield _input(path, _name(path, root))


def _matching(pattern: str, root: Path, leave_out: Path | None) -> Iterator[Input]:
    if ".." in Path(pattern).relative_to(root).parts:
        raise InputError(f"{pattern} goes up after a wildcard: give the folder's own name")
    out = leave_out and _real(leave_out)
    if out and _real(root).is_relative_to(out):
        out = None
    seen: set[tuple[Path, str]] = set()
    # Through loops of links and by a second `**` it matches again and again: the shortest counts.
    for match in sorted(glob.iglob(pattern, recursive=True), key=lambda path: (len(path), path)):
        path = Path(match)
        if os.path.isdir(path) or path.name.startswith("."):
            continue
        place = (_real(path.parent), path.name)
        if place in seen:
            continue
        seen.add(place)
        if not out or not _real(path.parent).is_relative_to(out):
            yield _input(path, _name(path, root))


def _listed(file: str) -> Iterator[Input]:
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"cannot read the list {file}: {error.strerror}") from error
    lines = data.split(b"\0") if b"\0" in data else data.splitlines()
    here = Path.cwd()
    taken: set[Path] = set()
    for line in lines:
        if not line.strip():
            continue
        path = Path(os.fsdecode(line))
        absolute = Path(os.path.abspath(path))
        if absolute not in taken:
            taken.add(absolute)
            at = here if absolute.is_relative_to(here) else Path(absolute.anchor)
            yield _input(path, _name(absolute, at))


def _input(path: Path, name: str) -> Input:
    """Missing ones, dangling links and loops of links fail when they are read, with the reason."""
    try:
        regular = stat.S_ISREG(path.stat().st_mode)
    except OSError:
        regular = True
    if os.path.isdir(path):
        return Input(name, path, "is a folder: give the files in it")
    return Input(name, path, None if regular else "is neither a file nor a folder")


def _name(path: Path, root: Path) -> str:
    return path.relative_to(root).as_posix()


def _real(folder: Path) -> Path:
    """Through links; a loop of them is no error, as it is to `resolve`."""
    return Path(os.path.realpath(folder))


def _identity(folder: Path) -> tuple[int, int]:
    status = folder.stat()
    return status.st_dev, status.st_ino
