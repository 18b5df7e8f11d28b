"""Stage two as a user meets it: a photo and a motion become the frames of a video."""

from __future__ import annotations

from collections.abc import Generator, Iterator, Sequence
from itertools import islice
from pathlib import Path

import numpy as np
import torch

from pgvgen.devices import find_device
from pgvgen.errors import InputError, NoPersonError, UsageError
from pgvgen.pictures import check_picture, read_image
from pgvgen.poses import BODY_18, PoseSequence
from pgvgen.poses.sequence import SEEN
from pgvgen.poses.timing import bridge_gaps
from pgvgen.rendering.actor import transported
from pgvgen.rendering.bystanders import bystanders
from pgvgen.rendering.framing import Frame, motion_square
from pgvgen.rendering.group import stacked
from pgvgen.rendering.parts import part_priors
from pgvgen.rendering.scgan import SCGAN
from pgvgen.rendering.transport import as_tensor
from pgvgen.rendering.view import View
from pgvgen.rendering.whose import apart
from pgvgen.sizes import rescaled

_SMALLEST = 16  # px of the longer side; below it a frame shows nobody


def render(
    photo: str | Path | np.ndarray,
    motion: PoseSequence | Sequence[PoseSequence],
    *,
    scgan: SCGAN | str | Path = "action",
    size: int | None = None,
    crop: bool = False,
    transparent: bool = False,
    device: str = "auto",
) -> Generator[np.ndarray, None, None]:
    """The frames of the person in the photo performing the motion (Section 3.3); or of several.

    The square in which the motion takes place goes through the network at its own 128×128; what
    it answers moves the photo's parts at the photo's size. The same pose gives the same frame, and
    the photo's own pose gives the photo. Of several people each goes through it for themselves, and
    who is nearer (larger in the photo) lies before the others. Who else is in the photo stays.

    Args:
        photo: file, or H×W×3 uint8 RGB.
        motion: poses in the photo's pixels; the first is the person's own pose in the photo, if
            `motion.photo` is not. Or one a person, of one frame rate: whose is over sooner, stays
            as it ends.
        scgan: weights by name, folder or Hub id, or the network itself.
        size: the longer side of the frames in px, at least 16; the photo's own, or that of what is
            cropped, by default.
        crop: give the square around the motion, or the rectangle around several people's squares,
            not the whole photo.
        transparent: cut the people out of the photo.
        device: auto, cpu, cuda or mps.

    Yields:
        H×W×3 uint8 RGB, one frame a pose; H×W×4 RGBA, straight alpha, where transparent.

    Raises:
        InputError: the photo cannot be read or has no pixels, or a motion does not belong to it.
        NoPersonError: a motion's first pose is empty.
        UsageError: a size below 16, no motion, or several of different frame rates.
        WeightsError: the weights are missing or of another kind.
        ValueError: an array that is no such picture.
    """
    if size is not None and size < _SMALLEST:
        raise UsageError(f"--size is {size}: give at least {_SMALLEST}")
    picture = photo if isinstance(photo, np.ndarray) else read_image(photo)
    check_picture(picture)
    motions = [motion] if isinstance(motion, PoseSequence) else list(motion)
    skipped = int(any(motion.photo is not None for motion in motions))
    motions = _together(motions, (picture.shape[1], picture.shape[0]))
    if not isinstance(scgan, SCGAN):
        scgan = SCGAN.from_pretrained(scgan)
    scgan = scgan.to(find_device(device)).eval()
    longer = size
    if crop and size:
        # What is cropped is to be so large, not the photo; if small, it is enlarged when cut out.
        whole, cropped = max(motions[0].size), _cropped(motions)
        scale = size / max(cropped.width, cropped.height)
        longer = min(round(scale * whole), whole)
        wanted = round(scale * cropped.width), round(scale * cropped.height)
    frames = _frames(*_scaled(picture, motions, longer), scgan, crop, transparent)
    if crop and size:
        frames = (_resized(frame, wanted) for frame in frames)
    return (frame for frame in islice(frames, skipped, None))


def _frames(
    picture: np.ndarray,
    motions: Sequence[PoseSequence],
    scgan: SCGAN,
    crop: bool,
    transparent: bool,
) -> Iterator[np.ndarray]:
    others = [_held(person, len(motions[0])) for person in bystanders(picture, motions)]
    people = [*motions, *others]
    alone = apart(picture, [(person.keypoints[0], person.confidence[0]) for person in people])
    views = [
        View(one.picture, people[one.index], one.mask, acts=one.index < len(motions))
        for one in alone
    ]
    cropped = _cropped(motions)
    paint = transported if scgan.config.generator == "transported" else _painted
    around = np.zeros((*picture.shape[:2], 4), np.uint8) if transparent else picture
    shown = Frame.around(view.shown for view in views)
    for frame in paint(picture, shown, views, scgan, transparent):
        whole = shown.paste(frame, around)
        yield cropped.cut(whole) if crop else whole


def _cropped(motions: Sequence[PoseSequence]) -> Frame:
    """The square around a motion, in the photo; of several the rectangle around their squares."""
    return Frame.around(motion_square(motion).inside(motion.size) for motion in motions)


def _painted(
    photo: np.ndarray, shown: Frame, views: Sequence[View], scgan: SCGAN, transparent: bool
) -> Iterator[np.ndarray]:
    """What is shown at full size: the network's own pixels, softly laid over the photo."""
    background = shown.cut(photo)
    acting = [view for view in views if view.acts]
    boxes = [view.shown.relative_to(shown).box for view in acting]
    for people in zip(*(_paint(view, scgan, transparent) for view in acting), strict=True):
        if transparent:
            cutouts = [_bytes(person) for person in people]
            yield stacked(background.shape[:2], zip(boxes, cutouts, strict=True))
            continue
        out = background.copy()
        for box, person in zip(boxes, people, strict=True):
            out[box] = _lay_over(person, out[box])
        yield out


def _paint(view: View, scgan: SCGAN, transparent: bool) -> Iterator[np.ndarray]:
    """One person as the network paints them: h×w×4 of what the view shows, 0…255."""
    edge = scgan.config.size
    device = next(scgan.parameters()).device
    picture, mask, poses = view.small(edge)
    with torch.inference_mode():
        features = scgan.encode_photo(as_tensor(picture)[None].to(device))
    for batch in view.batches():
        heatmaps = view.heatmaps(scgan.config.heatmap, batch).to(device)
        with torch.inference_mode():
            frames = scgan.paint(features, heatmaps).float().cpu().numpy()
        bodies = part_priors(poses[batch], view.confidence[batch], (edge, edge), 0.3).max(1)
        for frame, body in zip(frames, bodies, strict=True):
            share = np.minimum(1.5 * body, 1) if transparent else np.maximum(mask, body)
            yield _enlarged(frame, share, view.square, view.shown)


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


def _together(motions: Sequence[PoseSequence], size: tuple[int, int]) -> list[PoseSequence]:
    """The motions in the pixels of a photo of that size, beginning at once and of one length."""
    if not motions:
        raise UsageError("there is no motion: give at least one")
    if len({motion.fps for motion in motions}) > 1:
        rates = " and ".join(f"{fps:g}" for fps in sorted({motion.fps for motion in motions}))
        raise UsageError(f"the motions have {rates} frames a second: give all one, with --fps")
    if any(motion.photo is not None for motion in motions):
        motions = [_from_the_photo(motion) for motion in motions]
    fitted = [bridge_gaps(_fitted(motion, size)) for motion in motions]
    longest = max(map(len, fitted))
    return [_held(motion, longest) for motion in fitted]


def _from_the_photo(motion: PoseSequence) -> PoseSequence:
    """The motion, the person's pose in the photo before it."""
    start = motion.start
    return motion.replace(
        keypoints=np.concatenate([start.keypoints, motion.keypoints]),
        confidence=np.concatenate([start.confidence, motion.confidence]),
        photo=None,
    )


def _held(motion: PoseSequence, frames: int) -> PoseSequence:
    """The motion, its last pose held until there are so many frames."""
    at = np.minimum(np.arange(frames), len(motion) - 1)
    return motion.replace(keypoints=motion.keypoints[at], confidence=motion.confidence[at])


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
    picture: np.ndarray, motions: list[PoseSequence], size: int | None
) -> tuple[np.ndarray, list[PoseSequence]]:
    """Photo and motions with the photo's longer side at `size`."""
    height, width = picture.shape[:2]
    if size is None or size == max(height, width):
        return picture, motions
    scale = size / max(height, width)
    wanted = max(2, round(width * scale)), max(2, round(height * scale))
    return _resized(picture, wanted), [_rescaled(motion, wanted) for motion in motions]


def _resized(picture: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A picture with that width and height."""
    import cv2

    if picture.shape[1::-1] == size:
        return picture
    method = cv2.INTER_AREA if size[0] < picture.shape[1] else cv2.INTER_CUBIC
    return cv2.resize(picture, size, interpolation=method)


def _rescaled(motion: PoseSequence, size: tuple[int, int]) -> PoseSequence:
    return motion.replace(keypoints=rescaled(motion.keypoints, motion.size, size), size=size)
