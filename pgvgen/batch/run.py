"""A batch from its beginning to its end, so that it can be killed at any moment and started again.

What is done is there under its name and whole; what is half done has a name that begins with
`.pgvgen-` and is swept away by the next run, or by this one if it was stopped in order.
"""

from __future__ import annotations

from collections.abc import Generator, Sequence
from contextlib import closing
from dataclasses import dataclass
from enum import Enum
from pathlib import Path

from pgvgen._files import sweep
from pgvgen.batch.report import Report
from pgvgen.batch.task import Outcome, Task, Work


class Engine(str, Enum):
    """Where a batch runs: in processes of this machine, or on a Ray cluster."""

    local = "local"
    ray = "ray"


@dataclass(frozen=True)
class Batch:
    """How a batch is done.

    Attributes:
        report: the file that gets a line an input.
        overwrite: do again what is done.
        jobs: workers at a time, each with networks of its own.
        engine: where they are.
    """

    report: Path
    overwrite: bool = False
    jobs: int = 1
    engine: Engine = Engine.local


def run_batch(tasks: Sequence[Task], work: Work, batch: Batch) -> Generator[Outcome, None, None]:
    """The outcome of every task, as they come: first of those that are done already.

    A task that fails does not stop the rest. Giving up the iteration stops the work at once.

    Raises:
        OutputError: the report cannot be written, or another process is writing it.
        PgvgenError: the workers could not load what they need.
    """
    done = [] if batch.overwrite else [task for task in tasks if work.is_done(task.target)]
    finished = {task.result for task in done}
    todo = [task for task in tasks if task.result not in finished]
    folders = sorted({task.target.parent for task in tasks})
    report = Report(batch.report)
    try:
        for folder in folders:
            sweep(folder)
        report.tidy(done, todo)
        for task in done:
            yield Outcome(task, "skipped")
        if todo:
            with closing(_start(batch.engine, todo, work, batch.jobs)) as outcomes:
                for outcome in outcomes:
                    report.add(outcome)
                    yield outcome
    finally:
        for folder in folders:
            sweep(folder)
        report.close()


def _start(
    engine: Engine, tasks: Sequence[Task], work: Work, jobs: int
) -> Generator[Outcome, None, None]:
    if engine is Engine.ray:
        from pgvgen.batch.on_ray import on_ray

        return on_ray(tasks, work, jobs)
    from pgvgen.batch.workers import in_processes

    return in_processes(tasks, work, jobs)
