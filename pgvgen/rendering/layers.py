"""A photo taken apart: a layer a body part, a plate without the person, the photo as it is.

A part's layer holds the part's own pixels; what other parts hide of it is filled from its own
colours, so that it can move without taking foreign pixels along and without leaving holes. The
same cut serves the training at 128×128 and the renderer at the photo's own size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.rendering.boxes import Box, box_of
from pgvgen.rendering.edges import Enlarger
from pgvgen.rendering.matting import carried_on, decided, foreground, refine_matte
from pgvgen.rendering.order import from_aside, hidden_arms, painters_order
from pgvgen.rendering.ownership import divide
from pgvgen.rendering.parts import MIRROR, PARTS, body_unit, coarse_depth
from pgvgen.rendering.plate import clean_plate
from pgvgen.rendering.twins import from_twin, matched, twin_transform, whole_twin

FOG = 0.05
"""What is half the person's over more than so many body units is all theirs or not at all."""

THEIRS = (0.35, 0.7)
"""It is theirs if the matte says more than the first on the body, more than the second beside it:
a limb in the shadow is a limb, but what is beside one is a thing, or a shadow."""

CORE = 0.07
"""How deep in the body's capsules that is on the body, in body units."""


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
        parts = _cut_parts(picture, matte, keypoints, confidence, unit)
    plate = clean_plate(picture, matte, mask, keypoints, confidence) if filled else picture
    return Layers(picture, parts, plate, matte)


def _cut_parts(
    picture: np.ndarray,
    matte: np.ndarray,
    keypoints: np.ndarray,
    confidence: np.ndarray,
    unit: float,
) -> np.ndarray:
    """P×H×W×4 uint8 RGBA, within a margin of a fifth of a body unit around the person."""
    import cv2

    parts = np.zeros((len(PARTS), *matte.shape, 4), np.uint8)
    around = box_of(matte > 0.01, round(0.2 * unit) + 2)
    if around is None:
        return parts
    corner = np.array([around[1].start, around[0].start], np.float32)
    points = keypoints - corner
    person = _decided(matte[around], points, confidence, unit)
    colours = foreground(picture[around], person)
    order = painters_order(keypoints, confidence)
    shares = divide(picture[around], person, points, confidence, order)
    seen = cv2.resize(person, shares.own.shape[:0:-1], interpolation=cv2.INTER_AREA)
    enlarger = Enlarger(picture[around], seen)
    whole = enlarger.frame
    cuts: dict[int, _Cut] = {}
    for i in range(len(PARTS)):
        found = box_of(seen * shares.own[i] + shares.hidden[i] > 0.004, margin=1)
        box = found and whole.box_from(found, seen.shape)
        if box is None:
            continue
        maps = np.stack([shares.own[i], shares.hidden[i], shares.shown[i]])
        own, hidden, shown = enlarger.enlarge(maps, box)
        clean = whole.enlarge(shares.clean[i], box)  # the rim beside an edge is not clean
        inside = person[box]
        alpha = np.minimum(inside * own + hidden, 1)
        cuts[i] = _Cut(box, inside * clean, inside * shown, alpha)
    mirrored = not from_aside(keypoints, confidence)
    for i, cut in cuts.items():
        twin = cuts.get(MIRROR[i])
        transform = twin_transform(i, points, confidence, unit, mirrored)
        lent = None
        if twin is not None and transform is not None:
            lent = from_twin(colours, twin.clean, transform, (cut.box, twin.box))
        parts[i][around][cut.box] = cut.filled(colours[cut.box], lent)
    for i in hidden_arms(confidence):
        transform = twin_transform(i, points, confidence, unit, mirrored)
        if transform is not None:
            parts[i][around] = whole_twin(parts[MIRROR[i]][around], transform, person)
    return parts


def _decided(
    matte: np.ndarray, points: np.ndarray, confidence: np.ndarray, unit: float
) -> np.ndarray:
    """The matte without what is half the person's: h×w float32 in [0, 1]."""
    depth = coarse_depth(points, confidence, matte.shape[::-1])
    beside = np.clip(0.5 - (depth - CORE) / 0.04, 0, 1)
    return decided(matte, THEIRS[0] + (THEIRS[1] - THEIRS[0]) * beside, FOG * unit)


@dataclass(frozen=True, eq=False)
class _Cut:
    """A part in its box: clean, shown and alpha are h×w float32 in [0, 1]."""

    box: Box
    clean: np.ndarray
    shown: np.ndarray
    alpha: np.ndarray

    def filled(self, colours: np.ndarray, twin: tuple[np.ndarray, np.ndarray] | None) -> np.ndarray:
        """RGBA uint8: the picture's colours where they are shown; elsewhere its twin's, or the
        clean ones carried on.

        Args:
            colours: h×w×3 uint8.
            twin: from `from_twin`.
        """
        import cv2

        sure = np.clip((self.clean - 0.5) * 4, 0, 1)
        seen = np.clip((self.shown / np.maximum(self.alpha, 1e-3) - 0.5) * 4, 0, 1)
        known, knows, there = colours, sure, np.zeros_like(sure)
        if twin is not None and twin[1].any():
            other, there = matched(twin[0], colours, twin[1], sure * twin[1])
            known = cv2.blendLinear(colours, other, sure + 1e-6, there * (1 - sure))
            knows = np.maximum(sure, there)
        if not knows.any():
            knows = np.clip(self.shown * 4, 0.01, 1)
        filled = cv2.blendLinear(known, carried_on(known, knows), there, 1 - there)
        filled = cv2.blendLinear(colours, filled, seen, 1 - seen)
        return np.dstack([filled, np.rint(self.alpha * 255).astype(np.uint8)])
