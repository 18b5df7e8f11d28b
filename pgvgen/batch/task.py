"""One input's work, and what became of it: what travels between the processes of a batch."""

from __future__ import annotations

import traceback
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol

from pgvgen.errors import PgvgenError

Do = Callable[..., dict[str, Any]]
"""`do(target, *sources)` makes the result and says what is to be reported of it."""


class Work(Protocol):
    """What is to be done with every input: a frozen dataclass of options, and no more."""

    def is_done(self, target: Path) -> bool:
        """Whether the result is there, all of it."""
        ...

    def start(self) -> Do:
        """Load what is needed, once a process."""
        ...


@dataclass(frozen=True)
class Task:
    """An input and its result.

    Attributes:
        name: of the input.
        result: its result's name below the output folder.
        sources: files to read, the input itself first.
        target: the result's path.
        problem: why it need not be tried, None mostly.
    """

    name: str
    result: str
    sources: tuple[Path, ...]
    target: Path
    problem: str | None = None


@dataclass(frozen=True)
class Outcome:
    """What became of a task.

    Attributes:
        status: `skipped` if the result was there already.
        details: what is to be reported of a result that was made now.
        error: why it failed, one line.
        trace: where, for those who look for the mistake.
    """

    task: Task
    status: Literal["done", "skipped", "failed"]
    details: dict[str, Any] = field(default_factory=dict)
    error: str | None = None
    trace: str | None = None

    @property
    def record(self) -> dict[str, Any]:
        """The line of the report: names are relative to the folders, so that they stay true."""
        record = {"source": self.task.name, "output": self.task.result, **self.details}
        if self.status == "failed":
            return record | {"status": "failed", "error": self.error}
        return record | {"status": "done"}


def attempt(task: Task, do: Do) -> Outcome:
    """Do a task; whatever goes wrong is its outcome and not the batch's end."""
    if task.problem is not None:
        return Outcome(task, "failed", error=f"{task.sources[0]} {task.problem}")
    try:
        return Outcome(task, "done", do(task.target, *task.sources))
    except Exception as error:
        return Outcome(task, "failed", error=_why(task, error), trace=traceback.format_exc())


def _why(task: Task, error: Exception) -> str:
    """One line of an error."""
    if isinstance(error, PgvgenError):
        return str(error)
    if isinstance(error, MemoryError):
        return f"{task.name} needs more memory than there is: make it smaller, or say fewer --jobs"
    what = " ".join(f"{type(error).__name__}: {error}".split())
    return f"{task.name}: {what} (a mistake in pgvgen: -v says where)"
