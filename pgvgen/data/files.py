"""The files of a data set, wherever they lie in its folder."""

from __future__ import annotations

from pathlib import Path


def files_below(folder: Path, suffix: str) -> list[Path]:
    """The files of a suffix (".bvh") anywhere below a folder, sorted.

    The suffix may be in capitals. Hidden files are left out: macOS puts a `._take.bvh`, which is no
    motion, beside every `take.bvh`.
    """
    return sorted(
        path
        for path in folder.rglob("*")
        if path.suffix.lower() == suffix and not path.name.startswith(".")
    )
