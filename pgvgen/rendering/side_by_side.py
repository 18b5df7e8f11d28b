"""Several frames at a time: OpenCV and NumPy let other threads run while they compute."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

from pgvgen.cores import threads

THREADS = 2
"""So many frames are composed at the same time: more would want more memory."""


def side_by_side(
    work: Callable[..., np.ndarray], jobs: Iterable[tuple[Any, ...]]
) -> Iterator[np.ndarray]:
    """The results in the order of the jobs, `THREADS` at a time where there are so many cores."""
    at_once = threads(THREADS)
    waiting: deque[Future[np.ndarray]] = deque()
    with ThreadPoolExecutor(at_once) as pool:
        for job in jobs:
            waiting.append(pool.submit(work, *job))
            if len(waiting) > at_once:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
