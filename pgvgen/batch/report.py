"""`report.jsonl`: one line an input, whatever interrupts whom and however often one starts again.

Each line is `{"source", "output", "status", …}`: `done` with what was made, or `failed` with the
reason in `error`. A result is moved into place first and its line is appended then, in one write.
So what can be lost in between is a line, and what can be torn is the last one. Therefore a run
begins by bringing the report into order: torn lines and those of what it is about to do go, and a
result that is there without a line gets one. The report is replaced as a whole, by renaming.
"""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from pgvgen._files import atomic_path, cannot_write, lock
from pgvgen.batch.task import Outcome, Task
from pgvgen.errors import OutputError


class Report:
    """The report while a batch runs; who else opens it meanwhile is turned away."""

    def __init__(self, path: Path) -> None:
        """Open the report, or begin one.

        Raises:
            OutputError: it cannot be written, or another process is writing it.
        """
        self.path = path
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            self._handle = self._open()
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def tidy(self, done: Iterable[Task], todo: Iterable[Task]) -> None:
        """Make it what it has to be before the work: a line for each task that is done, no other.

        Lines of other inputs and other results stay.
        """
        forget = {(task.name, task.result) for task in todo}
        text = self.path.read_bytes()
        lines: dict[tuple[Any, Any], dict[str, Any]] = {}
        for record in _records(text):
            key = (record.get("source"), record.get("output"))
            if key not in forget:
                lines[key] = record
        for task in done:
            found = lines.get((task.name, task.result))
            if found is None or found.get("status") != "done":
                lines[task.name, task.result] = Outcome(task, "skipped").record
        tidied = b"".join(map(_line, lines.values()))
        if tidied == text:
            return
        with atomic_path(self.path) as temporary:
            temporary.write_bytes(tidied)
        before, self._handle = self._handle, self._open()
        os.close(before)

    def add(self, outcome: Outcome) -> None:
        """Append an outcome's line, whole or not at all.

        Raises:
            OutputError: the disk is full.
        """
        line = _line(outcome.record)
        size = os.fstat(self._handle).st_size
        try:
            if os.write(self._handle, line) != len(line):
                os.ftruncate(self._handle, size)
                raise OSError(None, "the disk is full")
        except OSError as error:
            raise cannot_write(self.path, error) from error

    def close(self) -> None:
        """Let others write it."""
        with contextlib.suppress(OSError):
            os.close(self._handle)

    def _open(self) -> int:
        handle = os.open(self.path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o666)
        if lock(handle) is False:
            os.close(handle)
            raise OutputError(
                f"another pgvgen is at work in {self.path.parent}: wait for it, name another "
                "folder with -o, or split the work with --shard"
            )
        return handle


def _records(text: bytes) -> Iterable[dict[str, Any]]:
    """The lines that are whole."""
    for line in text.splitlines():
        with contextlib.suppress(ValueError, RecursionError):
            record = json.loads(line)
            if isinstance(record, dict):
                yield record


def _line(record: dict[str, Any]) -> bytes:
    try:
        return (json.dumps(record, ensure_ascii=False) + "\n").encode()
    except UnicodeEncodeError:  # a name that is no text is written with escapes
        return (json.dumps(record) + "\n").encode()
