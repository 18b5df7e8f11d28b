"""Training stage two (Section 3.3): G on both pose streams against D1, D2 and D_which."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import fields, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn.functional import max_pool2d
from torch.optim import Adam, Optimizer

from pgvgen.data.clip import Clip
from pgvgen.data.store import ClipStore
from pgvgen.errors import InputError, UsageError, WeightsError
from pgvgen.nn import frozen
from pgvgen.nn.efficientnet import EfficientNetLite0, feature_distance
from pgvgen.poses.skeletons import BODY_18
from pgvgen.rendering.encoders import Stream
from pgvgen.rendering.losses import boldness, edge_loss, indecision, weighted_l1
from pgvgen.rendering.scgan import SCGAN, SCGANConfig
from pgvgen.rendering.transport import PAINTED, Scene
from pgvgen.rendering.transported import Answer, TransportedGenerator
from pgvgen.training.cuts import Cutter
from pgvgen.training.ema import EMA
from pgvgen.training.frame_pairs import FramePairs
from pgvgen.training.judges import Judges
from pgvgen.training.remarks import say_not_held_out, say_unmatched
from pgvgen.training.scgan_settings import SCGANLosses, SCGANRecipe
from pgvgen.training.scgan_sheet import draw_sheet
from pgvgen.training.stage import Batch, Batches, Stage

STREAMS: dict[str, tuple[Stream, ...]] = {
    "both": ("predicted", "true"),
    "predicted": ("predicted",),
    "true": ("true",),
}


def build(recipe: SCGANRecipe, store: ClipStore) -> tuple[Stage, Batches]:
    """The stage to train and where its batches come from.

    Raises:
        InputError: the store has no training clip with pictures and masks.
        UsageError: a network of other poses than a store has, or than pairs are drawn with.
        WeightsError: a perceptual loss is asked for and its backbone is not installed.
    """
    data = recipe.data
    if (poses := (recipe.model.keypoints, recipe.model.heatmap)) != (len(BODY_18), 64):
        raise UsageError(f"keypoints and heatmap are {poses}, pairs are drawn with (18, 64)")
    cutter = Cutter()

    def pairs(split: str, size: int, augmented: bool) -> FramePairs:
        clips = [
            clip
            for clip in store.clips(split=split, frames=True)
            if clip.masks is not None and len(clip) > 1 and data.shares.get(clip.source, 1) > 0
        ]
        return FramePairs(
            clips,
            size=recipe.model.size,
            batch_size=size,
            shares=data.shares,
            augmentation=data.augmentation if augmented else None,
            abnormality=data.abnormality,
            predictions=data.predictions,
            cutter=cutter,
            layers=recipe.model.generator == "transported",
        )

    training = pairs("train", recipe.train.batch_size, data.augmented)
    if not training.clips:
        raise InputError(
            f"{store.folder} has no training clips with pictures: prepare a store with some"
        )
    sources = {clip.source for clip in store.all_clips}
    say_unmatched(store.folder, "data.shares", data.shares, sources)
    held_out = pairs("val", 1, False)
    if not held_out.clips:
        say_not_held_out(store)
        held_out = pairs("train", 1, False)
    return SCGANStage(recipe.model, recipe.losses, held_out), training


def frames_of(
    network: SCGAN,
    batch: Batch,
    pose: Stream,
    stream: Stream | None = None,
    *,
    unpainted: bool = False,
) -> tuple[Tensor, Answer | None]:
    """A batch's frames N×3×h×w, and what a transported generator answered.

    Args:
        pose: P̂ or P.
        stream: the encoder that it goes through; its own by default.
        unpainted: of a transported generator, without what it paints.
    """
    stream = stream or pose
    features, maps = network.encode_photo(batch["photo"]), batch[f"maps_{pose}"]
    if network.config.generator == "painted":
        return network.paint(features, maps, stream), None
    scene = Scene(*(batch[field.name] for field in fields(Scene)))
    transforms, usable = batch[f"transforms_{pose}"], batch[f"usable_{pose}"]
    answer = network.transport(features, scene, transforms, usable, maps, stream)
    answer = answer.unpainted() if unpainted else answer
    return answer.frames, answer


class SCGANStage(Stage):
    """One step: the discriminators against the frames as they are, then the generator.

    Args:
        config: of the network.
        losses: what is minimised.
        held_out: pairs to validate on and to look at.
        examples: how many of them.
    """

    def __init__(
        self, config: SCGANConfig, losses: SCGANLosses, held_out: FramePairs, examples: int = 48
    ) -> None:
        self.losses, self.streams = losses, STREAMS[losses.streams]
        self.network = _begun(losses.begin, config) if losses.begin else SCGAN(config)
        if losses.repaint and isinstance(self.network.generator, TransportedGenerator):
            self.network.generator.repaint()
        self.average = EMA(self.network, losses.decay) if losses.decay else None
        self.held_out = _fixed_examples(held_out, examples)
        self.backbone = EfficientNetLite0.load() if losses.perceptual else None
        self.optimiser = self._adam(self.network)
        if losses.adversarial:
            width = losses.discriminator_width
            self.judges = Judges(self.streams, which=losses.which, width=width)
            self.judge_optimiser = self._adam(self.judges)

    def _adam(self, module: nn.Module) -> Adam:
        betas = (self.losses.beta1, 0.999)
        return Adam(module.parameters(), lr=self.losses.learning_rate, betas=betas)

    def modules(self) -> dict[str, nn.Module]:
        modules: dict[str, nn.Module] = {"network": self.network}
        if self.average is not None:
            modules["average"] = self.average
        if self.losses.adversarial:
            modules["judges"] = self.judges
        return modules

    def optimisers(self) -> dict[str, Optimizer]:
        optimisers: dict[str, Optimizer] = {"network": self.optimiser}
        if self.losses.adversarial:
            optimisers["judges"] = self.judge_optimiser
        return optimisers

    def step(self, batch: Batch, step: int) -> dict[str, Tensor | float]:
        figures: dict[str, Tensor | float] = {}
        with self.precision.autocast():
            # Evenly, and after a resumption as without one.
            share = self.losses.unpainted
            bare = int((step + 1) * share) > int(step * share)
            answers = {
                stream: self._frames(self.network, batch, stream, unpainted=bare)
                for stream in self.streams
            }
            frames = {stream: answers[stream][0] for stream in self.streams}
        if self.losses.adversarial:
            with self.precision.autocast():
                loss = self.judges.loss(frames, batch["target"])
            self.precision.descend(loss, self.judge_optimiser)
            figures["judges"] = loss.detach()
        with self.precision.autocast():
            loss = batch["target"].new_zeros(())
            wanted = self._features(batch["target"])
            if self.losses.adversarial:
                with frozen(self.judges):
                    loss = self.losses.adversarial * self.judges.adversary(frames)
                figures["adversarial"] = loss.detach()
            for stream, (pictures, answer) in answers.items():
                loss = loss + self._likeness(pictures, wanted, batch, stream, figures)
                if answer is not None:
                    loss = loss + self._tax(answer, step, stream, figures)
        self.precision.descend(loss, self.optimiser, clip=self.losses.clip or None)
        if self.average is not None:
            self.average.update(self.network)
        return figures

    def _frames(
        self, network: SCGAN, batch: Batch, pose: Stream, *, unpainted: bool = False
    ) -> tuple[Tensor, Answer | None]:
        """`frames_of`; a network of one stream learns to use the encoder of inference."""
        stream = pose if len(self.streams) == 2 else "predicted"
        return frames_of(network, batch, pose, stream, unpainted=unpainted)

    @torch.no_grad()
    def _features(self, target: Tensor) -> list[Tensor]:
        """What the perceptual loss compares with, once for both streams; [] without one."""
        return [] if self.backbone is None else self.backbone.to(target.device)(target)

    def _likeness(
        self,
        frames: Tensor,
        wanted: list[Tensor],
        batch: Batch,
        stream: Stream,
        figures: dict[str, Tensor | float],
    ) -> Tensor:
        """L1 with λ, and what the recipe adds to it."""
        losses, target = self.losses, batch["target"]
        weight = 1 + (losses.person - 1) * person_area(batch)
        terms = {"l1": (losses.reconstruction, weighted_l1(frames, target, weight))}
        if losses.edges:
            terms["edges"] = (losses.edges, edge_loss(frames, target, weight))
        if self.backbone is not None:
            distance = feature_distance(self.backbone(frames), wanted).mean()
            terms["perceptual"] = (losses.perceptual, distance)
        return _weighed(terms, stream, figures)

    def _tax(
        self, answer: Answer, step: int, stream: Stream, figures: dict[str, Tensor | float]
    ) -> Tensor:
        """What masks cost that do not decide, or paint, or were corrected beyond all need."""
        due, losses = step >= self.losses.untaxed, self.losses
        terms = {
            "indecision": (due * losses.indecision, indecision(answer.masks)),
            "painting": (due * losses.painting, answer.masks[:, PAINTED].mean()),
            "boldness": (losses.boldness, boldness(answer.corrections)),
        }
        return _weighed(terms, stream, figures)

    @property
    def released(self) -> SCGAN:
        """The network that is to be used."""
        return self.network if self.average is None else self.average.network

    @torch.no_grad()
    def validate(self) -> dict[str, float]:
        """On held-out pairs: L1 all over and on the person, with P̂ if that is learnt from."""
        total: dict[str, list[float]] = {"l1": [], "person_l1": [], "static_person_l1": []}
        for batch in self._held_out_batches():
            frames, _ = self._frames(self.released, batch, self.streams[0])
            person = person_area(batch) + 1e-6
            total["l1"] += _errors(frames, batch["target"], torch.ones_like(person))
            total["person_l1"] += _errors(frames, batch["target"], person)
            total["static_person_l1"] += _errors(batch["photo"], batch["target"], person)
        return {name: float(np.mean(values)) for name, values in total.items()}

    @torch.no_grad()
    def sheet(self) -> np.ndarray:
        """Rows of photo, target, frame, masks and moved parts, always of the same pairs."""
        batch = next(self._held_out_batches(12))
        frames, answer = self._frames(self.released, batch, self.streams[0])
        return draw_sheet(batch, frames, None if answer is None else answer.masks)

    def release(self, folder: Path) -> None:
        self.released.save_pretrained(folder)

    def _held_out_batches(self, size: int = 8) -> Iterator[Batch]:
        device = self.precision.device
        for start in range(0, len(self.held_out), size):
            part = self.held_out[start : start + size]
            yield {name: torch.stack([e[name] for e in part]).to(device) for name in part[0]}


def _begun(weights: str, config: SCGANConfig) -> SCGAN:
    """The network as it was trained before; streams that shared a convolution may part.

    Raises:
        WeightsError: there are no such weights, or they are of another network.
    """
    network = SCGAN.from_pretrained(weights).train()
    encoders = network.generator.pose_encoders
    if network.config.shared and not config.shared:
        network.config = replace(network.config, shared=False)
        encoders.part()
    if network.config != config:
        raise WeightsError(f"{weights} is {network.config}, the recipe's network is {config}")
    encoders.true.load_state_dict(encoders.predicted.state_dict())
    return network


def person_area(batch: Batch) -> Tensor:
    """N×1×h×w in [0, 1]: where the person is in either frame, with a rim."""
    return max_pool2d(torch.maximum(batch["person"], batch["target_person"]), 7, 1, 3)


def _weighed(
    terms: dict[str, tuple[float, Tensor]], stream: Stream, figures: dict[str, Tensor | float]
) -> Tensor:
    """The sum of what each costs; notes down the figures."""
    for name, (_, value) in terms.items():
        figures[f"{name}_{stream}"] = value.detach()
    return torch.stack([weight * value for weight, value in terms.values()]).sum()


def _errors(frames: Tensor, target: Tensor, weight: Tensor) -> list[float]:
    off = (frames - target).abs().mean(1, keepdim=True) * weight
    return (off.sum((1, 2, 3)) / weight.sum((1, 2, 3))).tolist()


def _fixed_examples(pairs: FramePairs, count: int) -> list[Batch]:
    """The same pairs every time: spread over the clips, the frames far apart in time."""
    rng = np.random.default_rng(0)
    clips: list[Clip] = list(pairs.clips)
    picked = [clips[i] for i in rng.permutation(len(clips))[:count]]
    examples = []
    for clip in picked:
        first = int(rng.integers(len(clip)))
        second = (first + max(1, len(clip) // 2)) % len(clip)
        examples.append(pairs.example(clip, first, second, rng))
    return examples
