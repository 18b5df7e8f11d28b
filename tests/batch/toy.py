"""A work that needs no network: it writes a text in capitals, and does what the text says."""

from __future__ import annotations

import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pgvgen._files import atomic_path
from pgvgen.batch import Do, Task
from pgvgen.errors import InputError, WeightsError


@dataclass(frozen=True)
class Capitals:
    """Writes what it loads, and when, into `diary`."""

    diary: Path
    loads: bool = True
    seconds: float = 0.0

    def is_done(self, target: Path) -> bool:
        return target.exists()

    def start(self) -> Do:
        with self.diary.open("a") as diary:
            diary.write(f"{os.getpid()} {os.environ.get('OMP_NUM_THREADS')}\n")
        if not self.loads:
            raise WeightsError("the weights are gone")
        return self.do

    def do(self, target: Path, source: Path) -> dict[str, Any]:
        text = source.read_text()
        if text == "bad":
            raise InputError(f"{source} is bad")
        if text == "bug":
            raise ZeroDivisionError("of all things")
        with atomic_path(target) as temporary:
            temporary.write_text(text.upper()[:1])
            time.sleep(self.seconds)
            if text == "crash":
                os.kill(os.getpid(), signal.SIGKILL)
            temporary.write_text(text.upper())
        return {"letters": len(text)}


def tasks(folder: Path, texts: dict[str, str]) -> list[Task]:
    """A file for each text, and the task to write it in capitals."""
    made = []
    for name, text in texts.items():
        source, target = folder / "in" / name, folder / "out" / f"{name}.txt"
        source.parent.mkdir(exist_ok=True)
        source.write_text(text)
        made.append(Task(name, f"{name}.txt", (source,), target))
    return made
