"""Frames of several people in one photo: everybody's cutout over what is behind them all.

A photo of several shows in everybody's place what no chain of single renders could tell apart:
the neighbour at rest, the neighbour gone, the hole. So it is asked first where anybody has left
their place: there a plate without any people shows. Over that, and over the photo elsewhere, each
person is laid for themselves, the farthest first. Where nobody has come or gone the photo itself
shows who stands there.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from pgvgen.rendering.boxes import Box, box_of, cut, outside
from pgvgen.rendering.compositor import Compositor, Laid
from pgvgen.rendering.framing import Frame
from pgvgen.rendering.layers import Layers
from pgvgen.rendering.matting import foreground
from pgvgen.rendering.pieces import Placement

Act = tuple[Placement, np.ndarray, np.ndarray | None]
"""What one person does in a frame: arguments of `Compositor.frame`."""

_FAINT = 1e-3  # weight of the colours that go on beyond an outline, where nobody sees them


@dataclass(frozen=True, eq=False)
class Member:
    """One of the people.

    Attributes:
        layers: of this person alone; the plate differs from the photo where the person, and
            nobody else, has to go.
        frame: what of the photo they are of.
        shown: what of the frame is in the photo.
        compositor: of the layers; without one the person stays as the photo shows them.
    """

    layers: Layers
    frame: Frame
    shown: Frame
    compositor: Compositor | None

    @cached_property
    def box(self) -> Box | None:
        """Rows and columns of the layers in which the person stands in the photo."""
        matte = self.layers.matte
        return cut(box_of(matte > 0), self.shown.relative_to(self.frame).box)

    @cached_property
    def colours(self) -> np.ndarray:
        """The layers' photo with the person's own colours at their outline: h×w×3 uint8."""
        layers, out = self.layers, self.layers.photo.copy()
        if self.box is not None:
            out[self.box] = foreground(layers.photo[self.box], layers.matte[self.box])
        return out

    def lay(self, act: Act | None) -> Laid | None:
        """The layers of what the person does; None where they are as in the photo."""
        return self.compositor.lay(*act) if self.compositor and act else None

    def place(self, region: Box) -> Box:
        """A region of the layers in the photo."""
        return outside(region, self.frame.box)


@dataclass(frozen=True, eq=False)
class _Layer:
    """One person in one frame, within a region of the photo.

    Attributes:
        at: rows and columns of the photo; the arrays below are h×w of it.
        own: h×w×3 uint8, `Member.colours`.
        colour: h×w×3 uint8, of the parts that have moved.
        weights: h×w float32 each, of `colour` and of `own`.
        share: h×w float32 in [0, 1], how much of what is behind the person hides.
        gone: h×w float32 in [0, 1], how much of what is behind is no longer the photo.
    """

    at: Box
    own: np.ndarray
    colour: np.ndarray
    weights: tuple[np.ndarray, np.ndarray]
    share: np.ndarray
    gone: np.ndarray

    @classmethod
    def of(cls, member: Member, laid: Laid | None) -> _Layer | None:
        """The same weights that `Compositor.frame` gives photo, plate and person, of which the
        photo's share is divided: by the matte it shows the person, or what is behind."""
        region = laid.region if laid else member.box
        if region is None:
            return None
        own, matte = member.colours[region], member.layers.matte[region]
        if laid is None:
            none = np.zeros_like(matte)
            return cls(member.place(region), own, own, (none, matte), matte, none)
        total = np.maximum(laid.weight + laid.photo + laid.plate, np.float32(1e-6))
        # The photo's own pose fades into the frame.
        photo = laid.moved * laid.photo + (1 - laid.moved) * total
        weights = laid.moved * laid.weight, photo * matte
        plate = laid.moved * laid.plate
        return cls(
            at=member.place(region),
            own=own,
            colour=laid.colour[..., :3],
            weights=weights,
            share=np.minimum((weights[0] + weights[1]) / total, 1),
            gone=plate / np.maximum(photo * (1 - matte) + plate, np.float32(1e-6)),
        )

    def over(self, out: np.ndarray, photo: np.ndarray, left: np.ndarray) -> None:
        """Lay the person over what is there, and take from what is left of the photo (in place)."""
        import cv2

        there = left[self.at]
        if self.colour is self.own and there.min() == 1:
            return  # the photo shows who stands there
        # What is still the photo's has the photo's outline, too.
        own = cv2.blendLinear(photo[self.at], self.own, there, 1 - there)
        colour = cv2.blendLinear(np.ascontiguousarray(self.colour), own, *self.weights)
        out[self.at] = cv2.blendLinear(out[self.at], colour, 1 - self.share, self.share)
        there *= 1 - self.share


class Group:
    """Frames of several people in one photo.

    Args:
        photo: H×W×3 uint8.
        plate: H×W×3 uint8, the photo without any of the people.
        members: who lies behind comes first.
    """

    def __init__(self, photo: np.ndarray, plate: np.ndarray, members: Sequence[Member]) -> None:
        self._photo, self._plate, self._members = photo, plate, members

    def frame(self, *acts: Act | None) -> np.ndarray:
        """One frame: H×W×3 uint8. Pixels that nobody ever covers are the photo's own.

        Args:
            acts: what each of the members does; who stays does nothing.
        """
        import cv2

        layers = [
            layer
            for member, act in zip(self._members, acts, strict=True)
            if (layer := _Layer.of(member, member.lay(act)))
        ]
        left = np.ones(self._photo.shape[:2], np.float32)  # of the photo itself is to be seen
        for layer in layers:
            left[layer.at] *= 1 - layer.gone
        out = cv2.blendLinear(self._photo, self._plate, left, 1 - left)
        for layer in layers:
            layer.over(out, self._photo, left)
        return np.asarray(out)

    def cutout(self, *acts: Act | None) -> np.ndarray:
        """One frame's people alone, who stay left out: H×W×4 uint8 RGBA, straight alpha; arguments
        as in `frame`."""
        return stacked(
            self._photo.shape[:2],
            (
                (member.shown.box, member.compositor.cutout(*act))
                for member, act in zip(self._members, acts, strict=True)
                if member.compositor and act
            ),
        )


def stacked(shape: tuple[int, ...], cutouts: Iterable[tuple[Box, np.ndarray]]) -> np.ndarray:
    """Cutouts (h×w×4 uint8, straight alpha) in their boxes, one over another: H×W×4 uint8."""
    import cv2

    out = np.zeros((*shape, 4), np.uint8)
    for i, (box, above) in enumerate(cutouts):
        below = out[box]
        if i == 0:
            below[:] = above
            continue
        share, rest = (side[..., 3] / np.float32(255) for side in (above, below))
        rest *= 1 - share
        faint, beyond = (np.float32(_FAINT) * side[..., :3].any(-1) for side in (above, below))
        below[:] = cv2.blendLinear(below, above, rest + beyond, share + faint)
        below[..., 3] = np.rint(255 * (rest + share))
    return out
