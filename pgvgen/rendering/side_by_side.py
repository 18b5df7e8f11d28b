"""Several pieces of work at a time: OpenCV, NumPy and torch let other threads run meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any, TypeVar

Result = TypeVar("Result")

_SHARING = threading.Lock()


def side_by_side(
    pool: ThreadPoolExecutor,
    work: Callable[..., Result],
    jobs: Iterable[tuple[Any, ...]],
    ahead: int,
) -> Iterator[Result]:
    """The results in the order of the jobs; so many are begun before they are asked for."""
    waiting: deque[Future[Result]] = deque()
    try:
        for job in jobs:
            waiting.append(pool.submit(work, *job))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        for future in waiting:
            future.cancel()


def share_cores(network: ThreadPoolExecutor, others: int) -> None:
    """Let the pool's one thread run torch beside so many other busy threads.

    Torch's own threads wait for one another in loops: on cores that others need they would
    take more time than they give.
    """
    import torch

    def take_fewer() -> None:
        torch.set_num_threads(max(1, most - others))
        torch.get_num_threads()  # from here on it is this thread's own

    with _SHARING:  # or else who comes meanwhile would take the fewer for all there are
        most = torch.get_num_threads()
        network.submit(take_fewer).result()
        torch.set_num_threads(most)  # what threads that begin later take
