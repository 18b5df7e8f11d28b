"""Tables of figures: ours, with the paper's beside them where it has one for the same row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

PAPER_TABLE_1: dict[str, dict[str, float]] = {
    "ground truth": {"action": 0.0, "face": 0.0},
    "PSGAN-L1": {"action": 0.0124, "face": 0.0078},
    "PSGAN w/o LSTM": {"action": 0.0072, "face": 0.0062},
    "PSGAN": {"action": 0.0064, "face": 0.0051},
}
"""Average L2 of generated heatmaps: UCF101 + Weizmann (action), CK+ (face)."""

PAPER_TABLE_5: dict[str, dict[str, dict[str, float]]] = {
    "static": {"action": {"SSIM": 0.66, "LPIPS": 0.063}, "face": {"SSIM": 0.77, "LPIPS": 0.025}},
    "SCGAN-gen": {"action": {"SSIM": 0.73, "LPIPS": 0.083}, "face": {"SSIM": 0.89, "LPIPS": 0.038}},
    "SCGAN-gt": {"action": {"SSIM": 0.89, "LPIPS": 0.040}, "face": {"SSIM": 0.92, "LPIPS": 0.024}},
    "SCGAN": {"action": {"SSIM": 0.87, "LPIPS": 0.041}, "face": {"SSIM": 0.91, "LPIPS": 0.026}},
}
"""SSIM and LPIPS of generated frames at 128×128."""


@dataclass(frozen=True)
class Column:
    """One figure: what it is called, how finely it is read, which way is better."""

    name: str
    digits: int = 3
    better: Literal["lower", "higher", ""] = ""

    @property
    def heading(self) -> str:
        """The name with an arrow that points to better."""
        return self.name + {"lower": " ↓", "higher": " ↑", "": ""}[self.better]


@dataclass(frozen=True)
class Row:
    """One method, baseline, or bound.

    Attributes:
        name: what it is.
        values: our figures by their column's name; a missing one stays empty.
        paper: the paper's figures for the same thing, by column.
        interval: half the 95 % interval of our figures that are means of several runs, by column.
    """

    name: str
    values: Mapping[str, float] = field(default_factory=dict)
    paper: Mapping[str, float] = field(default_factory=dict)
    interval: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Table:
    """Rows of figures under a title, with a note that says how to read them."""

    title: str
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: str = ""

    def cells(self) -> list[list[str]]:
        """The heading and the rows as text; a column is followed by the paper's if it has any."""
        heading, rows = [""], [[row.name] for row in self.rows]
        for column in self.columns:
            told = any(column.name in row.paper for row in self.rows)
            heading += [column.heading, "paper"] if told else [column.heading]
            for cells, row in zip(rows, self.rows, strict=True):
                value = _number(row.values.get(column.name), column.digits)
                half = _number(row.interval.get(column.name), column.digits)
                cells.append(f"{value} ± {half}" if value and half else value)
                if told:
                    cells.append(_number(row.paper.get(column.name), column.digits))
        return [heading, *rows]

    def markdown(self) -> str:
        """The table as text that is aligned for reading and is Markdown, too."""
        cells = self.cells()
        widths = [max(len(row[i]) for row in cells) for i in range(len(cells[0]))]
        lines = [" | ".join(_aligned(row, widths)) for row in cells]
        rule = " | ".join("-" * w if i == 0 else "-" * (w - 1) + ":" for i, w in enumerate(widths))
        body = [f"| {line} |" for line in (lines[0], rule, *lines[1:])]
        note = ["", self.note] if self.note else []
        return "\n".join([f"### {self.title}", "", *body, *note])

    def records(self) -> list[dict[str, Any]]:
        """One JSON-able object a row, unrounded."""
        return [
            {"table": self.title, "row": row.name, "ours": dict(row.values)}
            | ({"paper": dict(row.paper)} if row.paper else {})
            | ({"interval": dict(row.interval)} if row.interval else {})
            for row in self.rows
        ]


def part_of(title: str, columns: tuple[Column, ...], rows: Sequence[Row], note: str) -> Table:
    """A table of some of the rows' figures."""
    names = [column.name for column in columns]

    def of(figures: Mapping[str, float]) -> dict[str, float]:
        return {name: figures[name] for name in names if name in figures}

    kept = (Row(r.name, of(r.values), of(r.paper), of(r.interval)) for r in rows)
    return Table(title, columns, tuple(kept), note)


def _number(value: float | None, digits: int) -> str:
    return "" if value is None else f"{value:.{digits}f}"


def _aligned(row: list[str], widths: list[int]) -> list[str]:
    """Names to the left, figures to the right."""
    return [
        row[0].ljust(widths[0]),
        *(c.rjust(w) for c, w in zip(row[1:], widths[1:], strict=True)),
    ]
