"""How many threads a computation may take."""

from __future__ import annotations

import os


def cores() -> int:
    """How many this process may run on."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def threads(most: int) -> int:
    """At most so many, and no more than there are cores or than `OMP_NUM_THREADS` allows."""
    said = os.environ.get("OMP_NUM_THREADS", "")
    allowed = int(said) if said.isdecimal() and int(said) > 0 else most
    return min(most, cores(), allowed)
