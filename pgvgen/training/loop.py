"""The training loop: draw a batch, take a step, look now and then, keep what was learnt.

Step n sees batch n, drawn from (seed, n), and torch's random numbers, seeded by (seed, n). So a
run that was killed and resumed goes exactly where the undisturbed one goes (on the CPU, with as
many threads), and no sampler has a state that could be lost.
"""

from __future__ import annotations

import contextlib
import math
import signal
import threading
import time
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import numpy as np
import torch
from torch import nn

from pgvgen._files import check_output
from pgvgen.devices import find_device
from pgvgen.errors import OutputError
from pgvgen.training.ahead import can_fork, map_ahead
from pgvgen.training.checkpoint import load_checkpoint
from pgvgen.training.keeper import Keeper, validated
from pgvgen.training.log import RunLog
from pgvgen.training.precision import Precision
from pgvgen.training.settings import LoopSettings
from pgvgen.training.stage import Batch, Batches, Stage

__all__ = ["Batch", "Batches", "Finish", "LoopSettings", "Stage", "Watch", "check_run", "fit"]

Watch = Callable[[int, dict[str, float]], None]
"""Told the steps done after every step, with the figures when there are new ones, else {}."""


@dataclass(frozen=True)
class Finish:
    """How far a training came and why it ended."""

    step: int
    reason: Literal["done", "time", "stopped"]


def fit(
    stage: Stage,
    batches: Batches,
    run: Path,
    settings: LoopSettings,
    *,
    resume: bool = False,
    begun: Callable[[], None] | None = None,
    watch: Watch | None = None,
) -> Finish:
    """Train until the steps are done, the time is up, or somebody says stop (Ctrl-C, SIGTERM).

    Whatever ends it, the last step is in `run/checkpoint.pt` and the network in `run/release/`.

    Args:
        stage: what is trained, not yet moved anywhere.
        batches: what it learns from.
        run: the run's folder.
        settings: how long and how often.
        resume: go on from the run's checkpoint, where it has one.
        begun: called once nothing can be refused any more, before the first step.
        watch: told of every step.

    Raises:
        OutputError: the run has a checkpoint and `resume` was not said, or cannot be written.
        UsageError: there is no such device, or no validation figure that `best` names.
        WeightsError: the checkpoint is damaged or of other networks.
        DivergedError: the losses are no numbers any more.
    """
    check_run(run, settings, resume=resume)
    checkpoint = run / "checkpoint.pt"
    stage.precision = Precision(settings.precision, find_device(settings.device))
    for module in stage.modules().values():
        module.to(stage.precision.device)
        if settings.compile and stage.precision.device.type == "cuda":
            compile_generator(module)
    done, best = load_checkpoint(checkpoint, stage) if checkpoint.exists() else (0, None)
    if settings.best:
        validated(stage, settings.best)
    if begun is not None:
        begun()
    keeper = Keeper(stage, run, settings, best, RunLog(run, step=done))
    deadline = time.monotonic() + 60 * (settings.minutes or math.inf)
    reason: Literal["done", "time", "stopped"] = "done"

    coming = _prepared(batches, settings, done, stage.precision.device)
    with _stop_signal() as stop, contextlib.closing(keeper.log), contextlib.closing(coming):
        for batch in coming:
            _seed(settings.seed, done)
            keeper.add(stage.step(batch, done))
            done += 1
            figures = keeper.look(done)
            if watch is not None:
                watch(done, figures)
            if stop.is_set() or time.monotonic() > deadline:
                reason = "stopped" if stop.is_set() else "time"
                break
        keeper.finish(done)
    return Finish(done, reason if done < settings.steps else "done")


def compile_generator(module: nn.Module) -> None:
    """Compile a network's generator in place: its tensors keep their names, so checkpoints and
    releases are the same with and without. Discriminators stay: what is compiled has no second
    derivative, which gradient penalties need."""
    if isinstance(generator := getattr(module, "generator", None), nn.Module):
        generator.compile()


def check_run(run: Path, settings: LoopSettings, *, resume: bool) -> None:
    """Before any work: may a training begin in this folder, and on this device?

    Raises:
        OutputError: another one lies there and `resume` was not said, or nothing can be written.
        UsageError: there is no such device.
    """
    if not resume and (run / "checkpoint.pt").exists():
        raise OutputError(f"{run} holds a training: go on with --resume, or name another with -o")
    check_output(run / "checkpoint.pt")
    find_device(settings.device)


def _prepared(
    batches: Batches, settings: LoopSettings, first: int, device: torch.device
) -> Generator[Batch, None, None]:
    """Batches `first` to the last, prepared ahead, on the device.

    By one thread, which costs nothing to begin; by processes where it shall be several, as Python
    runs one thread at a time.
    """

    def batch(n: int) -> Batch:
        return batches.batch(np.random.default_rng([settings.seed, n]))

    numbers = range(first, settings.steps)
    if settings.workers > 1 and can_fork():
        batches.prepare(settings.workers)
        coming = map_ahead(batch, numbers, settings.workers, pin=device.type == "cuda")
    else:
        coming = _in_a_thread(batch, numbers)
    for ready in coming:
        yield {name: part.to(device, non_blocking=True) for name, part in ready.items()}


def _in_a_thread(batch: Callable[[int], Batch], numbers: Iterable[int]) -> Iterator[Batch]:
    """The batches of these numbers, two of them ahead."""
    with ThreadPoolExecutor(1, thread_name_prefix="batches") as pool:
        waiting: deque[Future[Batch]] = deque()
        try:
            for n in numbers:
                waiting.append(pool.submit(batch, n))
                if len(waiting) > 2:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        finally:
            pool.shutdown(cancel_futures=True)


def _seed(seed: int, step: int) -> None:
    """Torch's random numbers of step `step`, whatever was drawn before (1: not the batch's)."""
    torch.manual_seed(int(np.random.SeedSequence([seed, step, 1]).generate_state(1, np.uint64)[0]))


@contextlib.contextmanager
def _stop_signal() -> Iterator[threading.Event]:
    """Set by the first Ctrl-C or SIGTERM; the second one acts as ever."""
    stop = threading.Event()
    before = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}

    def ask(number: int, frame: object) -> None:
        stop.set()
        signal.signal(number, before[signal.Signals(number)])

    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread may catch signals
        return
    try:
        for number in before:
            signal.signal(number, ask)
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
