"""A photo taken apart: a layer a body part, a plate without the person, the photo as it is.

A part's layer holds the part's own pixels; what other parts hide of it is filled from its own
colours, so that it can move without taking foreign pixels along and without leaving holes. The
same cut serves the training at 128×128 and the renderer at the photo's own size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.rendering.boxes import box_of
from pgvgen.rendering.edges import Enlarger
from pgvgen.rendering.matting import carried_on, foreground, refine_matte
from pgvgen.rendering.ownership import divide
from pgvgen.rendering.parts import PARTS, body_unit
from pgvgen.rendering.plate import clean_plate


@dataclass(frozen=True, eq=False)
class Layers:
    """What a photo is made of, all in the photo's own pixels.

    Attributes:
        photo: H×W×3 uint8, the photo as it is.
        parts: P×H×W×4 uint8 RGBA, straight alpha, in the order of `PARTS`.
        plate: H×W×3 uint8, the photo without the person; the photo's own pixels elsewhere.
        matte: H×W float32 in [0, 1], how much of a pixel is the person's.
    """

    photo: np.ndarray
    parts: np.ndarray
    plate: np.ndarray
    matte: np.ndarray


def cut_layers(
    picture: np.ndarray,
    mask: np.ndarray,
    keypoints: np.ndarray,
    confidence: np.ndarray,
    *,
    filled: bool = True,
    divided: bool = True,
) -> Layers:
    """Take a photo apart.

    Args:
        picture: H×W×3 uint8 RGB.
        mask: H×W float32 in [0, 1], where the person is (coarse is enough: it is refined).
        keypoints: 18×2 px, the person's pose in the picture.
        confidence: 18.
        filled: whether the plate is made, too; it is the picture otherwise.
        divided: whether the parts are; there are none otherwise.
    """
    unit = float(body_unit(keypoints, confidence))
    matte = refine_matte(picture, mask, band=max(1.5, 0.05 * unit))
    parts = np.empty((0, *matte.shape, 4), np.uint8)
    if divided:
        parts = _cut_parts(picture, matte, keypoints, confidence, round(0.2 * unit) + 2)
    plate = clean_plate(picture, matte, mask, keypoints, confidence) if filled else picture
    return Layers(picture, parts, plate, matte)


def _cut_parts(
    picture: np.ndarray,
    matte: np.ndarray,
    keypoints: np.ndarray,
    confidence: np.ndarray,
    margin: int,
) -> np.ndarray:
    """P×H×W×4 uint8 RGBA, within a margin of px around the person."""
    import cv2

    parts = np.zeros((len(PARTS), *matte.shape, 4), np.uint8)
    around = box_of(matte > 0.01, margin)
    if around is None:
        return parts
    person = matte[around]
    colours = foreground(picture[around], person)
    corner = np.array([around[1].start, around[0].start], np.float32)
    shares = divide(picture[around], person, keypoints - corner, confidence)
    seen = cv2.resize(person, shares.own.shape[:0:-1], interpolation=cv2.INTER_AREA)
    enlarger = Enlarger(picture[around], seen)
    whole = enlarger.frame
    for i, part in enumerate(parts[:, around[0], around[1]]):
        found = box_of(seen * shares.own[i] + shares.hidden[i] > 0.004, margin=1)
        box = found and whole.box_from(found, seen.shape)
        if box is None:
            continue
        maps = np.stack([shares.own[i], shares.hidden[i], shares.shown[i]])
        own, hidden, shown = enlarger.enlarge(maps, box)
        clean = whole.enlarge(shares.clean[i], box)  # the rim beside an edge is not clean
        inside = person[box]
        alpha = np.minimum(inside * own + hidden, 1)
        part[box] = _fill(colours[box], inside * clean, inside * shown, alpha)
    return parts


def _fill(
    colours: np.ndarray, clean: np.ndarray, shown: np.ndarray, alpha: np.ndarray
) -> np.ndarray:
    """RGBA uint8: the picture's colours where they are shown; the clean ones carried on elsewhere.

    Args:
        colours: h×w×3 uint8.
        clean, shown, alpha: h×w float32 in [0, 1].
    """
    import cv2

    sure = np.clip((clean - 0.5) * 4, 0, 1)
    if not sure.any():
        sure = np.clip(shown * 4, 0.01, 1)
    seen = np.clip((shown / np.maximum(alpha, 1e-3) - 0.5) * 4, 0, 1)
    filled = cv2.blendLinear(colours, carried_on(colours, sure), seen, 1 - seen)
    return np.dstack([filled, np.rint(alpha * 255).astype(np.uint8)])
