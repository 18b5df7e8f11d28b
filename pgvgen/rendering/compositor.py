"""Moves a full-size photo: parts where their transforms put them, laid over one another.

The network's answer is small (128×128) and smooth; the parts' mattes are as sharp as the photo.
So the painter's order of the mattes decides at full size, and the network's corrections, drawn
larger, shift it (`corrections`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.rendering.boxes import Box, affine_grid, box_of, moved_box, union, within
from pgvgen.rendering.corrections import Corrections
from pgvgen.rendering.framing import Frame
from pgvgen.rendering.joints import bend
from pgvgen.rendering.layers import Layers
from pgvgen.rendering.matting import push_pull
from pgvgen.rendering.parts import body_unit

STILL = (0.004, 0.02)
"""In body units: a part moved by less than the first is at rest, by more than the second moves.

Between the two the photo fades into the frame: the photo's own pose gives the photo, exactly."""

_OWNER_PIXELS = 192


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


@dataclass(frozen=True, eq=False)
class _Laid:
    """The layers of one frame over one another, within a region of the picture.

    Attributes:
        region: rows and columns of the picture; the arrays below are h×w of it.
        moved: 0 where every part is at rest, 1 where one has moved visibly.
        colour, weight: h×w×3 and h×w, of the person: the parts and what the network painted.
        photo, plate: h×w, the weights of the photo as it is and of the background plate.
    """

    region: Box
    moved: float
    colour: np.ndarray
    weight: np.ndarray
    photo: np.ndarray
    plate: np.ndarray


class Compositor:
    """Frames of one photo.

    Args:
        layers: the photo taken apart, at full size.
        square: what of it the network sees, in the layers' px; all of it by default.
    """

    def __init__(self, layers: Layers, square: Frame | None = None) -> None:
        self.layers = layers
        height, width = layers.matte.shape
        self._square = square or Frame(0, 0, width, height)
        self._boxes = [box_of(part[..., 3]) for part in layers.parts]
        self._hole = (layers.plate != layers.photo).any(-1)
        self._hole_box = box_of(self._hole)
        self._owners = _owners(layers)

    def frame(
        self,
        place: Placement,
        corrections: np.ndarray | None = None,
        painted: np.ndarray | None = None,
    ) -> np.ndarray:
        """One frame: H×W×3 uint8. Pixels that the person never covers are the photo's own.

        Args:
            place: where the parts go.
            corrections: (P+3)×h×w float32 over the square, of [photo, parts…, plate,
                painted], relative to what the painter's order shows (`relative_corrections`);
                none: the painter's order as it is.
            painted: h×w×3 float32 in [0, 255], the network's own pixels.
        """
        photo = self.layers.photo
        out = photo.copy()
        laid = self._lay(place, corrections, painted)
        if laid is None or laid.moved == 0:
            return out
        region, colour, total = laid.region, laid.colour, laid.weight + laid.photo + laid.plate
        colour += laid.photo[..., None] * photo[region]
        colour += laid.plate[..., None] * self.layers.plate[region]
        colour /= np.maximum(total, 1e-6)[..., None]
        if laid.moved < 1:
            colour += (1 - laid.moved) * (photo[region] - colour)
        mixed = np.rint(colour).clip(0, 255).astype(np.uint8)
        untouched = laid.photo > 0.998 * total
        out[region] = np.where(untouched[..., None], photo[region], mixed)
        return out

    def cutout(
        self,
        place: Placement,
        corrections: np.ndarray | None = None,
        painted: np.ndarray | None = None,
    ) -> np.ndarray:
        """One frame's person alone: H×W×4 uint8 RGBA, straight alpha; arguments as in `frame`.

        Colours are the person's own, without what shone through at the outline, and go on a little
        beyond it, so that codecs that store colour coarsely draw no rim.
        """
        out = np.zeros((*self.layers.matte.shape, 4), np.uint8)
        laid = self._lay(place, corrections, painted)
        if laid is None:
            return out
        region, matte = laid.region, self.layers.matte[laid.region]
        # Between parts at rest the photo itself shows, and there it shows the person.
        own = laid.photo * matte
        colour = laid.colour + own[..., None] * self.layers.photo[region]
        weight = laid.weight + own
        alpha = weight / np.maximum(laid.weight + laid.photo + laid.plate, 1e-6)
        alpha += (1 - laid.moved) * (matte - alpha)
        out[region] = np.rint(np.dstack([_carried_on(colour, weight), 255 * alpha])).clip(0, 255)
        return out

    def _lay(
        self, place: Placement, corrections: np.ndarray | None, painted: np.ndarray | None
    ) -> _Laid | None:
        """How the layers lie over one another; None where no part is."""
        unit = float(body_unit(place.keypoints, place.confidence))
        boxes = [
            moved_box(box, transform, self.layers.photo.shape, 0.1 * unit) if usable else None
            for box, transform, usable in zip(
                self._boxes, place.transforms, place.usable, strict=True
            )
        ]
        region = union([*boxes, self._hole_box])
        if region is None:
            return None
        moved = self._movement(place, unit)
        network = Corrections(corrections, self._square, region)
        through, colour, weight = self._lay_parts(place, boxes, region, network, unit)
        absent = self._absent(place, region, unit)
        if painted is not None:
            extra = np.asarray(network.extra(-1))
            colour += extra[..., None] * network.enlarge(painted)
            weight += extra
        photo = through * (1 - absent) * network.factor(0)
        plate = through * absent * network.factor(-2) + network.extra(-2)
        return _Laid(region, moved, colour, weight, photo, plate)

    def _movement(self, place: Placement, unit: float) -> float:
        """0 where every part is at rest, 1 where one of them has moved visibly."""
        furthest = 0.0
        for box, transform, usable in zip(self._boxes, place.transforms, place.usable, strict=True):
            if box is not None and usable:
                rows, columns = box
                corners = np.array(
                    [[x, y, 1] for x in (columns.start, columns.stop)
                     for y in (rows.start, rows.stop)], float,
                )  # fmt: skip
                shift = corners @ transform.T - corners[:, :2]
                furthest = max(furthest, float(np.hypot(*shift.T).max()))
        low, high = STILL[0] * unit, STILL[1] * unit
        return float(np.clip((furthest - low) / (high - low), 0, 1))

    def _lay_parts(
        self,
        place: Placement,
        boxes: list[Box | None],
        region: Box,
        network: Corrections,
        unit: float,
    ) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """Front to back: what still shows through (h×w), the weighed colours and weights."""
        import cv2

        height, width = (axis.stop - axis.start for axis in region)
        through = np.ones((height, width), np.float32)
        colour = np.zeros((height, width, 3), np.float32)
        total = np.zeros((height, width), np.float32)
        for part in reversed(range(len(boxes))):
            box, source = boxes[part], self._boxes[part]
            if box is None or source is None:
                continue
            grid = affine_grid(box, place.transforms[part])
            keep = np.ones(grid.shape[:2], np.float32)
            bend(
                grid, keep, (box[1].start, box[0].start), part, place.transforms, place.usable,
                place.keypoints, place.confidence, unit,
            )  # fmt: skip
            grid -= np.array([source[1].start, source[0].start], np.float32)
            moved = cv2.remap(
                self.layers.parts[part][source], grid[..., 0], grid[..., 1], cv2.INTER_LINEAR
            )
            at = within(box, region)
            alpha = moved[..., 3] * (keep / 255)
            weight = alpha * (
                through[at] * network.factor(1 + part, at) + network.extra(1 + part, at)
            )
            colour[at] += weight[..., None] * moved[..., :3]
            total[at] += weight
            through[at] *= 1 - alpha
        return through, colour, total

    def _absent(self, place: Placement, region: Box, unit: float) -> np.ndarray:
        """h×w in [0, 1]: where the person stood and is no longer, so that the plate shows.

        Around a part at rest the photo itself stays: with its shadow, and what the hand holds.
        """
        import cv2

        height, width = self._hole.shape
        rows, columns = self._owners.shape[:2]
        yy, xx = np.mgrid[:rows, :columns].astype(np.float32)
        x = (xx + 0.5) * (width / columns) - 0.5
        y = (yy + 0.5) * (height / rows) - 0.5
        moving = np.zeros((rows, columns), np.float32)
        low, high = STILL[0] * unit, STILL[1] * unit
        for owner, transform, usable in zip(
            np.moveaxis(self._owners, -1, 0), place.transforms, place.usable, strict=True
        ):
            m = transform if usable else np.eye(2, 3)
            dx = m[0, 0] * x + m[0, 1] * y + m[0, 2] - x
            dy = m[1, 0] * x + m[1, 1] * y + m[1, 2] - y
            moving += owner * np.clip((np.hypot(dx, dy) - low) / (high - low), 0, 1)
        large = cv2.resize(moving, (width, height), interpolation=cv2.INTER_LINEAR)
        return large[region] * self._hole[region]


def _carried_on(colour: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Weighed colours (h×w×3) through their weights (h×w), and the nearest where there are none."""
    import cv2

    sums = np.dstack([colour, weight])
    sums += 0.01 * cv2.blur(sums, (9, 9))
    return sums[..., :3] / np.maximum(sums[..., 3:], 1e-4)


def _owners(layers: Layers) -> np.ndarray:
    """Which part a pixel in or near the person belongs to: h×w×P float32, sum 1, small."""
    import cv2

    height, width = layers.matte.shape
    scale = min(1.0, _OWNER_PIXELS / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    shares = np.dstack(
        [cv2.resize(part[..., 3], size, interpolation=cv2.INTER_AREA) for part in layers.parts]
    )
    shares = shares.astype(np.float32) / 255
    total = shares.sum(-1)
    shares /= np.maximum(total, 1e-3)[..., None]
    known = np.minimum(total, 1)
    triples = [push_pull(shares[..., i : i + 3], known) for i in range(0, shares.shape[-1], 3)]
    return np.concatenate(triples, -1)
