"""Stage two as a user meets it: a photo and a motion become the frames of a video."""

from __future__ import annotations

from collections.abc import Generator, Iterator
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from pgvgen.cores import threads
from pgvgen.errors import InputError, NoPersonError, UsageError
from pgvgen.pictures import check_picture, read_image
from pgvgen.poses import BODY_18, PoseSequence
from pgvgen.poses.sequence import SEEN
from pgvgen.poses.timing import bridge_gaps
from pgvgen.rendering.compositor import Compositor
from pgvgen.rendering.framing import Frame, motion_square
from pgvgen.rendering.layers import cut_layers
from pgvgen.rendering.order import painters_order
from pgvgen.rendering.parts import part_priors
from pgvgen.rendering.pieces import Placement
from pgvgen.rendering.scgan import SCGAN
from pgvgen.rendering.side_by_side import share_cores, side_by_side, threads_of
from pgvgen.rendering.transforms import part_transforms
from pgvgen.rendering.transport import Scene, as_tensor
from pgvgen.rendering.view import View
from pgvgen.weights import device as choose_device

_COMPOSING = 2
"""So many frames are composed at the same time: more would want more memory."""

_SMALLEST = 16  # px of the longer side; below it a frame shows nobody


def render(
    photo: str | Path | np.ndarray,
    motion: PoseSequence,
    *,
    scgan: SCGAN | str | Path = "action",
    size: int | None = None,
    crop: bool = False,
    transparent: bool = False,
    device: str = "auto",
) -> Generator[np.ndarray, None, None]:
    """The frames of the person in the photo performing the motion (Section 3.3).

    The square in which the motion takes place goes through the network at its own 128×128; what
    it answers moves the photo's parts at the photo's size. The same pose gives the same frame, and
    the photo's own pose gives the photo.

    Args:
        photo: file, or H×W×3 uint8 RGB.
        motion: poses in the photo's pixels; the first is the person's own pose in the photo, if
            `motion.photo` is not.
        scgan: weights by name, folder or Hub id, or the network itself.
        size: the longer side of the frames in px, at least 16; the photo's own, or the square's, by
            default.
        crop: give the square around the motion, not the whole photo.
        transparent: cut the person out of the photo.
        device: auto, cpu, cuda or mps.

    Yields:
        H×W×3 uint8 RGB, one frame a pose; H×W×4 RGBA, straight alpha, where transparent.

    Raises:
        InputError: the photo cannot be read or has no pixels, or the motion does not belong to it.
        NoPersonError: the motion's first pose is empty.
        UsageError: a size below 16.
        WeightsError: the weights are missing or of another kind.
        ValueError: an array that is no such picture.
    """
    if size is not None and size < _SMALLEST:
        raise UsageError(f"--size is {size}: give at least {_SMALLEST}")
    picture = photo if isinstance(photo, np.ndarray) else read_image(photo)
    check_picture(picture)
    skipped = 0 if motion.photo is None else 1
    motion = _fitted(_from_the_photo(motion), (picture.shape[1], picture.shape[0]))
    motion = bridge_gaps(motion)
    if not isinstance(scgan, SCGAN):
        scgan = SCGAN.from_pretrained(scgan)
    scgan = scgan.to(choose_device(device)).eval()
    if crop and size:
        # The square is to be so large, not the photo; a small one is enlarged when it is cut out.
        side = motion_square(motion).inside(motion.size).width
        longer = min(round(size * max(motion.size) / side), max(motion.size))
        frames = _frames(*_scaled(picture, motion, longer), scgan, crop, transparent)
        frames = (_resized(frame, (size, size)) for frame in frames)
    else:
        frames = _frames(*_scaled(picture, motion, size), scgan, crop, transparent)
    return (frame for frame in islice(frames, skipped, None))


def _frames(
    picture: np.ndarray, motion: PoseSequence, scgan: SCGAN, crop: bool, transparent: bool
) -> Iterator[np.ndarray]:
    view = View(picture, motion)
    square = view.square.inside(motion.size)
    paint = _transported if scgan.config.generator == "transported" else _painted
    around = np.zeros((*picture.shape[:2], 4), np.uint8) if transparent else picture
    for frame in paint(view, scgan, transparent):
        whole = view.shown.paste(frame, around)
        yield square.cut(whole) if crop else whole


def _transported(view: View, scgan: SCGAN, transparent: bool) -> Iterator[np.ndarray]:
    """Frames at full size: the network's masks move the photo's own pixels.

    The network sees only the small scene, so the photo is cut at its full size meanwhile (in the
    thread that Ctrl-C ends), and frames are composed while it answers for the next ones.
    """
    device = next(scgan.parameters()).device
    picture, mask, poses = view.small(scgan.config.size)
    seen = view.confidence
    small, usable = part_transforms(poses[0], seen[0], poses, seen)
    order = painters_order(poses[0], seen[0])
    frame = view.frame
    large = frame.shift(view.poses)
    transforms, _ = part_transforms(large[0], seen[0], large, seen)

    def look() -> tuple[Scene, torch.Tensor]:
        scene = Scene.of(cut_layers(picture, mask, poses[0], seen[0]), order).to(device)
        with torch.inference_mode():
            return scene, scgan.encode_photo(scene.photo)

    def answer(batch: slice) -> tuple[np.ndarray, np.ndarray]:
        scene, features = looked.result()
        with torch.inference_mode():
            answer = scgan.transport(
                features,
                scene,
                torch.from_numpy(small[batch]).to(device),
                torch.from_numpy(usable[batch]).to(device),
                view.heatmaps(scgan.config.heatmap, batch).to(device),
            )
            corrections = answer.relative.float().cpu().numpy()
            painted = (answer.painted.float().cpu().numpy().transpose(0, 2, 3, 1) + 1) * 127.5
        return corrections, painted

    def answers() -> Iterator[tuple[Placement, np.ndarray, np.ndarray]]:
        for batch, (corrections, painted) in zip(batches, asked, strict=True):
            for i, t in enumerate(range(len(large))[batch]):
                place = Placement(large[t], seen[t], transforms[t], usable[t])
                yield place, corrections[i], painted[i]

    batches, composing = list(view.batches()), threads(_COMPOSING)
    with threads_of(1) as network, threads_of(composing) as composers:
        share_cores(network, composing)
        looked = network.submit(look)
        asked = side_by_side(network, answer, ((batch,) for batch in batches), 1)
        layers = cut_layers(frame.cut(view.picture), frame.cut(view.mask), large[0], seen[0])
        shown = view.shown.relative_to(frame).box
        compositor = Compositor(layers, view.square.relative_to(frame), shown, order)
        compose = compositor.cutout if transparent else compositor.frame
        yield from side_by_side(composers, compose, answers(), composing + 1)


def _painted(view: View, scgan: SCGAN, transparent: bool) -> Iterator[np.ndarray]:
    """Frames at full size: the network's own pixels, softly laid over the photo."""
    edge = scgan.config.size
    device = next(scgan.parameters()).device
    picture, mask, poses = view.small(edge)
    background = view.shown.cut(view.picture)
    with torch.inference_mode():
        features = scgan.encode_photo(as_tensor(picture)[None].to(device))
    for batch in view.batches():
        heatmaps = view.heatmaps(scgan.config.heatmap, batch).to(device)
        with torch.inference_mode():
            frames = scgan.paint(features, heatmaps).float().cpu().numpy()
        bodies = part_priors(poses[batch], view.confidence[batch], (edge, edge), 0.3).max(1)
        for frame, body in zip(frames, bodies, strict=True):
            share = np.minimum(1.5 * body, 1) if transparent else np.maximum(mask, body)
            large = _enlarged(frame, share, view.square, view.shown)
            yield _bytes(large) if transparent else _lay_over(large, background)


def _enlarged(frame: np.ndarray, share: np.ndarray, square: Frame, shown: Frame) -> np.ndarray:
    """A square's small frame (3×h×w in [−1, 1]), with its softened share as alpha, drawn large
    over what is shown: H×W×4, 0…255."""
    import cv2

    colours = (frame.transpose(1, 2, 0) + 1) * 127.5
    return square.enlarge(np.dstack([colours, 255 * cv2.blur(share, (7, 7))]), shown.box)


def _lay_over(large: np.ndarray, background: np.ndarray) -> np.ndarray:
    """H×W×4 over a background of that size, where its alpha is 255."""
    share = large[..., 3:].clip(0, 255) / 255
    return _bytes(share * large[..., :3] + (1 - share) * background)


def _bytes(picture: np.ndarray) -> np.ndarray:
    return np.rint(picture).clip(0, 255).astype(np.uint8)


def _from_the_photo(motion: PoseSequence) -> PoseSequence:
    """The motion, beginning with the person's pose in the photo."""
    if motion.photo is None:
        return motion
    start = motion.start
    return motion.replace(
        keypoints=np.concatenate([start.keypoints, motion.keypoints]),
        confidence=np.concatenate([start.confidence, motion.confidence]),
        photo=None,
    )


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
    if not motion.size_known:
        shown = motion.start.keypoints[motion.start.confidence >= SEEN]
        if ((shown < -0.5) | (shown > np.array(size) - 0.5)).any():
            raise InputError(
                f"the motion begins beyond the photo's {size[0]}×{size[1]} px: make it from this "
                "photo with `pgvgen motion`"
            )
        return motion.replace(size=size, size_known=True)
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
    height, width = picture.shape[:2]
    if size is None or size == max(height, width):
        return picture, motion
    scale = size / max(height, width)
    wanted = max(2, round(width * scale)), max(2, round(height * scale))
    return _resized(picture, wanted), _rescaled(motion, wanted)


def _resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture with that width and height."""
    import cv2

    if picture.shape[1::-1] == size:
        return picture
    method = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=method)


def _rescaled(motion: PoseSequence, size: tuple[int, int]) -> PoseSequence:
    scale = np.array(size, np.float32) / np.array(motion.size, np.float32)
    return motion.replace(keypoints=(motion.keypoints + 0.5) * scale - 0.5, size=size)
