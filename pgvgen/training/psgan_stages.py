"""One step of training, for each of PSGAN's generators."""

from __future__ import annotations

import math
from abc import abstractmethod
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Adam, Optimizer

from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.coordinates import to_map
from pgvgen.motion.discriminator import MotionDiscriminator
from pgvgen.motion.heatmap import HeatmapGenerator
from pgvgen.motion.keypoint import STEP, KeypointGenerator
from pgvgen.motion.losses import (
    discriminator_loss,
    flow_loss,
    generator_loss,
    gradient_penalty,
    motion_error,
    reconstruction_loss,
    relativistic_loss,
)
from pgvgen.motion.psgan import PSGAN
from pgvgen.motion.sampling import sample
from pgvgen.nn import PatchGAN
from pgvgen.poses.heatmaps import draw_heatmaps
from pgvgen.poses.skeletons import SKELETONS
from pgvgen.training.ema import EMA
from pgvgen.training.motion_examples import Example, example
from pgvgen.training.motion_windows import MotionWindows
from pgvgen.training.psgan_settings import PSGANLosses
from pgvgen.training.stage import Batch, Stage

_JITTER = 0.008  # body heights that an estimator's start pose is off by


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
            self.psgan.load_state_dict(PSGAN.from_pretrained(losses.begin).state_dict())
        self.ema = EMA(self.psgan, losses.ema)
        self.optimiser = self._adam(self.psgan)
        self.held_out = held_out.batch(np.random.default_rng(0))

    def _adam(self, network: nn.Module) -> Adam:
        return Adam(
            network.parameters(), lr=self.losses.learning_rate, betas=(self.losses.beta1, 0.99)
        )

    def modules(self) -> dict[str, nn.Module]:
        return {"psgan": self.psgan, "ema": self.ema}

    def optimisers(self) -> dict[str, Optimizer]:
        return {"psgan": self.optimiser}

    def step(self, batch: Batch, step: int) -> dict[str, Tensor | float]:
        rate = self.losses.learning_rate * self._schedule(step)
        for optimiser in self.optimisers().values():
            for group in optimiser.param_groups:
                group["lr"] = rate
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
        motion = self.ema.network(windows.start, windows.present, windows.label, rng=rng)
        return windows, (motion.keypoints - windows.start[:, None]) / STEP

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
        start = windows.start + _JITTER * torch.randn_like(windows.start)
        with self.precision.autocast():
            motion = network(mixed, windows.given, start, windows.present, label, level)
            loss = flow_loss(motion.float(), windows.motion, windows.known, level)
        self.precision.descend(loss, self.optimiser, clip=1.0)
        return {"flow": loss.detach()}


class JudgedStage(PSGANStage):
    """A generator against a discriminator, which a subclass makes."""

    def __init__(
        self, config: PSGANConfig, losses: PSGANLosses, held_out: MotionWindows, *, steps: int
    ) -> None:
        super().__init__(config, losses, held_out, steps=steps)
        self.judge = self.make_judge(len(SKELETONS[config.skeleton]), len(config.labels))
        self.judge_optimiser = self._adam(self.judge)

    @abstractmethod
    def make_judge(self, keypoints: int, labels: int) -> nn.Module:
        """The discriminator of K keypoints and n labels."""

    def modules(self) -> dict[str, nn.Module]:
        return {**super().modules(), "judge": self.judge}

    def optimisers(self) -> dict[str, Optimizer]:
        return {**super().optimisers(), "judge": self.judge_optimiser}


class KeypointStage(JudgedStage):
    """One pass from noise, judged by a discriminator of motions; relativistic, R1 and R2."""

    def make_judge(self, keypoints: int, labels: int) -> nn.Module:
        return MotionDiscriminator(keypoints, labels, width=self.losses.discriminator_base)

    def _generate(self, windows: Example, noise: Tensor) -> Tensor:
        """N×T×K×2 in one pass, only the start pose being given."""
        assert isinstance(self.psgan.generator, KeypointGenerator)
        start = windows.start + _JITTER * torch.randn_like(windows.start)
        first = torch.zeros_like(noise[:, :1])
        return sample(self.psgan.generator, noise, first, start, windows.present, windows.label)

    def learn(self, windows: Example, step: int) -> dict[str, Tensor | float]:
        def judged(motion: Tensor) -> Tensor:
            seen = motion * windows.known[..., None]
            return self.judge(seen, windows.start, windows.present, windows.label)

        with torch.no_grad():
            fake = self._generate(windows, torch.randn_like(windows.motion))
        loss = relativistic_loss(judged(windows.motion), judged(fake))
        if self.losses.penalty and step % self.losses.penalty_every == 0:
            slope = gradient_penalty(judged, windows.motion) + gradient_penalty(judged, fake)
            loss = loss + self.losses.penalty / 2 * self.losses.penalty_every * slope
        self.precision.descend(loss, self.judge_optimiser)

        motion = self._generate(windows, self._nearest_noise(windows))
        adversarial = relativistic_loss(judged(motion), judged(windows.motion).detach())
        nearest = motion_error(motion, windows.motion, windows.known).mean()
        total = self.losses.adversarial * adversarial + self.losses.reconstruction * nearest
        self.precision.descend(total, self.optimiser)
        return {
            "judge": loss.detach(),
            "adversarial": adversarial.detach(),
            "nearest": nearest.detach(),
        }

    def _nearest_noise(self, windows: Example) -> Tensor:
        """Of several noises the one whose motion is nearest: variety costs nothing."""
        noises = torch.randn(self.losses.nearest_of, *windows.motion.shape).to(windows.motion)
        if len(noises) == 1:
            return noises[0]
        with torch.no_grad():
            errors = torch.stack(
                [
                    motion_error(self._generate(windows, noise), windows.motion, windows.known)
                    for noise in noises
                ]
            )
        return noises[errors.argmin(0), torch.arange(len(windows.label))]


class HeatmapStage(JudgedStage):
    """The paper's: Eq. 1–3 on heatmaps, with a PatchGAN over space and time."""

    def make_judge(self, keypoints: int, labels: int) -> nn.Module:
        layers = 3 if self.psgan.config.frames >= 32 else 2  # fewer frames are halved less often
        base = self.losses.discriminator_base
        return PatchGAN(keypoints, base=base, layers=layers, dimensions=3)

    def learn(self, windows: Example, step: int) -> dict[str, Tensor | float]:
        network = self.psgan.generator
        assert isinstance(network, HeatmapGenerator)
        poses = windows.start[:, None] + windows.motion * STEP
        truth = draw_heatmaps(to_map(poses), windows.known).transpose(1, 2)  # N×K×T×64×64
        known = windows.known.transpose(1, 2)  # N×K×T
        label = functional.one_hot(windows.label, len(self.psgan.config.labels)).to(truth)
        with self.precision.autocast():
            maps = network(draw_heatmaps(to_map(windows.start), windows.present), label)
        figures: dict[str, Tensor | float] = {}
        shown = known[..., None, None]  # maps that a data set lacks are empty to the judge
        rebuilt = reconstruction_loss(maps.float(), truth, known, self.losses.alpha)
        total = self.losses.reconstruction * rebuilt
        if self.losses.adversarial:
            with self.precision.autocast():
                loss = discriminator_loss(self.judge(truth), self.judge((maps * shown).detach()))
            self.precision.descend(loss, self.judge_optimiser)
            with self.precision.autocast():
                adversarial = generator_loss(self.judge(maps * shown))
            total = total + self.losses.adversarial * adversarial
            figures |= {"judge": loss.detach(), "adversarial": adversarial.detach()}
        self.precision.descend(total, self.optimiser)
        return figures | {"reconstruction": rebuilt.detach()}
