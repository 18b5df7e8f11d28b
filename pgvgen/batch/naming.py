"""Results are called as their inputs are, and no two of them alike."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from pathlib import PurePosixPath


def name_results(names: Iterable[str], ending: str) -> dict[str, str]:
    """The result's name of every input: `sub/a.jpg` → `sub/a-wave.mp4`.

    Inputs whose results would meet keep their own ending as well (`a.jpg-wave.mp4`,
    `a.png-wave.mp4`), all of them, so that a result never changes whose it is when files come and
    go. Names that differ by capital letters alone meet, as they do on many disks.

    Args:
        names: of inputs, all different, `/` between the parts.
        ending: of the results, `-wave.mp4`.
    """
    names = list(names)
    whole: set[str] = set()
    while True:
        results = {
            name: str(PurePosixPath(name) if name in whole else PurePosixPath(name).with_suffix(""))
            + ending
            for name in names
        }
        uses = Counter(result.casefold() for result in results.values())
        meet = {name for name, result in results.items() if uses[result.casefold()] > 1} - whole
        if not meet:
            return results
        whole |= meet
