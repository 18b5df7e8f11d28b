"""How a training is run: the table that every stage's recipe has. No torch is imported here."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

from pgvgen.errors import UsageError


def check_range(table: object, names: Iterable[str], low: float, below: float = math.inf) -> None:
    """Refuse what no training can be done with.

    Raises:
        UsageError: one of the table's values is under `low`, or not under `below`.
    """
    for name in names:
        value = getattr(table, name)
        if not low <= value < below:
            limit = "" if below == math.inf else f" and below {below:g}"
            raise UsageError(f"{name} is {value}, it must be at least {low:g}{limit}")


@dataclass(frozen=True)
class LoopSettings:
    """How long, how fast, how often; a recipe's `[<stage>.train]` table.

    Attributes:
        steps: optimiser steps in all.
        batch_size: examples a step; the `Batches` are made with it.
        seed: the same seed gives the same weights (CPU, the same number of threads).
        log_every: steps that one row of the log is the mean of.
        save_every: steps between checkpoints, which is also what a kill can cost.
        sheet_every: steps between sample sheets; 0 for none.
        validate_every: steps between validations; 0 for none.
        best: the validation figure whose smallest value picks what is released; "" releases the
            latest.
        workers: that prepare coming batches: one thread, or so many processes (on Linux).
        precision: on CUDA; elsewhere it is fp32.
        compile: the generator, by `torch.compile`, on CUDA; elsewhere it runs as it is.
        minutes: stop, as at the last step, when this much time has gone by.
        device: auto, cpu, cuda or mps.
    """

    steps: int = 10_000
    batch_size: int = 64
    seed: int = 0
    log_every: int = 50
    save_every: int = 500
    sheet_every: int = 1000
    validate_every: int = 1000
    best: str = ""
    workers: int = 1
    precision: Literal["fp32", "bf16", "fp16"] = "fp32"
    compile: bool = False
    minutes: float | None = None
    device: str = "auto"

    def __post_init__(self) -> None:
        check_range(self, ("steps", "batch_size", "log_every", "save_every", "workers"), 1)
        if not 0 <= self.seed < 2**63:
            raise UsageError(f"seed is {self.seed}, it must be at least 0 and below 2^63")
        if self.minutes is not None and not self.minutes > 0:
            raise UsageError(f"minutes is {self.minutes}, it must be above 0, or left out")
        if self.best and self.validate_every < 1:
            raise UsageError(f"best is {self.best!r}, but validate_every is {self.validate_every}")
