"""`--grid`: a contact sheet of the frames that a video is written from."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from pgvgen.cli._console import progress
from pgvgen.errors import UsageError

if TYPE_CHECKING:
    import numpy as np


def check_grid(
    grid: Path | None, source: str, output: str | None = None, *, overwrite: bool
) -> None:
    """Fail before the work if the contact sheet could not be written.

    Raises:
        UsageError: the name is not a picture's, or the video's.
        OutputError: it exists, or its place cannot be written.
    """
    if grid is None:
        return
    from pgvgen._files import check_output, is_one_file
    from pgvgen.pictures import PICTURE_SUFFIXES

    if grid.suffix.lower() not in PICTURE_SUFFIXES:
        raise UsageError(f"--grid {grid} must end in .png or .jpg: it is one picture")
    if output is not None and is_one_file(grid, output):
        raise UsageError(f"--grid and -o are both {grid}: name two files")
    check_output(grid, overwrite=overwrite, source=source)


def watching(grid: Path | None, *, quiet: bool) -> Callable[..., Iterator[np.ndarray]]:
    """`watch(frames, title, total=…)` that shows how it goes, and writes the contact sheet."""
    if grid is None:
        return partial(progress, quiet=quiet)
    from pgvgen.grid import with_grid

    def watch(frames: Iterable[np.ndarray], title: str, *, total: int) -> Iterator[np.ndarray]:
        return with_grid(progress(frames, title, total=total, quiet=quiet), grid, total)

    return watch
