"""Skeletons in OpenPose's colours, as controlnet-aux draws them and ControlNet was taught to read.

controlnet-aux draws on a picture whose shorter side is 512; other sizes get the same picture
larger or smaller.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence

import numpy as np

from pgvgen.poses.sequence import SEEN, PoseSequence
from pgvgen.poses.skeletons import RGB, Skeleton

_NATIVE_SIDE = 512
_FAR = 32767  # cv2 counts pixels in few bits
_WHITE = (255, 255, 255)


def draw_sequence(
    sequence: PoseSequence, background: np.ndarray | None = None
) -> Iterator[np.ndarray]:
    """One picture a frame.

    Args:
        sequence: the poses.
        background: H×W×3 uint8 RGB of the sequence's size, black by default.

    Yields:
        H×W×3 uint8 RGB; absent and guessed joints and their limbs are not drawn.

    Raises:
        ValueError: the background has another size.
    """
    width, height = sequence.size
    if background is None:
        background = np.zeros((height, width, 3), np.uint8)
    elif background.shape != (height, width, 3):
        raise ValueError(f"background is {background.shape}, the poses' picture {width}×{height}")
    for keypoints, confidence in zip(sequence.keypoints, sequence.confidence, strict=True):
        yield draw_pose(background, keypoints, confidence, sequence.skeleton)


def draw_stills(
    sequence: PoseSequence, chosen: Sequence[int], background: np.ndarray
) -> Iterator[np.ndarray]:
    """Some of a body's poses, each with the way that hands and feet came since the one before.

    Args:
        sequence: the poses.
        chosen: frames, in order.
        background: H×W×3 uint8 RGB of the sequence's size.

    Yields:
        H×W×3 uint8 RGB.
    """
    for before, t in zip([0, *chosen], chosen, strict=False):
        yield next(draw_sequence(sequence[t], _trails(background, sequence[before : t + 1])))


def _trails(background: np.ndarray, path: PoseSequence) -> np.ndarray:
    """Lines in the joints' colours that grow from nothing to where the joints are at last."""
    import cv2

    canvas = np.ascontiguousarray(background).copy()
    scale = min(canvas.shape[:2]) / _NATIVE_SIDE
    keypoints = np.clip(path.keypoints, -_FAR, _FAR).astype(int)
    for joint, colour in enumerate(path.skeleton.joint_colours):
        if not path.skeleton.joints[joint].endswith(("wrist", "ankle")):
            continue
        for t in range(1, len(path)):
            if (path.confidence[t - 1 : t + 1, joint] < SEEN).any():
                continue
            near = t / (len(path) - 1)
            ends = keypoints[t - 1, joint].tolist(), keypoints[t, joint].tolist()
            faded = [int(0.8 * near * channel) for channel in colour]
            cv2.line(canvas, *ends, faded, max(1, round(4 * near * scale)), cv2.LINE_AA)
    return canvas


def draw_pose(
    picture: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray, skeleton: Skeleton
) -> np.ndarray:
    """A pose over a picture.

    The body is limbs as ellipses in 0.6 of their colour and joints as dots in theirs; the face is
    white dots, as controlnet-aux has it.

    Args:
        picture: H×W×3 uint8 RGB; not changed.
        keypoints: K×2 (x, y) in its pixels.
        confidence: K; joints below `SEEN`, absent or guessed, are not drawn, nor are their limbs.
        skeleton: what the K keypoints are.

    Returns:
        H×W×3 uint8 RGB.
    """
    import cv2

    canvas = np.ascontiguousarray(picture).copy()
    scale = min(canvas.shape[:2]) / _NATIVE_SIDE
    present = np.asarray(confidence) >= SEEN
    keypoints = np.clip(keypoints, -_FAR, _FAR)
    for limb, colour in zip(skeleton.limbs, skeleton.limb_colours, strict=True):
        if present[list(limb)].all():
            _draw_limb(canvas, keypoints[limb[0]], keypoints[limb[1]], colour, scale)
    radius = max(1, round((4 if skeleton.joint_colours else 3) * scale))
    colours = skeleton.joint_colours or (_WHITE,) * len(skeleton)
    for i in np.flatnonzero(present):
        x, y = (int(value) for value in keypoints[i])
        cv2.circle(canvas, (x, y), radius, colours[i], thickness=-1)
    return canvas


def _draw_limb(
    canvas: np.ndarray, start: np.ndarray, end: np.ndarray, colour: RGB, scale: float
) -> None:
    import cv2

    (dx, dy), centre = (start - end).tolist(), ((start + end) / 2).tolist()
    polygon = cv2.ellipse2Poly(
        (int(centre[0]), int(centre[1])),
        (int(math.hypot(dx, dy) / 2), max(1, round(4 * scale))),
        int(math.degrees(math.atan2(dy, dx))),
        0,
        360,
        1,
    )
    cv2.fillConvexPoly(canvas, np.asarray(polygon), [int(0.6 * channel) for channel in colour])
