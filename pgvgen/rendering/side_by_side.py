"""Several frames at a time: OpenCV and NumPy let other threads run while they compute."""

from __future__ import annotations

import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import numpy as np

THREADS = 2
"""So many frames are composed at the same time: more would want more memory."""


def side_by_side(
    work: Callable[..., np.ndarray], jobs: Iterable[tuple[Any, ...]]
) -> Iterator[np.ndarray]:
    """The results in the order of the jobs, `THREADS` at a time where there are so many cores."""
    threads = min(THREADS, os.cpu_count() or 1)
    waiting: deque[Future[np.ndarray]] = deque()
    with ThreadPoolExecutor(threads) as pool:
        for job in jobs:
            waiting.append(pool.submit(work, *job))
            if len(waiting) > threads:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
