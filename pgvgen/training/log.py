"""What a run writes down: a CSV, TensorBoard events where it is installed, sample sheets."""

from __future__ import annotations

import csv
from pathlib import Path
from typing import Any

import numpy as np

from pgvgen._files import atomic_path
from pgvgen.pictures import write_image


class RunLog:
    """The written history of one run.

    Files:
        log.csv: one row a logged step, training and validation figures (`val/…`) side by side.
        sheets/NNNNNN.png: what the networks made at that step.
        tensorboard/: the same figures and sheets, where TensorBoard is installed.

    Args:
        run: the run's folder.
        step: steps already done; later rows that a killed run left are dropped.
    """

    def __init__(self, run: Path, *, step: int = 0) -> None:
        self.path = run / "log.csv"
        self.sheets = run / "sheets"
        self.rows = [row for row in _read(self.path) if int(row["step"]) <= step]
        self.columns = list(dict.fromkeys(column for row in self.rows for column in row))
        self._rewrite()
        self.events = _tensorboard(run / "tensorboard", step)

    @property
    def minutes(self) -> float:
        """How long the logged steps took."""
        seconds = before = 0.0
        for row in self.rows:
            seconds += (int(row["step"]) - before) * float(row.get("seconds_a_step", 0))
            before = int(row["step"])
        return seconds / 60

    def write(self, step: int, figures: dict[str, float]) -> None:
        """Add one row; a figure that was never logged before becomes a new last column."""
        row = {"step": str(step), **{name: f"{value:.6g}" for name, value in figures.items()}}
        self.rows.append(row)
        if new := [column for column in row if column not in self.columns]:
            self.columns += new
            self._rewrite()
        else:
            with self.path.open("a", newline="", encoding="utf-8") as file:
                csv.DictWriter(file, self.columns).writerow(row)
        if self.events is not None:
            for name, value in figures.items():
                self.events.add_scalar(name, value, step)

    def sheet(self, step: int, picture: np.ndarray) -> None:
        """Keep an H×W×3 RGB uint8 picture of samples."""
        write_image(self.sheets / f"{step:06d}.png", picture)
        if self.events is not None:
            self.events.add_image("sheet", picture, step, dataformats="HWC")

    def close(self) -> None:
        """Flush what TensorBoard still holds."""
        if self.events is not None:
            self.events.close()

    def _rewrite(self) -> None:
        with atomic_path(self.path) as temporary, temporary.open("w", newline="") as file:
            writer = csv.DictWriter(file, self.columns)
            writer.writeheader()
            writer.writerows(self.rows)


def _read(path: Path) -> list[dict[str, str]]:
    """The rows of an earlier log, without empty cells and without a torn last line."""
    if not path.exists():
        return []
    with path.open(newline="", encoding="utf-8") as file:
        rows = [{k: v for k, v in row.items() if k and v} for row in csv.DictReader(file)]
    return [row for row in rows if row.get("step", "").isdigit()]


def _tensorboard(folder: Path, step: int) -> Any | None:
    """A TensorBoard writer, or None where it is not installed (pip install 'pgvgen[train]')."""
    try:
        from torch.utils.tensorboard import SummaryWriter
    except ImportError:
        return None
    return SummaryWriter(str(folder), purge_step=step + 1)
