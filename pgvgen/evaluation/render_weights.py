"""Stage two weights to be compared: the networks, and what their rows are called."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import torch

from pgvgen.errors import UsageError
from pgvgen.evaluation.named import check_names, named_weight
from pgvgen.evaluation.tables import PAPER_TABLE_5
from pgvgen.rendering.encoders import Stream
from pgvgen.rendering.scgan import SCGAN, SCGANConfig

UNTRAINED = "transport, untrained"
TOLD = tuple(name for name in PAPER_TABLE_5 if name != "static")
"""Table 5's weights."""


@dataclass(frozen=True, eq=False)
class Painter:
    """One weight.

    Attributes:
        name: of its rows; one of Table 5's has the paper's figures beside it.
        scgan: the network.
    """

    name: str
    scgan: SCGAN

    def paper(self, pose: Stream) -> Mapping[str, float]:
        """The paper's figures for this weight's frames in poses P̂ or P: SCGAN-gt is fed P."""
        fed = "true" if self.name == "SCGAN-gt" else "predicted"
        return PAPER_TABLE_5[self.name]["action"] if self.name in TOLD and pose == fed else {}


def load_painters(weights: Sequence[str | Path], device: torch.device) -> list[Painter]:
    """The untrained transport, then the networks, told apart by their names.

    Args:
        weights: names, folders or Hub ids; `NAME=` before one names its rows, its last part does
            by default. Several with the same `NAME=` are runs of one row.
        device: where they go.

    Raises:
        UsageError: none, the same twice, or frames of different sizes, which cannot stand in one
            table.
        WeightsError: a weight cannot be had.
    """
    found = [named_weight(weight) for weight in weights]
    own = [name or Path(weight).name or weight for name, weight in found]
    names = [
        name or (short if own.count(short) == 1 else weight)
        for (name, weight), short in zip(found, own, strict=True)
    ]
    check_names([UNTRAINED, *{name for name, _ in found if name}])
    check_names([str(weight) for weight in weights])
    networks = [SCGAN.from_pretrained(weight, device=device) for _, weight in found]
    sizes = {network.config.size for network in networks}
    if len(sizes) != 1:
        raise UsageError("give --weights of one frame size: others need their own table")
    config = SCGANConfig(generator="transported", size=sizes.pop())
    untrained = Painter(UNTRAINED, SCGAN(config).to(device).eval())
    return [untrained, *map(Painter, names, networks)]
