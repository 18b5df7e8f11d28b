"""Several pieces of work at a time: OpenCV, NumPy and torch let other threads run meanwhile."""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from itertools import islice
from typing import Any, TypeVar

Result = TypeVar("Result")

_SHARING = threading.Lock()


@contextmanager
def threads_of(count: int) -> Iterator[ThreadPoolExecutor]:
    """So many threads; when the block ends, what they have not begun is not begun any more."""
    pool = ThreadPoolExecutor(count)
    try:
        yield pool
    finally:
        pool.shutdown(cancel_futures=True)


def side_by_side(
    pool: ThreadPoolExecutor,
    work: Callable[..., Result],
    jobs: Iterable[tuple[Any, ...]],
    ahead: int,
) -> Iterator[Result]:
    """The results in the order of the jobs; so many beyond the next one are begun, at once."""
    todo = iter(jobs)
    begun = deque(pool.submit(work, *job) for job in islice(todo, ahead + 1))
    return _in_order(begun, (pool.submit(work, *job) for job in todo))


def _in_order(begun: deque[Future[Result]], more: Iterator[Future[Result]]) -> Iterator[Result]:
    while begun:
        yield begun.popleft().result()
        begun.extend(islice(more, 1))


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
