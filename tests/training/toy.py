"""A small real training for the loop's tests: undo a mixing of numbers, with dropout and noise.

As a script it trains into a folder, resuming what is there: `python toy.py RUN SECONDS`, the
seconds being how long each step is drawn out.
"""

from __future__ import annotations

import sys
import time
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from pgvgen.training.ema import EMA
from pgvgen.training.loop import Batches, LoopSettings, Stage, fit

torch.set_num_threads(1)  # networks this small only wait for a second one

SETTINGS = LoopSettings(
    steps=60, batch_size=16, save_every=7, log_every=5, sheet_every=20, validate_every=10,
    device="cpu",
)  # fmt: skip


class Numbers(Batches):
    """Batches of random vectors."""

    def __init__(self, batch_size: int = SETTINGS.batch_size) -> None:
        self.batch_size = batch_size

    def batch(self, rng: np.random.Generator) -> dict[str, Tensor]:
        return {"x": torch.from_numpy(rng.standard_normal((self.batch_size, 8), np.float32))}


class Toy(Stage):
    """Learns to turn a vector round; everything that can make resuming inexact is in it."""

    def __init__(self, pause: float = 0.0) -> None:
        torch.manual_seed(0)
        self.network = nn.Sequential(
            nn.Linear(8, 32), nn.BatchNorm1d(32), nn.Dropout(0.1), nn.ReLU(), nn.Linear(32, 8)
        )
        self.ema = EMA(self.network, decay=0.9)
        self.adam = Adam(self.network.parameters(), 1e-2)
        self.pause = pause
        self.seen: list[int] = []

    def modules(self) -> dict[str, nn.Module]:
        return {"network": self.network, "ema": self.ema}

    def optimisers(self) -> dict[str, Optimizer]:
        return {"adam": self.adam}

    def step(self, batch: dict[str, Tensor], step: int) -> dict[str, Tensor | float]:
        time.sleep(self.pause)
        self.seen.append(step)
        x = batch["x"]
        with self.precision.autocast():
            noise = 0.1 * torch.randn_like(x)
            loss = (self.network(x + noise) - x.flip(1)).square().mean()
        self.precision.descend(loss, self.adam, clip=1.0)
        self.ema.update(self.network)
        return {"loss": loss.detach()}

    def sheet(self) -> np.ndarray:
        torch.randn(3)  # looking may draw random numbers without changing what is learnt
        return np.full((4, 6, 3), 200, np.uint8)

    def validate(self) -> dict[str, float]:
        x = Numbers(64).batch(np.random.default_rng(1))["x"]
        assert not self.network.training
        assert not torch.is_grad_enabled()
        return {"error": float((self.ema.network(x) - x.flip(1)).square().mean())}

    def release(self, folder: Path) -> None:
        save_file(self.ema.network.state_dict(), folder / "model.safetensors")


if __name__ == "__main__":
    fit(Toy(pause=float(sys.argv[2])), Numbers(), Path(sys.argv[1]), SETTINGS, resume=True)
