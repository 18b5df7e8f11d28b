"""What stage two learns from: two frames of one clip, the photo and the frame to be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import torch

from pgvgen.data.store import Clip
from pgvgen.errors import InputError
from pgvgen.poses.sequence import SEEN
from pgvgen.poses.skeletons import BODY_18
from pgvgen.rendering.layers import cut_layers
from pgvgen.rendering.parts import body_unit
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import Scene, as_tensor
from pgvgen.training.abnormal import Abnormality, abnormal_maps, abnormal_pose, true_maps
from pgvgen.training.stage import Batch


@dataclass(frozen=True)
class Augmentation:
    """How the pair is varied, both frames alike.

    Attributes:
        zoom: the picture's edge in frames is drawn from this range (below 1: padded).
        colour: spread of each channel's gain, and of the brightness.
    """

    zoom: tuple[float, float] = (0.85, 1.25)
    colour: float = 0.15


@dataclass(frozen=True, eq=False)
class Shot:
    """One frame at the network's size, with its pose and its person."""

    picture: np.ndarray
    person: np.ndarray
    keypoints: np.ndarray
    confidence: np.ndarray


@dataclass(frozen=True)
class FramePairs:
    """Draws pairs from clips; every source (data set) has its share, every clip the same chance.

    Args:
        clips: with pictures, masks and at least two frames.
        size: the frame's edge in px.
        batch_size: pairs a batch.
        shares: source → weight (1 where it is not named).
        augmentation: None for the frames as they are.
        abnormality: of the predicted poses.
        layers: False leaves the scene's parts out, for the painted generator.
    """

    clips: Sequence[Clip]
    size: int = 128
    batch_size: int = 8
    shares: dict[str, float] = field(default_factory=dict)
    augmentation: Augmentation | None = None
    abnormality: Abnormality = field(default_factory=Abnormality)
    layers: bool = True

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

    def example(self, clip: Clip, first: int, second: int, rng: np.random.Generator) -> Batch:
        """One pair, without a batch axis.

        `photo`, `person`, `parts`, `plate`: the scene of the first frame. `target` 3×h×w and
        `target_person` 1×h×w: the second. `maps_predicted`, `maps_true` K×64×64, and
        `transforms_*` P×2×3, `usable_*` P: the second's pose as P̂ and as P.
        """
        window = _Window.draw(self.size, self.augmentation, rng)
        source, target = window.cut(clip, first), window.cut(clip, second)
        unit = float(body_unit(target.keypoints, target.confidence))
        guessed = abnormal_pose(target.keypoints, unit, self.abnormality, rng)
        out = self._scene(source)
        out["target"] = as_tensor(target.picture)
        out["target_person"] = torch.from_numpy(target.person)[None]
        out["maps_true"] = true_maps(target.keypoints, target.confidence, self.size)
        out["maps_predicted"] = abnormal_maps(
            guessed, target.confidence, self.size, self.abnormality, rng
        )
        for stream, points in (("predicted", guessed), ("true", target.keypoints)):
            transforms, usable = part_transforms(
                source.keypoints, source.confidence, points, target.confidence
            )
            out[f"transforms_{stream}"] = torch.from_numpy(transforms)
            out[f"usable_{stream}"] = torch.from_numpy(usable)
        return out

    def _scene(self, source: Shot) -> Batch:
        photo, person = as_tensor(source.picture), torch.from_numpy(source.person)[None]
        if not self.layers:
            return {"photo": photo, "person": person}
        layers = cut_layers(source.picture, source.person, source.keypoints, source.confidence)
        scene = Scene.of(layers)
        return {
            "photo": photo,
            "person": scene.person[0],
            "parts": scene.parts[0],
            "plate": scene.plate[0],
        }


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
        edge = round(size * rng.uniform(*augmentation.zoom))
        spare = size - edge
        middle, reach = spare / 2, abs(spare) / 2 + 0.04 * size
        x, y = (round(middle + rng.uniform(-reach, reach)) for _ in range(2))
        gain = np.exp(augmentation.colour * (rng.normal(size=3) * 0.5 + rng.normal() * 0.7))
        return cls(size, edge, (x, y), bool(rng.random() < 0.5), gain.astype(np.float32))

    def cut(self, clip: Clip, index: int) -> Shot:
        """Frame `index` of a clip through this window."""
        import cv2

        assert clip.frames is not None
        assert clip.masks is not None
        picture = _read(clip.frames[index], cv2.IMREAD_COLOR)[..., ::-1]
        mask = _read(clip.masks[index], cv2.IMREAD_GRAYSCALE)
        scale = self.edge / max(clip.size)
        width, height = (round(side * scale) for side in clip.size)
        interpolation = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
        picture = cv2.resize(picture, (width, height), interpolation=interpolation)
        mask = cv2.resize(mask, (width, height), interpolation=interpolation)
        picture = self._place(picture, cv2.BORDER_REPLICATE)
        mask = self._place(mask, cv2.BORDER_CONSTANT)
        points = (clip.keypoints[index] + 0.5) * scale - 0.5 + np.array(self.shift)
        confidence = np.where(clip.confidence[index] >= SEEN, clip.confidence[index], 0)
        if self.mirror:
            order = list(BODY_18.mirror)
            picture, mask = picture[:, ::-1], mask[:, ::-1]
            points = np.stack([self.size - 1 - points[order, 0], points[order, 1]], -1)
            confidence = confidence[order]
        picture = np.clip(picture * self.gain, 0, 255).astype(np.uint8)
        person = np.ascontiguousarray(mask, np.float32) / 255
        return Shot(picture, person, points.astype(np.float32), confidence.astype(np.float32))

    def _place(self, picture: np.ndarray, border: int) -> np.ndarray:
        """The picture at `shift` in a square of `size`."""
        import cv2

        move = np.array([[1, 0, self.shift[0]], [0, 1, self.shift[1]]], np.float32)
        return cv2.warpAffine(picture, move, (self.size, self.size), borderMode=border)


def _read(path: Path, mode: int) -> np.ndarray:
    import cv2

    picture = cv2.imread(str(path), mode)
    if picture is None:
        raise InputError(f"{path} is missing or not a picture: make the store anew")
    return picture
