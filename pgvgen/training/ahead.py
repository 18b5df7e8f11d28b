"""Work that is done ahead, by processes that see what this one has in memory."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from typing import Any, TypeVar

from torch.utils.data import DataLoader, Dataset

from pgvgen.errors import PgvgenError

Input = TypeVar("Input")
Output = TypeVar("Output")

_PR_SET_PDEATHSIG = 1  # of <linux/prctl.h>


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

    Raises:
        PgvgenError: the first that a call raised, as it was.
    """
    coming: Any = iter(
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
    try:
        for output in coming:
            if isinstance(output, PgvgenError):
                raise output
            yield output
    finally:
        # Python would end them by a SIGTERM, which they ignore, and wait for them for ever.
        coming._shutdown_workers()


class _Calls(Dataset[Any]):
    def __init__(self, call: Callable[[Any], Any], inputs: Sequence[Any]) -> None:
        self.call, self.inputs = call, inputs

    def __len__(self) -> int:
        return len(self.inputs)

    def __getitem__(self, index: int) -> Any:
        try:
            return self.call(self.inputs[index])
        except PgvgenError as error:  # raised here, it would come as a traceback in a message
            return error


def _as_it_is(output: Output) -> Output:
    return output


def _begin(worker: int) -> None:
    """OpenCV's threads did not come along with the fork, and the parent alone says when to stop."""
    import cv2

    cv2.setNumThreads(0)
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    # If the parent is killed, so is this one, which else waits for ever with an answer in its hand.
    ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGKILL)
