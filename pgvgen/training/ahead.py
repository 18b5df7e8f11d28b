"""Work that is done ahead, by processes that see what this one has in memory."""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from torch.utils.data import DataLoader, Dataset

Input = TypeVar("Input")
Output = TypeVar("Output")


def can_fork() -> bool:
    """Whether there are such processes: Windows has none, macOS has some that may crash."""
    return sys.platform == "linux"


def map_ahead(
    call: Callable[[Input], Output], inputs: Sequence[Input], workers: int, *, pin: bool = False
) -> Iterator[Output]:
    """`call` of every input, in their order; tensors come back through shared memory.

    Args:
        call: must not touch a GPU.
        workers: processes, each a copy of this one.
        pin: the tensors into memory that a GPU can read by itself.
    """
    return iter(
        DataLoader(
            _Calls(call, inputs),
            batch_size=None,
            collate_fn=_as_it_is,
            num_workers=workers,
            worker_init_fn=_begin,
            multiprocessing_context="fork",
            pin_memory=pin,
        )
    )


class _Calls(Dataset[Any]):
    def __init__(self, call: Callable[[Any], Any], inputs: Sequence[Any]) -> None:
        self.call, self.inputs = call, inputs

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> Any:
        return self.call(self.inputs[index])


def _as_it_is(output: Output) -> Output:
    return output


def _begin(worker: int) -> None:
    """OpenCV's threads did not come along with the fork, and the parent alone says when to stop."""
    import cv2

    cv2.setNumThreads(0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
