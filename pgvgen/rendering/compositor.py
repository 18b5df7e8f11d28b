"""Moves a full-size photo: parts where their transforms put them, laid over one another.

The network's answer is small (128×128) and smooth; the parts' mattes are as sharp as the photo.
So the painter's order of the mattes decides at full size, and the network's corrections, drawn
larger, shift it (`corrections`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pgvgen.rendering.boxes import Box, box_of, cut, shape_of, union, within
from pgvgen.rendering.corrections import Corrections
from pgvgen.rendering.framing import Frame
from pgvgen.rendering.layers import Layers
from pgvgen.rendering.order import FROM_THE_FRONT
from pgvgen.rendering.owners import part_owners
from pgvgen.rendering.pieces import Pieces, Placement, far
from pgvgen.rendering.transport import PAINTED, PHOTO, PLATE

_OWNER_PIXELS = 192


@dataclass(frozen=True, eq=False)
class Laid:
    """The layers of one frame over one another, within a region of the picture.

    Attributes:
        region: rows and columns of the picture; the arrays below are h×w of it.
        moved: 0 where every part is at rest, 1 where one has moved visibly.
        colour, weight: h×w×4 uint8, its alpha without a meaning, and h×w float32, of the person:
            the parts and what the network painted.
        photo, plate: h×w float32, the weights of the photo as it is and of the background plate.
    """

    region: Box
    moved: float
    colour: np.ndarray
    weight: np.ndarray
    photo: np.ndarray
    plate: np.ndarray

    @classmethod
    def nothing(cls, region: Box, moved: float) -> Laid:
        """Before anything is laid: the whole photo is to be seen."""
        shape = shape_of(region)
        empty, photo = np.zeros((2, *shape), np.float32), np.ones(shape, np.float32)
        return cls(region, moved, np.zeros((*shape, 4), np.uint8), empty[0], photo, empty[1])

    def add(self, box: Box, colour: np.ndarray, weight: np.ndarray) -> None:
        """Mix more of the person in, within a box: h×w×4 uint8 and h×w float32."""
        import cv2

        at = within(box, self.region)
        self.colour[at] = cv2.blendLinear(self.colour[at], colour, self.weight[at], weight)
        self.weight[at] += weight


class Compositor:
    """Frames of one photo.

    Args:
        layers: the photo taken apart, at full size.
        square: what of it the network sees, in the layers' px; all of it by default.
        shown: what of it is wanted, h×w; all of it by default.
        order: the parts, back to front (`order.painters_order`).
    """

    def __init__(
        self,
        layers: Layers,
        square: Frame | None = None,
        shown: Box | None = None,
        order: Sequence[int] = FROM_THE_FRONT,
    ) -> None:
        self.layers, self._order = layers, order
        height, width = layers.matte.shape
        self._whole = Frame(0, 0, width, height)
        self._square = square or self._whole
        self._shown = shown or (slice(0, height), slice(0, width))
        self._pieces = Pieces(layers.parts, self._shown)
        self._hole = (layers.plate != layers.photo).any(-1)
        self._hole_box = cut(box_of(self._hole), self._shown)
        self._owners, self._near = _owners(layers, self._hole)
        rows, columns = np.nonzero(self._near)
        scale = np.array(self._near.shape[::-1]) / (width, height)
        self._places = ((np.stack([columns, rows], -1) + 0.5) / scale - 0.5).T.astype(np.float32)

    def frame(
        self,
        place: Placement,
        corrections: np.ndarray | None = None,
        painted: np.ndarray | None = None,
    ) -> np.ndarray:
        """One frame: h×w×3 uint8. Pixels that the person never covers are the photo's own.

        Args:
            place: where the parts go.
            corrections: (P+3)×h×w float32 over the square, of [photo, parts…, plate,
                painted], relative to what the painter's order shows (`Answer.relative`);
                none: the painter's order as it is.
            painted: h×w×3 float32 in [0, 255], the network's own pixels.
        """
        import cv2

        out = self.layers.photo[self._shown].copy()
        laid = self.lay(place, corrections, painted)
        if laid is None:
            return out
        photo, plate = self.layers.photo[laid.region], self.layers.plate[laid.region]
        person = cv2.cvtColor(laid.colour, cv2.COLOR_RGBA2RGB)
        behind = laid.photo + laid.plate
        mixed = cv2.blendLinear(photo, plate, laid.photo, laid.plate)
        mixed = cv2.blendLinear(mixed, person, behind, laid.weight)
        if laid.moved < 1:
            mixed = cv2.addWeighted(mixed, laid.moved, photo, 1 - laid.moved, 0)
        touched = laid.photo < 0.998 * (behind + laid.weight)
        cv2.copyTo(mixed, touched.astype(np.uint8), out[within(laid.region, self._shown)])
        return out

    def cutout(
        self,
        place: Placement,
        corrections: np.ndarray | None = None,
        painted: np.ndarray | None = None,
    ) -> np.ndarray:
        """One frame's person alone: h×w×4 uint8 RGBA, straight alpha; arguments as in `frame`.

        Colours are the person's own, without what shone through at the outline, and go on a little
        beyond it, so that codecs that store colour coarsely draw no rim.
        """
        out = np.zeros((*shape_of(self._shown), 4), np.uint8)
        laid = self._lay(place, corrections, painted)
        if laid is None:
            return out
        region, matte = laid.region, self.layers.matte[laid.region]
        # Between parts at rest the photo itself shows, and there it shows the person.
        own = laid.photo * matte
        weight = laid.weight + own
        colour = laid.weight[..., None] * laid.colour[..., :3]
        colour += own[..., None] * self.layers.photo[region]
        alpha = weight / np.maximum(laid.weight + laid.photo + laid.plate, 1e-6)
        alpha += (1 - laid.moved) * (matte - alpha)
        whole = np.dstack([_carried_on(colour, weight), 255 * alpha])
        out[within(region, self._shown)] = np.rint(whole).clip(0, 255)
        return out

    def lay(
        self,
        place: Placement,
        corrections: np.ndarray | None = None,
        painted: np.ndarray | None = None,
    ) -> Laid | None:
        """One frame's layers; None where the photo is as it was. Arguments as in `frame`."""
        still = self._pieces.movement(place) == 0
        return None if still else self._lay(place, corrections, painted)

    def _lay(
        self, place: Placement, corrections: np.ndarray | None, painted: np.ndarray | None
    ) -> Laid | None:
        """How the layers lie over one another; None where no part is."""
        moved = {part: self._pieces.move(place, part) for part in reversed(self._order)}
        pieces = {part: piece for part, piece in moved.items() if piece is not None}
        region = union([*(piece.box for piece in pieces.values()), self._hole_box])
        if region is None:
            return None
        network = Corrections(corrections, self._square)
        laid = Laid.nothing(region, self._pieces.movement(place))
        for part, piece in pieces.items():
            through = laid.photo[within(piece.box, region)]
            factor, extra = network.of(1 + part, piece.box)
            weight = through * factor
            # What clothes hide of a leg does not come before them, whatever the network says.
            weight += extra if piece.shown is None else extra * piece.shown
            weight *= piece.alpha
            laid.add(piece.box, piece.colour, weight)
            through *= 1 - piece.alpha
        self._lay_background(laid, place, network)
        if painted is not None:
            _, extra = network.of(PAINTED, region)
            if np.any(extra):
                weight = np.zeros(shape_of(region), np.float32) + extra
                colour = np.rint(self._square.enlarge(painted, region)).astype(np.uint8)
                laid.add(region, np.dstack([colour, colour[..., 0]]), weight)
        return laid

    def _lay_background(self, laid: Laid, place: Placement, network: Corrections) -> None:
        """Divide what is left to see between the photo as it is and the plate."""
        hole = self._hole_box
        if hole is not None:
            at = within(hole, laid.region)
            laid.plate[at] = laid.photo[at] * self._absent(place, hole)
            laid.photo[at] -= laid.plate[at]
        factor, extra = network.of(PLATE, laid.region)
        laid.plate[:] *= factor
        laid.plate[:] += extra
        laid.photo[:] *= network.of(PHOTO, laid.region)[0]

    def _absent(self, place: Placement, box: Box) -> np.ndarray:
        """h×w of a box in [0, 1]: where the person stood and is no longer: the plate shows.

        Around a part at rest the photo itself stays: with its shadow, and what the hand holds.
        """
        still = np.eye(2, 3, dtype=np.float32)
        move = (place.transforms - still) * place.usable[:, None, None]  # P×2×3
        x, y = self._places
        # No matrix product: for one so thin BLAS's threads cost more than they give.
        shift = move[..., :1] * x + move[..., 1:2] * y + move[..., 2:]  # P×2×N
        by = far(np.hypot(shift[:, 0], shift[:, 1]), place.unit)
        moving = np.zeros(self._near.shape, np.float32)
        moving[self._near] = (self._owners * by).sum(0)
        return self._whole.enlarge(moving, box) * self._hole[box]


def _carried_on(colour: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighed colours (h×w×3) through their weights (h×w), and the nearest where there are none."""
    import cv2

    sums = np.dstack([colour, weight])
    sums += 0.01 * cv2.blur(sums, (9, 9))
    return sums[..., :3] / np.maximum(sums[..., 3:], 1e-4)


def _owners(layers: Layers, hole: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which part a pixel in or near the person belongs to: P×N float32, sum 1.

    And which pixels of the photo at a small size these N are, h×w bool: those in or near the hole.
    """
    import cv2

    owners = part_owners(layers, _OWNER_PIXELS)
    size = owners.shape[1], owners.shape[0]
    small = cv2.resize(hole.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    near = cv2.dilate(small, np.ones((3, 3))) > 0
    return owners[near].T.copy(), near
