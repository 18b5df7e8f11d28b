"""What the training loop asks of a stage, and of where its examples come from."""

from __future__ import annotations

from abc import ABC, abstractmethod
from pathlib import Path

import numpy as np
from torch import Tensor, nn
from torch.optim import Optimizer

from pgvgen.training.precision import Precision

Batch = dict[str, Tensor]
"""What one step learns from: tensors by name, the examples along the first axis."""


class Stage(ABC):
    """What is trained: networks, their optimisers, and what one step does to them.

    Build everything before `fit`; it moves the modules to the device and sets `precision`. All
    state that a step changes belongs to a module (buffers count) or an optimiser, and all
    randomness comes from torch's own generator or from the batch: then resuming is exact.
    """

    precision: Precision = Precision()
    """Set by `fit`: the device, autocast for the forward pass, `descend` for the step."""

    @abstractmethod
    def modules(self) -> dict[str, nn.Module]:
        """All networks, an EMA among them, by the name that the checkpoint gives them."""

    @abstractmethod
    def optimisers(self) -> dict[str, Optimizer]:
        """All optimisers, by name."""

    @abstractmethod
    def step(self, batch: Batch, step: int) -> dict[str, Tensor | float]:
        """Learn from one batch; returns the figures to log (tensors: detached scalars).

        Args:
            batch: on the device.
            step: steps done before, from 0: schedules hang on it.
        """

    @abstractmethod
    def sheet(self) -> np.ndarray:
        """Samples to look at, always of the same examples: H×W×3 RGB uint8."""

    @abstractmethod
    def validate(self) -> dict[str, float]:
        """Figures on held-out data; {} where there is none."""

    def about(self) -> dict[str, float]:
        """What a release's `training.json` says besides steps and minutes."""
        return {}

    @abstractmethod
    def release(self, folder: Path) -> None:
        """Save the network that is to be used (`save_pretrained`) into an empty folder."""


class Batches(ABC):
    """Where a stage's examples come from."""

    @abstractmethod
    def batch(self, rng: np.random.Generator) -> Batch:
        """Draw one batch (CPU tensors) with no other randomness than `rng`'s, in any thread."""

    def prepare(self, workers: int) -> None:  # noqa: B027
        """Do at once, by so many processes, what the first batches would do and later ones not.

        Called before the processes begin that draw batches: each has what is then in memory.
        """
