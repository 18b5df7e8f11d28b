"""One step of training of the generators that a discriminator judges: the paper's, and keypoint."""

from __future__ import annotations

from abc import abstractmethod

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.optim import Optimizer

from pgvgen.motion.config import PSGANConfig
from pgvgen.motion.coordinates import to_map
from pgvgen.motion.discriminator import MotionDiscriminator
from pgvgen.motion.heatmap import HeatmapGenerator
from pgvgen.motion.keypoint import STEP, KeypointGenerator
from pgvgen.motion.losses import (
    gradient_penalty,
    motion_error,
    reconstruction_loss,
    relativistic_loss,
)
from pgvgen.motion.psgan import PSGAN
from pgvgen.motion.sampling import sample
from pgvgen.nn import PatchGAN, discriminator_loss, frozen, generator_loss
from pgvgen.poses.heatmaps import draw_heatmaps
from pgvgen.poses.skeletons import SKELETONS
from pgvgen.training.motion_examples import Example
from pgvgen.training.motion_windows import MotionWindows
from pgvgen.training.psgan_settings import PSGANLosses
from pgvgen.training.psgan_stages import JITTER, PSGANStage, with_labels


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

    def about(self) -> dict[str, float]:
        return {"adversarial": self.losses.adversarial}

    def optimisers(self) -> dict[str, Optimizer]:
        return {**super().optimisers(), "judge": self.judge_optimiser}


class KeypointStage(JudgedStage):
    """One pass from noise, judged by a discriminator of motions; relativistic, R1 and R2.

    With a teacher, a flow, it is distilled: the same noise shall become the same motion.
    """

    def __init__(
        self, config: PSGANConfig, losses: PSGANLosses, held_out: MotionWindows, *, steps: int
    ) -> None:
        super().__init__(config, losses, held_out, steps=steps)
        self.teacher = with_labels(losses.teacher, config) if losses.teacher else None

    def make_judge(self, keypoints: int, labels: int) -> nn.Module:
        return MotionDiscriminator(keypoints, labels, width=self.losses.discriminator_base)

    def _generate(self, windows: Example, noise: Tensor) -> Tensor:
        """N×T×K×2 in one pass."""
        return self._sampled(self.psgan, windows, noise, steps=1)

    def _sampled(
        self,
        psgan: PSGAN,
        windows: Example,
        noise: Tensor,
        *,
        steps: int,
        guidance: Tensor | None = None,
    ) -> Tensor:
        assert isinstance(psgan.generator, KeypointGenerator)
        return sample(
            psgan.generator,
            noise,
            windows.motion,
            windows.given,
            windows.start + JITTER * torch.randn_like(windows.start),
            windows.present,
            windows.label,
            windows.strength,
            steps=steps,
            guidance=guidance,
        )

    def learn(self, windows: Example, step: int) -> dict[str, Tensor | float]:
        def judged(motion: Tensor) -> Tensor:
            seen = motion * windows.known[..., None]
            return self.judge(seen, windows.start, windows.present, windows.label)

        noise, near = self._aim(windows)
        if not self.losses.adversarial:
            nearest = motion_error(self._generate(windows, noise), near, windows.known).mean()
            self.precision.descend(self.losses.reconstruction * nearest, self.optimiser)
            return {"nearest": nearest.detach()}
        with torch.no_grad():
            fake = self._generate(windows, torch.randn_like(windows.motion))
        loss = relativistic_loss(judged(windows.motion), judged(fake))
        if self.losses.penalty and step % self.losses.penalty_every == 0:
            slope = gradient_penalty(judged, windows.motion) + gradient_penalty(judged, fake)
            loss = loss + self.losses.penalty / 2 * self.losses.penalty_every * slope
        self.precision.descend(loss, self.judge_optimiser)

        motion = self._generate(windows, noise)
        adversarial = relativistic_loss(judged(motion), judged(windows.motion).detach())
        nearest = motion_error(motion, near, windows.known).mean()
        total = self.losses.adversarial * adversarial + self.losses.reconstruction * nearest
        self.precision.descend(total, self.optimiser)
        return {
            "judge": loss.detach(),
            "adversarial": adversarial.detach(),
            "nearest": nearest.detach(),
        }

    def _aim(self, windows: Example) -> tuple[Tensor, Tensor]:
        """Noise, and the motion that it shall become."""
        if self.teacher is None:
            return self._nearest_noise(windows), windows.motion
        noise, teacher = torch.randn_like(windows.motion), self.teacher.to(windows.motion.device)
        guidance = teacher.guidance[windows.label]
        with torch.no_grad():
            return noise, self._sampled(
                teacher, windows, noise, steps=teacher.config.steps, guidance=guidance
            )

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
        told = keypoints + labels if self.losses.discriminator_told else 0
        base = self.losses.discriminator_base
        return PatchGAN(keypoints + told, base=base, layers=layers, dimensions=3)

    def _judged(self, maps: Tensor, start: Tensor, label: Tensor) -> Tensor:
        """The discriminator's logits of maps N×K×T×H×W."""
        if not self.losses.discriminator_told:
            return self.judge(maps)
        planes = label[..., None, None].expand(*label.shape, *start.shape[2:])
        told = torch.cat([start, planes], dim=1).to(maps)  # N×(K+n)×H×W
        still = told[:, :, None].expand(-1, -1, maps.shape[2], -1, -1)
        return self.judge(torch.cat([maps, still], dim=1))

    def learn(self, windows: Example, step: int) -> dict[str, Tensor | float]:
        network = self.psgan.generator
        assert isinstance(network, HeatmapGenerator)
        poses = windows.start[:, None] + windows.motion * STEP
        truth = draw_heatmaps(to_map(poses), windows.known).transpose(1, 2)  # N×K×T×64×64
        known = windows.known.transpose(1, 2)  # N×K×T
        label = functional.one_hot(windows.label, len(self.psgan.config.labels)).to(truth)
        start = draw_heatmaps(to_map(windows.start), windows.present)  # N×K×64×64

        def judged(maps: Tensor) -> Tensor:
            return self._judged(maps, start, label)

        with self.precision.autocast():
            maps = network(start, label)
        figures: dict[str, Tensor | float] = {}
        shown = known[..., None, None]  # maps that a data set lacks are empty to the judge
        rebuilt = reconstruction_loss(maps.float(), truth, known, self.losses.alpha)
        total = self.losses.reconstruction * rebuilt
        if self.losses.adversarial:
            with self.precision.autocast():
                loss = discriminator_loss(judged(truth), judged((maps * shown).detach()))
            if loss > self.losses.discriminator_floor:
                self.precision.descend(loss, self.judge_optimiser)
            with self.precision.autocast(), frozen(self.judge):
                adversarial = generator_loss(judged(maps * shown))
            total = total + self.losses.adversarial * adversarial
            figures |= {"judge": loss.detach(), "adversarial": adversarial.detach()}
        self.precision.descend(total, self.optimiser)
        return figures | {"reconstruction": rebuilt.detach()}
