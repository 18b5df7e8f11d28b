"""What happens beside the steps: means of the figures, logs, sheets, checkpoints, releases."""

from __future__ import annotations

import contextlib
import json
import math
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import torch
from torch import Tensor

from pgvgen.errors import PgvgenError, UsageError
from pgvgen.training.checkpoint import save_checkpoint
from pgvgen.training.log import RunLog
from pgvgen.training.settings import LoopSettings
from pgvgen.training.stage import Stage
from pgvgen.weights import ABOUT_FILE


class DivergedError(PgvgenError):
    """The losses are no numbers any more."""


class Keeper:
    """What happens beside the steps: means of the figures, logs, sheets, checkpoints, releases."""

    def __init__(
        self, stage: Stage, run: Path, settings: LoopSettings, best: float | None, log: RunLog
    ) -> None:
        self.stage, self.run, self.settings, self.best, self.log = stage, run, settings, best, log
        self.sums: dict[str, Tensor | float] = {}
        self.counts: dict[str, int] = {}
        self.began = self.since = time.monotonic()
        # Of the training that is resumed, whose release may be of long before.
        self.before = max(_minutes(run / "release" / ABOUT_FILE), log.minutes)
        self.steps = 0
        self.saved: int | None = None

    def add(self, figures: dict[str, Tensor | float]) -> None:
        """Take in one step's figures; no GPU is waited for."""
        self.steps += 1
        for name, value in figures.items():
            self.sums[name] = self.sums.get(name, 0.0) + value
            self.counts[name] = self.counts.get(name, 0) + 1

    def look(self, done: int) -> dict[str, float]:
        """Do what is due after `done` steps; returns the figures where a row was logged."""
        due = {
            name: every > 0 and done % every == 0
            for name, every in (
                ("log", self.settings.log_every),
                ("sheet", self.settings.sheet_every),
                ("validate", self.settings.validate_every),
                ("save", self.settings.save_every),
            )
        }
        figures = self._means(done) if due["log"] or due["validate"] else {}
        if due["sheet"]:
            self._sheet(done)
        if due["validate"]:
            figures |= self._validate(done)
        if figures:
            self.log.write(done, figures)
        if due["save"]:
            self._save(done)
        return figures

    def finish(self, done: int) -> None:
        """Keep the last step, whatever ended the training, unless it was just kept."""
        if done != self.saved:
            if self.settings.sheet_every and done % self.settings.sheet_every:
                self._sheet(done)
            self._save(done)

    def _means(self, done: int) -> dict[str, float]:
        self._check(done)
        means = {name: float(total) / self.counts[name] for name, total in self.sums.items()}
        means["seconds_a_step"] = (time.monotonic() - self.began) / max(1, self.steps)
        self.sums, self.counts, self.steps, self.began = {}, {}, 0, time.monotonic()
        return means

    def _check(self, done: int) -> None:
        """Fail if the losses since the last row are no numbers."""
        if bad := [name for name, total in self.sums.items() if not math.isfinite(total)]:
            raise DivergedError(
                f"{', '.join(bad)} is no number any more at step {done}: "
                f"begin again with a smaller learning rate, or fp32"
            )

    def _sheet(self, done: int) -> None:
        with _looking(self.stage):
            self.log.sheet(done, self.stage.sheet())

    def _validate(self, done: int) -> dict[str, float]:
        name = self.settings.best
        figures = validated(self.stage, name)
        if name and figures and (self.best is None or figures[name] < self.best):
            self.best = figures[name]
            self._release(done)
        return {f"val/{name}": value for name, value in figures.items()}

    def _save(self, done: int) -> None:
        self._check(done)
        save_checkpoint(self.run / "checkpoint.pt", self.stage, step=done, best=self.best)
        self.saved = done
        if self.best is None:
            self._release(done)

    def _release(self, done: int) -> None:
        """Put the new release in the old one's place in one move."""
        new, old = self.run / ".release-new", self.run / ".release-old"
        for folder in (new, old):
            shutil.rmtree(folder, ignore_errors=True)
        new.mkdir(parents=True)
        self.stage.release(new)
        minutes = self.before + (time.monotonic() - self.since) / 60
        about = {"steps": done, "minutes": round(minutes, 1), **self.stage.about()}
        (new / ABOUT_FILE).write_text(json.dumps(about) + "\n", encoding="utf-8")
        with contextlib.suppress(FileNotFoundError):
            (self.run / "release").rename(old)
        new.rename(self.run / "release")
        shutil.rmtree(old, ignore_errors=True)


def validated(stage: Stage, best: str) -> dict[str, float]:
    """The figures of a validation, the best's among them, if there are any.

    Raises:
        UsageError: there is none of that name.
    """
    with _looking(stage):
        figures = stage.validate()
    if best and figures and best not in figures:
        raise UsageError(f"best is {best!r}, validation gives {', '.join(sorted(figures))}")
    return figures


def _minutes(about: Path) -> float:
    try:
        return float(json.loads(about.read_text(encoding="utf-8"))["minutes"])
    except (OSError, ValueError, KeyError, TypeError):
        return 0.0


@contextlib.contextmanager
def _looking(stage: Stage) -> Iterator[None]:
    """Every network in evaluation mode and without gradients; afterwards as it was."""
    parts = [part for module in stage.modules().values() for part in module.modules()]
    were = [part.training for part in parts]
    try:
        for part in parts:
            part.training = False
        with torch.no_grad():
            yield
    finally:
        for part, training in zip(parts, were, strict=True):
            part.training = training
