"""The Ray engine: the same work on a cluster whose machines see the same files."""

from __future__ import annotations

import logging
import os
from collections.abc import Generator, Sequence
from typing import Any

from pgvgen.batch.task import Do, Outcome, Task, Work, attempt
from pgvgen.errors import InputError, PgvgenError, UsageError
from pgvgen.talk import listen, log


class _Actor:
    """A worker on the cluster; loads once."""

    def __init__(self, work: Work, level: int, folder: str) -> None:
        self.work, self.level, self.folder = work, level, folder
        self.do: Do

    def load(self) -> PgvgenError | None:
        listen(self.level)
        try:
            os.chdir(self.folder)
            self.do = self.work.start()
        except PgvgenError as error:
            return error
        except OSError as error:
            return InputError(f"Ray's workers do not see {self.folder}: {error.strerror}")
        return None

    def attempt(self, task: Task) -> Outcome:
        return attempt(task, self.do)


def on_ray(tasks: Sequence[Task], work: Work, jobs: int) -> Generator[Outcome, None, None]:
    """The outcomes as they come, of so many actors with a CPU each (and a GPU, for `cuda`).

    The cluster is the one that `RAY_ADDRESS` names, or the one this machine is part of, or one of
    this machine alone.

    Raises:
        UsageError: Ray is not installed.
        PgvgenError: an actor could not load what it needs, or there is no cluster to be had.
    """
    try:
        import ray
        from ray.exceptions import RayError
    except ImportError as error:
        raise UsageError("--engine ray needs Ray: pip install 'pgvgen[ray]'") from error
    ours = not ray.is_initialized()
    level, folder = log.getEffectiveLevel(), os.getcwd()
    try:
        if ours:
            ray.init(logging_level=logging.ERROR, log_to_driver=level <= logging.INFO)
        gpus = 1 if str(getattr(work, "device", "")).startswith("cuda") else 0
        make = ray.remote(num_cpus=1, num_gpus=gpus)(_Actor).remote
        yield from _spread(ray, list(reversed(tasks)), lambda: make(work, level, folder), jobs)
    except (RayError, ConnectionError) as error:
        raise PgvgenError(f"Ray failed: {' '.join(str(error).split())[:300]}") from error
    finally:
        if ours and ray.is_initialized():
            ray.shutdown()


def _spread(ray: Any, waiting: list[Task], make: Any, jobs: int) -> Generator[Outcome, None, None]:
    """Give every actor its next task as soon as it is free."""
    from ray.exceptions import RayActorError

    busy: dict[Any, tuple[Any, Task | None]] = {}

    def hire() -> None:
        actor = make()
        busy[actor.load.remote()] = actor, None

    for _ in range(min(jobs, len(waiting))):
        hire()
    while any(task for _, task in busy.values()) or (waiting and busy):
        (ready, *_), _ = ray.wait(list(busy))
        actor, task = busy.pop(ready)
        try:
            said = ray.get(ready)
        except RayActorError as error:
            if task is None:
                raise
            died = f"{task.name}: the actor that worked on it died: {type(error).__name__}"
            yield Outcome(task, "failed", error=died)
            if waiting:
                hire()
            continue
        if isinstance(said, PgvgenError):
            raise said
        if waiting:
            following = waiting.pop()
            busy[actor.attempt.remote(following)] = actor, following
        if said is not None:
            yield said
