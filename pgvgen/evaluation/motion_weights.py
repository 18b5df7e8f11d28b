"""Stage one weights to be compared: the networks, what they are called, how long they learnt."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import torch

from pgvgen.errors import InputError, UsageError
from pgvgen.evaluation.named import check_names, named_weight
from pgvgen.evaluation.tables import PAPER_TABLE_1, Row
from pgvgen.motion import PSGAN
from pgvgen.weights import ABOUT_FILE, find


@dataclass(frozen=True, eq=False)
class Contestant:
    """One weight.

    Attributes:
        name: of its rows; by default the paper's name for such a PSGAN, and which generator it has.
        psgan: the network.
        training: the steps and minutes it was trained for, where the weight says so.
        paper: what the paper calls it.
    """

    name: str
    psgan: PSGAN
    training: dict[str, float]
    paper: str

    @property
    def figures(self) -> dict[str, float]:
        """The paper's for the same thing."""
        return {"Average L2": PAPER_TABLE_1[self.paper]["action"]}


def load_contestants(weights: Sequence[str | Path], device: torch.device) -> list[Contestant]:
    """The networks, told apart by their names.

    Args:
        weights: names, folders or Hub ids; `NAME=` before one names its rows.
        device: where they go.

    Raises:
        UsageError: none, two of one name, or motions of different lengths or frame rates, which
            cannot stand in one table.
        WeightsError: a weight cannot be had.
    """
    named = [named_weight(weight) for weight in weights]
    found = [_contestant(weight, device) for _, weight in named]
    if len({(c.psgan.config.frames, c.psgan.config.fps) for c in found}) != 1:
        raise UsageError(
            "give --weights that write as many frames at the same rate: others need their own table"
        )
    own = [name or c.name for (name, _), c in zip(named, found, strict=True)]
    names = [
        short if name or own.count(short) == 1 else f"{short} {weight}"
        for (name, weight), short in zip(named, own, strict=True)
    ]
    check_names(names)
    return [replace(c, name=name) for c, name in zip(found, names, strict=True)]


def shared_labels(contestants: Sequence[Contestant]) -> tuple[str, ...]:
    """The actions that all of them know, in the order of the first.

    Raises:
        InputError: there is none.
    """
    first, *others = (c.psgan.config.labels for c in contestants)
    shared = tuple(label for label in first if all(label in labels for labels in others))
    if not shared:
        raise InputError("the weights have no action in common: measure them one by one")
    return shared


def untried(contestants: Sequence[Contestant]) -> list[Row]:
    """The paper's rows that none of the weights stands beside."""
    tried = {c.paper for c in contestants} | {"ground truth"}
    return [
        Row(f"{name}, the paper's", {}, {"Average L2": figures["action"]})
        for name, figures in PAPER_TABLE_1.items()
        if name not in tried
    ]


def _contestant(weight: str, device: torch.device) -> Contestant:
    psgan = PSGAN.from_pretrained(weight, device=device)
    about = _training(find(weight, "psgan"))
    config = psgan.config
    kind, paper = config.generator, "PSGAN"
    if kind != "flow" and about.get("adversarial") == 0:
        paper = "PSGAN-L1"
    elif kind != "flow" and config.recurrent == "none":
        paper = "PSGAN w/o LSTM"
    if config.recurrent != "none":
        kind = f"{kind}, {config.recurrent}"
    training = {name: value for name, value in about.items() if name in ("steps", "minutes")}
    return Contestant(f"{paper} ({kind})", psgan, training, paper)


def _training(folder: Path) -> dict[str, float]:
    """What a release says about its training; nothing where it says nothing."""
    try:
        about = json.loads((folder / ABOUT_FILE).read_text(encoding="utf-8"))
        return {name: float(value) for name, value in about.items()}
    except (OSError, ValueError, TypeError, AttributeError):
        return {}
