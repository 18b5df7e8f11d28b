"""One step of training, for each of PSGAN's generators."""

from __future__ import annotations

import math
from abc import abstractmethod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.optim import Adam, Optimizer

from pgvgen.errors import WeightsError
from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.keypoint import STEP, KeypointGenerator
from pgvgen.motion.losses import flow_loss
from pgvgen.motion.psgan import PSGAN
from pgvgen.training.ema import EMA
from pgvgen.training.motion_examples import Example, example
from pgvgen.training.motion_windows import MotionWindows
from pgvgen.training.psgan_settings import PSGANLosses
from pgvgen.training.stage import Batch, Stage

JITTER = 0.008
"""Body heights that an estimator's start pose is off by."""
_FEW = 16
"""Held-out windows at a time: maps of all of them would take more memory than a step does."""


def with_labels(weights: str, config: PSGANConfig) -> PSGAN:
    """A released network that means the same by every label's number.

    Raises:
        WeightsError: there are no such weights, or their labels are others or in another order.
    """
    psgan = PSGAN.from_pretrained(weights)
    if psgan.config.labels != config.labels:
        raise WeightsError(
            f"{weights} knows the labels {', '.join(psgan.config.labels)}: the recipe's must be "
            "the same in the same order"
        )
    return psgan


class PSGANStage(Stage):
    """What training has in common whichever the generator.

    Args:
        config: of the network.
        losses: objectives and optimisers.
        held_out: windows to look at and to measure on.
        steps: of the whole training, for the learning rate.
    """

    def __init__(
        self, config: PSGANConfig, losses: PSGANLosses, held_out: MotionWindows, *, steps: int
    ) -> None:
        self.losses, self.steps = losses, steps
        self.psgan = PSGAN(config)
        if losses.begin:
            self._begin(losses.begin)
        self.ema = EMA(self.psgan, losses.ema)
        self.optimiser = self._adam(self.psgan)
        self.held_out = held_out.batch(np.random.default_rng(0))

    def _adam(self, network: nn.Module) -> Adam:
        betas = (self.losses.beta1, self.losses.beta2)
        return Adam(network.parameters(), lr=self.losses.learning_rate, betas=betas)

    def _begin(self, weights: str) -> None:
        """Take over the network as it was trained before.

        Raises:
            WeightsError: there are no such weights, or they are of another network.
        """
        before = with_labels(weights, self.psgan.config)
        try:
            self.psgan.load_state_dict(before.state_dict())
        except RuntimeError as error:
            raise WeightsError(
                f"{weights} is of another shape: {before.config}, the recipe's {self.psgan.config}"
            ) from error

    def modules(self) -> dict[str, nn.Module]:
        return {"psgan": self.psgan, "ema": self.ema}

    def optimisers(self) -> dict[str, Optimizer]:
        return {"psgan": self.optimiser}

    def step(self, batch: Batch, step: int) -> dict[str, Tensor | float]:
        rate = self.losses.learning_rate * self._schedule(step)
        for name, optimiser in self.optimisers().items():
            share = self.losses.discriminator_rate if name == "judge" else 1
            for group in optimiser.param_groups:
                group["lr"] = rate * share
        figures = self.learn(example(batch), step)
        self.ema.update(self.psgan)
        return figures

    def _schedule(self, step: int) -> float:
        """Rising over the warm-up, then half a cosine down to `decay`."""
        rise = min(1.0, (step + 1) / max(1, self.losses.warm_up))
        fall = (1 + math.cos(math.pi * min(1.0, step / self.steps))) / 2
        return rise * (self.losses.decay + (1 - self.losses.decay) * fall)

    @abstractmethod
    def learn(self, windows: Example, step: int) -> dict[str, Tensor | float]:
        """One step of the generator and, where there is one, of its discriminator."""

    def _answer(self) -> tuple[Example, Tensor]:
        """The held-out windows and what the network to be released makes of their starts."""
        device = self.precision.device
        windows = example({name: part.to(device) for name, part in self.held_out.items()})
        rng = torch.Generator().manual_seed(0)
        told = (windows.start, windows.present, windows.label, windows.strength)
        keypoints = torch.cat(
            [
                self.ema.network(*few, strength=strength, rng=rng).keypoints
                for *few, strength in zip(*(part.split(_FEW) for part in told), strict=True)
            ]
        )
        return windows, (keypoints - windows.start[:, None]) / STEP

    def sheet(self) -> np.ndarray:
        from pgvgen.training.psgan_sheet import strips

        windows, motion = self._answer()
        return strips(windows.start, windows.present, motion, windows.label, self.psgan.config)

    def validate(self) -> dict[str, float]:
        windows, motion = self._answer()
        error = (motion - windows.motion).norm(dim=-1) * windows.known
        moving = windows.known[:, 1:] * windows.known[:, :-1]
        speed, real = (
            (part.diff(dim=1).norm(dim=-1) * moving).sum() for part in (motion, windows.motion)
        )
        return {
            "error": float(error.sum() / windows.known.sum()) * STEP,
            "speed": float(speed / real),
        }

    def release(self, folder: Path) -> None:
        self.ema.network.save_pretrained(folder)


class FlowStage(PSGANStage):
    """Flow matching: undo the mixing of a motion with noise, at any level."""

    def learn(self, windows: Example, step: int) -> dict[str, Tensor | float]:
        network = self.psgan.generator
        assert isinstance(network, KeypointGenerator)
        count = len(windows.label)
        level = torch.rand(count, device=windows.motion.device)
        noise = torch.randn_like(windows.motion)
        part = level[:, None, None, None]
        mixed = part * windows.motion + (1 - part) * noise
        mixed = torch.where(windows.given[..., None, None] > 0, windows.motion, mixed)
        dropped = torch.rand(count, device=level.device) < self.losses.drop_label
        label = torch.where(dropped, network.labels, windows.label)
        start = windows.start + JITTER * torch.randn_like(windows.start)
        with self.precision.autocast():
            motion = network(
                mixed, windows.given, start, windows.present, label, windows.strength, level
            )
            loss = flow_loss(motion.float(), windows.motion, windows.known, level)
        self.precision.descend(loss, self.optimiser, clip=1.0)
        return {"flow": loss.detach()}
