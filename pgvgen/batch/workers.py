"""The local engine: worker processes that load the networks once each.

Even one job has a process of its own: a photo that makes it crash, or that the system kills it
for, costs that photo and not the night's work.
"""

from __future__ import annotations

import contextlib
import multiprocessing
import os
import signal
import sys
import threading
from collections.abc import Generator, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing import resource_tracker
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Any

from pgvgen.batch.task import Outcome, Task, Work, attempt
from pgvgen.cores import cores, threads
from pgvgen.errors import PgvgenError
from pgvgen.talk import listen, log

_PATIENCE = 5  # seconds that a worker gets to clean up


def in_processes(tasks: Sequence[Task], work: Work, jobs: int) -> Generator[Outcome, None, None]:
    """The outcomes as they come, of so many workers at a time.

    When the iteration is given up the workers are stopped, and what they had half done is removed.

    Raises:
        PgvgenError: a worker could not load what it needs.
    """
    waiting, jobs = list(reversed(tasks)), min(jobs, len(tasks))
    workers: list[_Worker] = []
    resting: list[_Worker] = []
    try:
        for _ in range(jobs):
            workers.append(_Worker.start(work, jobs))
        while workers:
            for ready in wait([worker.pipe for worker in workers]):
                worker = next(worker for worker in workers if worker.pipe is ready)
                try:
                    said = worker.pipe.recv()
                except (EOFError, OSError):
                    workers.remove(worker)
                    yield _died(worker)
                    if waiting:
                        workers.append(_Worker.start(work, jobs))
                    continue
                if isinstance(said, BaseException):
                    raise said
                if waiting:
                    worker.give(waiting.pop())
                else:
                    workers.remove(worker)
                    resting.append(worker)
                    worker.pipe.close()
                if said is not None:
                    yield said
    finally:
        for worker in workers:
            worker.process.terminate()
        for worker in workers + resting:
            worker.end()


@dataclass
class _Worker:
    """A worker process, seen from outside."""

    process: SpawnProcess
    pipe: Connection[Any, Any]
    task: Task | None = None

    @classmethod
    def start(cls, work: Work, jobs: int) -> _Worker:
        ours, theirs = multiprocessing.Pipe()
        context = multiprocessing.get_context("spawn")
        process = context.Process(
            target=_serve, args=(theirs, work, log.getEffectiveLevel()), daemon=True
        )
        with _environment(_threads_for(jobs)), _without_ctrl_c():
            process.start()
        theirs.close()
        return cls(process, ours)

    def give(self, task: Task) -> None:
        self.task = task
        with contextlib.suppress(OSError):  # it has died: the next reading says so
            self.pipe.send(task)

    def end(self) -> None:
        """Wait until it has cleaned up and is gone."""
        self.process.join(_PATIENCE)
        if self.process.is_alive():
            self.process.kill()
            self.process.join()


def _died(worker: _Worker) -> Outcome:
    """What is said of the task during which a worker died."""
    worker.process.join(_PATIENCE)
    code = worker.process.exitcode
    how = f"was killed by signal {-code}" if code and code < 0 else f"ended with code {code}"
    if worker.task is None:
        raise PgvgenError(f"a worker {how} while it was loading: is there enough memory?")
    error = f"{worker.task.name}: the process that worked on it {how}: is there enough memory?"
    return Outcome(worker.task, "failed", error=error)


def _serve(pipe: Connection[Any, Any], work: Work, level: int) -> None:
    """A worker's life: load, then do what is given until nothing more comes."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    threading.Thread(target=_end_with_parent, daemon=True).start()
    os.dup2(2, 1)  # stdout is the parent's, for data
    listen(level)
    try:
        _work_through(pipe, work)
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)  # there is nothing left to clean up


def _work_through(pipe: Connection[Any, Any], work: Work) -> None:
    try:
        do = work.start()
    except PgvgenError as error:
        pipe.send(error)
        return
    pipe.send(None)
    with contextlib.suppress(EOFError, BrokenPipeError, ConnectionResetError):
        while True:
            pipe.send(attempt(pipe.recv(), do))


def _end_with_parent() -> None:
    """Nobody is left to tell: end, as if killed together."""
    parent = multiprocessing.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _threads_for(jobs: int) -> dict[str, str]:
    """Environment in which each of so many processes takes its share of the cores, no more."""
    share = threads(max(1, cores() // jobs))
    names = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
    return dict.fromkeys(names, str(share))


@contextlib.contextmanager
def _environment(values: dict[str, str]) -> Iterator[None]:
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value


@contextlib.contextmanager
def _without_ctrl_c() -> Iterator[None]:
    """Processes that are started here do not hear Ctrl-C: it is for the one that started them."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    resource_tracker.ensure_running()  # or else it is started here and takes the block away
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
