"""What stage two learns from: two frames of one clip, the photo and the frame to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields

import numpy as np
import torch

from pgvgen.data.clip import Clip
from pgvgen.poses.skeletons import BODY_18
from pgvgen.rendering.layers import Layers
from pgvgen.rendering.order import painters_order
from pgvgen.rendering.parts import MIRROR, body_unit
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import Scene, as_tensor
from pgvgen.training.abnormal import Abnormality, abnormal_maps, abnormal_pose, true_maps
from pgvgen.training.cuts import Cut, Cutter, believed, certain, drawn
from pgvgen.training.stage import Batch, Batches


@dataclass(frozen=True)
class Augmentation:
    """How the pair is varied, both frames alike.

    Attributes:
        zooms: the picture's edge in frames is one of these (below 1: padded).
        colour: spread of each channel's gain, and of the brightness.
    """

    zooms: tuple[float, ...] = (0.85, 1.0, 1.2)
    colour: float = 0.15


@dataclass(frozen=True, eq=False)
class Shot:
    """One frame at the network's size, with its pose and its person."""

    picture: np.ndarray
    person: np.ndarray
    keypoints: np.ndarray
    confidence: np.ndarray


def in_square(picture: np.ndarray, size: int) -> np.ndarray:
    """A frame of a clip as pairs without an augmentation show it: size×size×3 uint8."""
    window = _Window.draw(size, None, np.random.default_rng(0))
    return np.ascontiguousarray(window.placed(drawn(picture, size)))


@dataclass(frozen=True)
class FramePairs(Batches):
    """Draws pairs from clips; every source (data set) has its share, every clip the same chance.

    Args:
        clips: with pictures, masks and at least two frames.
        size: the frame's edge in px.
        batch_size: pairs a batch.
        shares: source → weight (1 where it is not named).
        augmentation: None for the frames as they are.
        abnormality: of the predicted poses.
        predictions: how often P̂ is PSGAN's own prediction where a clip has one; else it is made
            of the true pose.
        layers: False leaves the scene's parts out, for the painted generator.
        cutter: reads the frames; one that several share cuts each once.
    """

    clips: Sequence[Clip]
    size: int = 128
    batch_size: int = 8
    shares: dict[str, float] = field(default_factory=dict)
    augmentation: Augmentation | None = None
    abnormality: Abnormality = field(default_factory=Abnormality)
    predictions: float = 1.0
    layers: bool = True
    cutter: Cutter = field(default_factory=Cutter)

    def batch(self, rng: np.random.Generator) -> Batch:
        """`batch_size` pairs; see `example` for the names."""
        by_source: dict[str, list[Clip]] = {}
        for clip in self.clips:
            by_source.setdefault(clip.source, []).append(clip)
        names = sorted(by_source)
        chances = np.array([self.shares.get(name, 1.0) for name in names])
        examples = []
        for _ in range(self.batch_size):
            clips = by_source[names[rng.choice(len(names), p=chances / chances.sum())]]
            clip = clips[rng.integers(len(clips))]
            first, second = rng.choice(len(clip), 2, replace=False)
            examples.append(self.example(clip, int(first), int(second), rng))
        return {name: torch.stack([e[name] for e in examples]) for name in examples[0]}

    def prepare(self, workers: int) -> None:
        """Cut every frame."""
        if self.layers:
            self.cutter.cut_all(self.clips, workers)

    def example(self, clip: Clip, first: int, second: int, rng: np.random.Generator) -> Batch:
        """One pair, without a batch axis.

        `Scene`'s fields: the first frame (without layers only `photo` and `person`). `target`
        3×h×w and `target_person` 1×h×w: the second. `maps_predicted`, `maps_true` K×64×64, and,
        with layers, `transforms_*` P×2×3, `usable_*` P: the second's pose as P̂ and as P.
        """
        window = _Window.draw(self.size, self.augmentation, rng)
        out, source = self._scene(window, clip, first)
        target = window.shot(clip, second, self.cutter)
        unit = float(body_unit(target.keypoints, target.confidence))
        if rng.random() < self.predictions and clip.predicted is not None:
            guessed = window.pose(clip, clip.predicted[second])
            out["maps_predicted"] = true_maps(guessed, target.confidence, self.size)
        else:
            how = self.abnormality
            guessed = abnormal_pose(target.keypoints, unit, how, rng)
            out["maps_predicted"] = abnormal_maps(guessed, target.confidence, self.size, how, rng)
        out["target"] = as_tensor(target.picture)
        out["target_person"] = torch.from_numpy(target.person)[None]
        out["maps_true"] = true_maps(target.keypoints, target.confidence, self.size)
        if not self.layers:
            return out
        for stream, points in (("predicted", guessed), ("true", target.keypoints)):
            transforms, usable = part_transforms(
                source.keypoints, source.confidence, points, target.confidence
            )
            out[f"transforms_{stream}"] = torch.from_numpy(transforms)
            out[f"usable_{stream}"] = torch.from_numpy(usable)
        return out

    def _scene(self, window: _Window, clip: Clip, index: int) -> tuple[Batch, Shot]:
        """What the network sees of the first frame, and the frame."""
        if not self.layers:
            shot = window.shot(clip, index, self.cutter)
            person = torch.from_numpy(shot.person)[None]
            return {"photo": as_tensor(shot.picture), "person": person}, shot
        layers = window.layers(self.cutter.cut(clip, index))
        pose = window.placed_pose(clip, index, believed(clip, index))
        shot = Shot(layers.photo, layers.matte, *pose)
        scene = Scene.of(layers, painters_order(shot.keypoints, shot.confidence))
        return {part.name: getattr(scene, part.name)[0] for part in fields(scene)}, shot


@dataclass(frozen=True)
class _Window:
    """One view of a clip's pictures: where it is cut, whether mirrored, how coloured."""

    size: int
    edge: int
    shift: tuple[int, int]
    mirror: bool
    gain: np.ndarray

    @classmethod
    def draw(
        cls, size: int, augmentation: Augmentation | None, rng: np.random.Generator
    ) -> _Window:
        if augmentation is None:
            return cls(size, size, (0, 0), False, np.ones(3, np.float32))
        edge = round(size * rng.choice(augmentation.zooms))
        spare = size - edge
        middle, reach = spare / 2, abs(spare) / 2 + 0.04 * size
        x, y = (round(middle + rng.uniform(-reach, reach)) for _ in range(2))
        gain = np.exp(augmentation.colour * (rng.normal(size=3) * 0.5 + rng.normal() * 0.7))
        return cls(size, edge, (x, y), bool(rng.random() < 0.5), gain.astype(np.float32))

    def shot(self, clip: Clip, index: int, cutter: Cutter) -> Shot:
        """Frame `index` of a clip through this window."""
        picture, mask = cutter.read(clip, index, self.edge)
        person = self.placed(mask, beyond=False).astype(np.float32) / 255
        pose = self.placed_pose(clip, index, certain(clip, index))
        return Shot(self._coloured(self.placed(picture)), person, *pose)

    def layers(self, cut: Cut) -> Layers:
        """A cut frame through this window."""
        layers = cut.layers(self.edge)
        parts = np.moveaxis(layers.parts, 0, 2).reshape(*layers.matte.shape, -1)
        parts = self.placed(parts, beyond=False).reshape(self.size, self.size, -1, 4)
        parts = np.moveaxis(parts, 2, 0)
        parts = parts[list(MIRROR)] if self.mirror else parts.copy()
        parts[..., :3] = self._coloured(parts[..., :3])
        return Layers(
            self._coloured(self.placed(layers.photo)),
            parts,
            self._coloured(self.placed(layers.plate)),
            self.placed(layers.matte, beyond=False),
        )

    def placed_pose(
        self, clip: Clip, index: int, confidence: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """The pose (18×2 px) and confidence (18) of frame `index` in this window."""
        points = self.pose(clip, clip.keypoints[index])
        return points, confidence[list(BODY_18.mirror)] if self.mirror else confidence

    def pose(self, clip: Clip, keypoints: np.ndarray) -> np.ndarray:
        """Keypoints (18×2 px of the clip) in this window."""
        points = (keypoints + 0.5) * (self.edge / max(clip.size)) - 0.5 + np.array(self.shift)
        if self.mirror:
            order = list(BODY_18.mirror)
            points = np.stack([self.size - 1 - points[order, 0], points[order, 1]], -1)
        return points.astype(np.float32)

    def _coloured(self, picture: np.ndarray) -> np.ndarray:
        return np.clip(picture * self.gain, 0, 255).astype(np.uint8)

    def placed(self, picture: np.ndarray, *, beyond: bool = True) -> np.ndarray:
        """h×w×C at `shift` in a square of `size`; beyond it the border goes on, or is nothing."""
        x, y = self.shift
        height, width = picture.shape[:2]
        rows, columns = np.arange(self.size) - y, np.arange(self.size) - x
        out = picture[np.clip(rows, 0, height - 1)[:, None], np.clip(columns, 0, width - 1)]
        if not beyond:
            out[(rows < 0) | (rows >= height)] = 0
            out[:, (columns < 0) | (columns >= width)] = 0
        return out[:, ::-1] if self.mirror else out
