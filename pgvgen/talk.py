"""What the library tells of its doings, for who asks: what it loads, and how long things take."""

from __future__ import annotations

import contextlib
import logging
import time
from collections.abc import Iterator

log = logging.getLogger("pgvgen")


def listen(level: int) -> None:
    """Print what is told to stderr from this level on, bare: `logging.INFO` is all of it."""
    handler = logging.StreamHandler()
    handler.setFormatter(logging.Formatter("%(message)s"))
    log.handlers = [handler]
    log.propagate = False
    log.setLevel(level)


@contextlib.contextmanager
def timed(what: str) -> Iterator[None]:
    """Tell how many seconds the block took."""
    began = time.perf_counter()
    yield
    log.info("%s: %.2f s", what, time.perf_counter() - began)
