"""How the commands talk: data to stdout, talk to stderr, one line for an expected failure."""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any, TextIO, TypeVar

from rich.console import Console

if TYPE_CHECKING:
    from pgvgen.poses.sequence import PoseSequence

Item = TypeVar("Item")

_CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e]")

console = Console(stderr=True, emoji=False, highlight=False, soft_wrap=True)


def say(message: str, *, quiet: bool = False) -> None:
    """A line for the person, on stderr."""
    if not quiet:
        console.print(message, markup=False)


def counted(number: int, name: str) -> str:
    """`1 frame`, `2 frames`."""
    return f"{number} {name}{'' if number == 1 else 's'}"


def plain(message: str) -> str:
    """One line whatever names are in it: line ends and terminal controls as escapes."""
    return _CONTROLS.sub(lambda found: found[0].encode("unicode_escape").decode(), message)


def emit(result: dict[str, Any], to: TextIO | None = None) -> None:
    """One JSON object a line, on stdout or a stream that takes its place."""
    to = to or sys.stdout
    text = json.dumps(result, ensure_ascii=False)
    if not text.isascii():
        try:
            text.encode(to.encoding or "utf-8")
        except UnicodeEncodeError:  # a file's name that is no text, or a terminal that has less
            text = json.dumps(result)
    to.write(text + "\n")
    to.flush()


def emit_poses(sequences: Iterable[PoseSequence], *, as_lines: bool) -> None:
    """Pose files on stdout, each as one line where there may be several."""
    from pgvgen.poses.files import dumps

    for sequence in sequences:
        text = dumps(sequence)
        sys.stdout.write(text.replace("\n", "") + "\n" if as_lines else text)
    sys.stdout.flush()


def progress(
    items: Iterable[Item], title: str, *, total: int | None = None, quiet: bool = False
) -> Iterator[Item]:
    """The items, with a bar on stderr when that is a terminal."""
    if quiet or not console.is_terminal:
        yield from items
        return
    from rich.progress import track

    yield from track(items, title, total=total, console=console, transient=True)
