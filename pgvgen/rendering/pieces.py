"""A person's parts, cut from a photo, where a frame's pose puts them."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pgvgen.rendering.boxes import (
    Box,
    Raster,
    affine_grid,
    box_of,
    corners,
    cut,
    moved_box,
    outside,
    shape_of,
    within,
)
from pgvgen.rendering.joints import REACH, bend
from pgvgen.rendering.parts import SHINS, THIGHS, TORSO, body_unit
from pgvgen.rendering.thighs import trim_thighs

FINE = 0.014
"""How far apart the places are, in body units, at which a bend is worked out."""

STILL = (0.004, 0.02)
"""In body units: a part moved by less than the first is at rest, by more than the second moves.

Between the two the photo fades into the frame: the photo's own pose gives the photo, exactly."""

HEM = 0.12
"""How far beyond what clothes cover of a thigh or shin the hem may come to hang, in its lengths."""

HEMS = dict.fromkeys(THIGHS, TORSO) | dict(zip(SHINS, THIGHS, strict=True))
"""Whose clothes hide a part's upper end: a shirt a thigh's, shorts and skirts a shin's."""


@dataclass(frozen=True, eq=False)
class Placement:
    """Where one frame's parts go, in px of the layers.

    Attributes:
        keypoints: 18×2 px.
        confidence: 18.
        transforms: P×2×3, target px → source px.
        usable: P bool.
    """

    keypoints: np.ndarray
    confidence: np.ndarray
    transforms: np.ndarray
    usable: np.ndarray

    @cached_property
    def unit(self) -> float:
        """The body unit in px."""
        return float(body_unit(self.keypoints, self.confidence))


@dataclass(frozen=True, eq=False)
class Piece:
    """A part where it goes.

    Attributes:
        box: rows and columns of the picture; the arrays below are h×w of it.
        colour: h×w×4 uint8, RGBA before a bend takes some away.
        alpha: h×w float32 in [0, 1], how much is left.
        shown: h×w float32 in [0, 1], what of a thigh or shin the photo shows, well below the hem
            over it (`HEMS`); None of other parts.
    """

    box: Box
    colour: np.ndarray
    alpha: np.ndarray
    shown: np.ndarray | None


class Pieces:
    """The parts of one photo.

    Args:
        parts: P×H×W×4 uint8 RGBA, back to front.
        shown: what of the frames is wanted.
    """

    def __init__(self, parts: np.ndarray, shown: Box) -> None:
        self._parts, self._shown = parts, shown
        self._boxes = [box_of(part[..., 3]) for part in parts]
        self._under_hem = {part: self._covered(part, cloth) for part, cloth in HEMS.items()}

    def _covered(self, part: int, other: int) -> np.ndarray | None:
        """h×w uint8 of a part's box: what of it the other one covers in the photo, and a margin."""
        import cv2

        box = self._boxes[part]
        if box is None:
            return None
        side = 2 * round(HEM * max(shape_of(box))) + 1
        both = np.minimum(self._parts[part][box][..., 3], self._parts[other][box][..., 3])
        return np.asarray(cv2.dilate(both, np.ones((side, side), np.uint8)))

    def movement(self, place: Placement) -> float:
        """0 where every part is at rest, 1 where one of them has moved visibly."""
        furthest = 0.0
        for box, transform, usable in zip(self._boxes, place.transforms, place.usable, strict=True):
            if box is not None and usable:
                ends = corners(box)
                shift = ends @ transform[:, :2].T + transform[:, 2] - ends
                furthest = max(furthest, float(np.hypot(*shift.T).max()))
        return float(far(np.array(furthest), place.unit))

    def move(self, place: Placement, part: int) -> Piece | None:
        """A part where it goes; None where nothing of it is to be seen."""
        import cv2

        source, transform, unit = self._boxes[part], place.transforms[part], place.unit
        box = moved_box(source, transform, self._shown, REACH[part] * unit)
        if source is None or box is None or not place.usable[part]:
            return None
        raster = Raster(max(1, int(FINE * unit)))
        x, y = raster.centres(box)
        grid = affine_grid(x, y, transform)
        keep = np.ones(grid.shape[1:], np.float32)
        bend(
            grid, keep, (x, y), part, place.transforms, place.usable, place.keypoints,
            place.confidence, unit,
        )  # fmt: skip
        trim_thighs(keep, (x, y), part, place.transforms, place.keypoints, place.confidence, unit)
        grid -= np.array([[[source[1].start]], [[source[0].start]]], np.float32)
        pixels = self._parts[part][source]
        # Most of the box is empty: go on with where the part has any pixels.
        found = box_of(cv2.remap(pixels, grid[0], grid[1], cv2.INTER_NEAREST)[..., 3], margin=2)
        cells = raster.around(box)
        box = found and cut(raster.pixels(outside(found, cells)), box)
        if box is None:
            return None
        at = within(raster.around(box), cells)
        x, y, kept = (raster.enlarge(values[at], box) for values in (*grid, keep))
        colour = cv2.remap(pixels, x, y, cv2.INTER_LINEAR)
        kept *= cv2.extractChannel(colour, 3)
        kept /= 255
        shown = None
        covered = self._under_hem.get(part)
        if covered is not None:
            shown = 1 - cv2.remap(covered, x, y, cv2.INTER_LINEAR) / np.float32(255)
        return Piece(box, colour, kept, shown)


def far(shift: np.ndarray, unit: float) -> np.ndarray:
    """0 for what is at rest, 1 for what moves visibly (`STILL`), of shifts in px.

    A frame that shows nobody has no body unit, and nothing moves in it.
    """
    return np.clip((shift / max(unit, 1e-6) - STILL[0]) / (STILL[1] - STILL[0]), 0, 1)
