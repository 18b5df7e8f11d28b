"""Stage two as a user meets it: a photo and a motion become the frames of a video."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import torch

from pgvgen.errors import InputError, NoPersonError
from pgvgen.pictures import read_image
from pgvgen.poses import BODY_18, PoseSequence
from pgvgen.poses.heatmaps import draw_heatmaps, to_heatmap
from pgvgen.poses.segmentation import person_mask
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.compositor import Compositor, Placement
from pgvgen.rendering.corrections import relative_corrections
from pgvgen.rendering.framing import Frame, motion_square, painted_frame
from pgvgen.rendering.layers import cut_layers
from pgvgen.rendering.parts import PARTS, body_unit, part_priors
from pgvgen.rendering.scgan import SCGAN
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import Scene, as_tensor
from pgvgen.weights import device as choose_device

BATCH = 8
"""Frames that the network paints at once."""

NOD = (np.deg2rad(10), np.deg2rad(25))
"""A head that would roll so much more than its face follows its neck, or its face alone."""

_NECK = BODY_18.index("neck")
_HEAD = [part.name for part in PARTS].index("head")


def render(
    photo: str | Path | np.ndarray,
    motion: PoseSequence,
    *,
    scgan: SCGAN | str | Path = "action",
    size: int | None = None,
    crop: bool = False,
    transparent: bool = False,
    device: str = "auto",
) -> Iterator[np.ndarray]:
    """The frames of the person in the photo performing the motion (Section 3.3).

    The square in which the motion takes place goes through the network at its own 128×128; what
    it answers moves the photo's parts at the photo's size. The same pose gives the same frame, and
    the photo's own pose gives the photo.

    Args:
        photo: file, or H×W×3 uint8 RGB.
        motion: poses in the photo's pixels; the first is the person's own pose in the photo.
        scgan: weights by name, folder or Hub id, or the network itself.
        size: the longer side of the frames in px; the photo's own by default.
        crop: give the square around the motion, not the whole photo.
        transparent: cut the person out of the photo.
        device: auto, cpu, cuda or mps.

    Yields:
        H×W×3 uint8 RGB, one frame a pose; H×W×4 RGBA, straight alpha, where transparent.

    Raises:
        InputError: the photo cannot be read, or the motion does not belong to it.
        NoPersonError: the motion's first pose is empty.
        WeightsError: the weights are missing or of another kind.
    """
    picture = photo if isinstance(photo, np.ndarray) else read_image(photo)
    motion = _fitted(motion, (picture.shape[1], picture.shape[0]))
    if not isinstance(scgan, SCGAN):
        scgan = SCGAN.from_pretrained(scgan)
    scgan = scgan.to(choose_device(device)).eval()
    picture, motion = _scaled(picture, motion, size)
    return _frames(picture, motion, scgan, crop, transparent)


def _frames(
    picture: np.ndarray, motion: PoseSequence, scgan: SCGAN, crop: bool, transparent: bool
) -> Iterator[np.ndarray]:
    stage = _Stage(picture, motion)
    shown = stage.square.inside(motion.size)
    paint = _transported if scgan.config.generator == "transported" else _painted
    around = np.zeros((*picture.shape[:2], 4), np.uint8) if transparent else picture
    for frame in paint(stage, scgan, transparent):
        whole = stage.frame.paste(frame, around)
        yield shown.cut(whole) if crop else whole


class _Stage:
    """Where the motion takes place: a square for the network, a frame of the photo to be painted.

    Attributes:
        square: into which the whole motion fits.
        frame: what of the photo is painted.
        poses: T×18×2 px of the photo.
        confidence: T×18.
        mask: H×W float32 in [0, 1], the person in the photo.
    """

    def __init__(self, picture: np.ndarray, motion: PoseSequence) -> None:
        self.picture = picture
        self.poses, self.confidence = motion.keypoints, motion.confidence
        self.mask = person_mask(picture, self.poses[0], self.confidence[0])
        self.square = motion_square(motion)
        unit = float(body_unit(self.poses[0], self.confidence[0]))
        self.frame = painted_frame(self.square, self.mask, unit)

    def small(self, edge: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Picture, mask and T×18×2 poses with the square drawn edge px wide."""
        import cv2

        picture, mask = (
            cv2.resize(self.square.cut(image), (edge, edge), interpolation=cv2.INTER_AREA)
            for image in (self.picture, self.mask)
        )
        return picture, mask, to_heatmap(self.poses, self._box, edge)

    def heatmaps(self, edge: int) -> torch.Tensor:
        """T×18×edge×edge."""
        poses = torch.from_numpy(to_heatmap(self.poses, self._box, edge))
        return draw_heatmaps(poses, torch.from_numpy(self.confidence.copy()), edge)

    def batches(self) -> Iterator[slice]:
        """Slices of frames that the network paints at once."""
        for first in range(0, len(self.poses), BATCH):
            yield slice(first, first + BATCH)

    @property
    def _box(self) -> tuple[int, int, int, int]:
        return self.square.left, self.square.top, self.square.right, self.square.bottom


def _transported(stage: _Stage, scgan: SCGAN, transparent: bool) -> Iterator[np.ndarray]:
    """Frames at full size: the network's masks move the photo's own pixels."""
    device = next(scgan.parameters()).device
    picture, mask, poses = stage.small(scgan.config.size)
    seen = stage.confidence
    scene = Scene.of(cut_layers(picture, mask, poses[0], seen[0])).to(device)
    small, usable = _transforms(poses, seen)
    heatmaps = stage.heatmaps(scgan.config.heatmap)

    frame = stage.frame
    large = frame.shift(stage.poses)
    layers = cut_layers(frame.cut(stage.picture), frame.cut(stage.mask), large[0], seen[0])
    compositor = Compositor(layers, stage.square.relative_to(frame))
    compose = compositor.cutout if transparent else compositor.frame
    transforms, _ = _transforms(large, seen)
    with torch.inference_mode():
        features = scgan.encode_photo(scene.photo)
    for batch in stage.batches():
        with torch.inference_mode():
            answer = scgan.transport(
                features,
                scene,
                torch.from_numpy(small[batch]).to(device),
                torch.from_numpy(usable[batch]).to(device),
                heatmaps[batch].to(device),
            )
            corrections = relative_corrections(
                answer.corrections.float().cpu().numpy(), answer.masks.float().cpu().numpy()
            )
            painted = (answer.painted.float().cpu().numpy().transpose(0, 2, 3, 1) + 1) * 127.5
        for i, t in enumerate(range(len(large))[batch]):
            place = Placement(large[t], seen[t], transforms[t], usable[t])
            yield compose(place, corrections[i], painted[i])


def _transforms(poses: np.ndarray, seen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """`part_transforms` from the first pose to every pose, with heads that nod and do not roll.

    In a bow the neck comes to lie above the face. That is a nod, though a similarity on face and
    neck takes it for a roll; where it would roll much more than the face does, the face decides.
    """
    transforms, usable = part_transforms(poses[0], seen[0], poses, seen)
    alone = seen.copy()
    alone[:, _NECK] = 0
    face, there = part_transforms(poses[0], alone[0], poses, alone)
    with_neck, by_face = transforms[:, _HEAD], face[:, _HEAD]
    roll = [np.arctan2(m[:, 1, 0] - m[:, 0, 1], m[:, 0, 0] + m[:, 1, 1]) for m in
            (with_neck, by_face)]  # fmt: skip
    apart = np.abs(np.angle(np.exp(1j * (roll[0] - roll[1]))))
    share = np.clip((apart - NOD[0]) / (NOD[1] - NOD[0]), 0, 1) * there[:, _HEAD]
    transforms[:, _HEAD] += (share[:, None, None] * (by_face - with_neck)).astype(np.float32)
    return transforms, usable


def _painted(stage: _Stage, scgan: SCGAN, transparent: bool) -> Iterator[np.ndarray]:
    """Frames at full size: the network's own pixels, softly laid over the photo."""
    edge = scgan.config.size
    device = next(scgan.parameters()).device
    picture, mask, poses = stage.small(edge)
    square, background = stage.square.relative_to(stage.frame), stage.frame.cut(stage.picture)
    heatmaps = stage.heatmaps(scgan.config.heatmap)
    with torch.inference_mode():
        features = scgan.encode_photo(as_tensor(picture)[None].to(device))
    for batch in stage.batches():
        with torch.inference_mode():
            frames = scgan.paint(features, heatmaps[batch].to(device)).float().cpu().numpy()
        bodies = part_priors(poses[batch], stage.confidence[batch], (edge, edge), 0.3).max(1)
        for frame, body in zip(frames, bodies, strict=True):
            share = np.minimum(1.5 * body, 1) if transparent else np.maximum(mask, body)
            large = _enlarged(frame, share, square, background.shape[:2])
            yield _bytes(large) if transparent else _lay_over(large, background)


def _enlarged(
    frame: np.ndarray, share: np.ndarray, square: Frame, size: tuple[int, ...]
) -> np.ndarray:
    """A small frame (3×h×w in [−1, 1]) drawn large, its softened share as alpha: H×W×4, 0…255."""
    import cv2

    colours = (frame.transpose(1, 2, 0) + 1) * 127.5
    return square.enlarge(np.dstack([colours, 255 * cv2.blur(share, (7, 7))]), size)


def _lay_over(large: np.ndarray, background: np.ndarray) -> np.ndarray:
    """H×W×4 over a background of that size, where its alpha is 255."""
    share = large[..., 3:].clip(0, 255) / 255
    return _bytes(share * large[..., :3] + (1 - share) * background)


def _bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _fitted(motion: PoseSequence, size: tuple[int, int]) -> PoseSequence:
    """The motion in the pixels of a photo of that size."""
    if motion.skeleton != BODY_18:
        raise InputError(
            f"the motion's skeleton is {motion.skeleton.name}: render needs {BODY_18.name}"
        )
    if not len(motion):
        raise InputError("the motion has no frames: make one with `pgvgen motion`")
    if not (motion.confidence[0] >= SEEN).any():
        raise NoPersonError("the motion's first pose is empty: begin with the photo's own pose")
    if motion.size == size:
        return motion
    scale = size[0] / motion.size[0], size[1] / motion.size[1]
    if abs(scale[0] / scale[1] - 1) > 0.02:
        raise InputError(
            f"the motion was made for a picture of {motion.size[0]}×{motion.size[1]} px, the "
            f"photo has {size[0]}×{size[1]}: make it from this photo with `pgvgen motion`"
        )
    return _rescaled(motion, size)


def _scaled(
    picture: np.ndarray, motion: PoseSequence, size: int | None
) -> tuple[np.ndarray, PoseSequence]:
    """Photo and motion with the photo's longer side at `size`."""
    import cv2

    height, width = picture.shape[:2]
    if size is None or size == max(height, width):
        return picture, motion
    scale = size / max(height, width)
    wanted = max(2, round(width * scale)), max(2, round(height * scale))
    method = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    return cv2.resize(picture, wanted, interpolation=method), _rescaled(motion, wanted)


def _rescaled(motion: PoseSequence, size: tuple[int, int]) -> PoseSequence:
    scale = np.array(size, np.float32) / np.array(motion.size, np.float32)
    return motion.replace(keypoints=(motion.keypoints + 0.5) * scale - 0.5, size=size)
