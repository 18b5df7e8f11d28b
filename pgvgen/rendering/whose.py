"""Whose of several people a pixel of the photo is."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from pgvgen.poses.bones import NOSE
from pgvgen.poses.segmentation import person_mask
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.matting import carried_on
from pgvgen.rendering.parts import PARTS, TORSO, body_unit, part_distances
from pgvgen.sizes import rescaled, size_within

SIDE = 256
"""What is disputed is found with the photo's longer side at most this long: the masks are no
finer."""

DISPUTED = 0.3
"""A pixel is disputed where two masks have at least so much of it."""

FAR = -2.0
"""Beyond so many limb widths outside a body it does not matter how far away it is."""

SURE, BESIDE = 0.5, 0.1
"""What a mask has at least so much of is surely the person's; what it has less of may be the rim of
that, hair above all, up to so many body units away, and fades until twice as many."""

MOST = 0.5
"""More than this share of a person is most of them."""

MUCH = 0.3
"""Who should be where so much of a piece is that is another's, is behind it."""

LEAD = 0.3
"""Who stands before somebody larger is nearer by as much as one 1.3 times as large."""

_RADII = np.array([max(part.radii) for part in PARTS], np.float32)[:, None, None]
_ARMS = [i for i, part in enumerate(PARTS) if part.name.endswith("arm")]


@dataclass(frozen=True, eq=False)
class Alone:
    """One of several people as if alone.

    Attributes:
        index: whose pose it is.
        picture: H×W×3 uint8.
        mask: H×W float32 in [0, 1].
    """

    index: int
    picture: np.ndarray
    mask: np.ndarray


def apart(picture: np.ndarray, poses: Sequence[tuple[np.ndarray, np.ndarray]]) -> list[Alone]:
    """Each person as if alone, who lies behind first.

    The net looks for one person at a time, and may take what is beside or before them for theirs:
    in these masks nobody has what is another's. What somebody nearer covers of the torso is in the
    mask, too, and in the picture it is filled with what is seen of it: it comes into view when one
    of the two moves. (Where hidden limbs are is a guess: they would be a third leg.)

    Args:
        picture: H×W×3 uint8 RGB.
        poses: everybody's keypoints (18×2 px) and confidence (18).
    """
    import cv2

    masks = [_near_body(person_mask(picture, *pose), *pose) for pose in poses]
    if len(masks) == 1:
        return [Alone(0, picture, masks[0])]
    whole = picture.shape[1::-1]
    size = size_within(whole, SIDE)
    bodies = [
        _Body.of(
            cv2.resize(mask, size, interpolation=cv2.INTER_AREA), rescaled(at, whole, size), seen
        )
        for mask, (at, seen) in zip(masks, poses, strict=True)
    ]
    kept = [np.ones(size[::-1], np.float32) for _ in bodies]
    hiders: list[list[int]] = [[] for _ in bodies]
    for i, j in combinations(range(len(bodies)), 2):
        pieces = list(_disputed(bodies[i].mask, bodies[j].mask))
        # Who is larger is nearer, unless it is seen that the other one is.
        lead = 0.75 * float(np.log2(bodies[i].unit / bodies[j].unit))
        if hides := _hides(bodies[i], bodies[j], pieces):
            lead = hides * max(abs(lead), LEAD)
            near, far = (i, j) if hides > 0 else (j, i)
            hiders[far].append(near)
        for piece in pieces:
            more = bodies[i].claim(piece) + lead > bodies[j].claim(piece)
            winner, loser = (i, j) if more else (j, i)
            kept[loser] *= 1 - piece * np.minimum(2 * bodies[winner].mask, 1)
    before, out = np.zeros(size[::-1], np.float32), []
    for i in _front_to_back([body.unit for body in bodies], hiders):
        mask = masks[i] * cv2.resize(kept[i], whole)
        out.append(Alone(i, *_uncovered(picture, mask, bodies[i], before)))
        before = np.maximum(before, bodies[i].mask * kept[i])
    return out[::-1]


def _near_body(mask: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray) -> np.ndarray:
    """A mask without what the net is not sure of, unless that is beside what it is sure of, or a
    limb should be there: else it is somebody who stands close."""
    import cv2

    whole = mask.shape[::-1]
    size = size_within(whole, SIDE)
    small = cv2.resize(mask, size, interpolation=cv2.INTER_AREA)
    points = rescaled(keypoints, whole, size)
    limbs = part_distances(points, confidence, size).max(0) > 0
    unsure = ((small < SURE) & ~limbs).astype(np.uint8)
    apart = cv2.distanceTransform(unsure, cv2.DIST_L2, 5)
    reach = BESIDE * float(body_unit(points, confidence))
    near = np.clip(2 - apart / max(reach, 1), 0, 1)
    return mask * cv2.resize(near, whole)


def _hides(one: _Body, other: _Body, pieces: Sequence[np.ndarray]) -> int:
    """1 where one is surely seen where the other's body should be, -1 the other way, or 0."""
    hides = 0
    for piece in pieces:
        for near, far, sign in (one, other, 1), (other, one, -1):
            if near.rather_than(far, piece) and far.lies_at(piece):
                hides = sign
    return hides


def _front_to_back(units: Sequence[float], hiders: Sequence[Sequence[int]]) -> list[int]:
    """Everybody's index: who is larger is nearer, but for those who surely hide somebody larger.

    Args:
        units: everybody's body unit in px.
        hiders: who hides them.
    """
    order: list[int] = []
    known: set[int] = set()

    def place(people: Iterable[int]) -> None:
        for i in sorted(people, key=lambda i: -units[i]):
            if i not in known:
                known.add(i)
                place(hiders[i])
                order.append(i)

    place(range(len(units)))
    return order


def _uncovered(
    picture: np.ndarray, mask: np.ndarray, body: _Body, before: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Picture and mask without those who stand before the person (`before`, of the body's size)."""
    import cv2

    before, torso, bare = (
        cv2.resize(small, mask.shape[::-1])
        for small in (cv2.dilate(before, np.ones((5, 5))), body.torso, body.bare)
    )
    hidden = torso * np.minimum(2 * before, 1) * np.clip(2 - 2 * mask, 0, 1)
    sure = ((np.minimum(mask, bare) > 0.9) & (before < 0.1)).astype(np.float32)
    if hidden.max() < 0.5 or not sure.any():
        return picture, mask
    filled = cv2.blendLinear(picture, carried_on(picture, sure), 1 - hidden, hidden)
    return np.asarray(filled), np.maximum(mask, hidden)


@dataclass(frozen=True, eq=False)
class _Body:
    """A person at a small size.

    Attributes:
        mask: h×w float32 in [0, 1], as the net sees it.
        depth: h×w, how deep a pixel lies in a limb, in limb widths.
        torso: h×w float32 in [0, 1], where the torso is.
        bare: h×w float32, 1 where it is and no arm is before it.
        nose: h×w bool, true where the nose is seen.
        unit: the body unit in px.
    """

    mask: np.ndarray
    depth: np.ndarray
    torso: np.ndarray
    bare: np.ndarray
    nose: np.ndarray
    unit: float

    @classmethod
    def of(cls, mask: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray) -> _Body:
        depths = part_distances(keypoints, confidence, mask.shape[::-1]) / _RADII
        unit = max(float(body_unit(keypoints, confidence)), 1e-3)
        torso = np.clip(4 * depths[TORSO], 0, 1)
        bare = torso * (depths[_ARMS].max(0) < 0)
        nose, (height, width) = np.zeros_like(mask, bool), mask.shape
        x, y = np.rint(keypoints[NOSE]).astype(int).tolist()
        if confidence[NOSE] >= SEEN and 0 <= x < width and 0 <= y < height:
            nose[y, x] = True
        return cls(mask, np.clip(depths.max(0), FAR, 1), torso, bare, nose, unit)

    @property
    def limbs(self) -> np.ndarray:
        """h×w bool: where the person's limbs should be, the torso with them."""
        return self.depth > 0

    def claim(self, piece: np.ndarray) -> float:
        """How well a piece (h×w bool) is founded as this person's.

        It is the better so, the surer the net is, the deeper the piece lies in the limbs, and
        above all, if it is most of the person: a child before a man is the child's.
        """
        founded = self.mask[piece].mean() + 0.5 * self.depth[piece].mean()
        return float(founded + 2 * self._share(piece) ** 2)

    def rather_than(self, other: _Body, piece: np.ndarray) -> bool:
        """Whether a piece is surely this person's: it has their face, and not the other's, or else
        most of their limbs, and not of the other's. (The net's mask of who stands behind may have
        all of who stands before them.)"""
        faces = self.nose[piece].any(), other.nose[piece].any()
        if faces[0] != faces[1]:
            return bool(faces[0])
        most, others = (body.limbs[piece].sum() > MOST * body.limbs.sum() for body in (self, other))
        return bool(most and not others)

    def lies_at(self, piece: np.ndarray) -> bool:
        """Whether the person's limbs should be where much of the piece is."""
        return float(self.limbs[piece].mean()) > MUCH

    def _share(self, piece: np.ndarray) -> float:
        return float(self.mask[piece].sum() / self.mask.sum())


def _disputed(one: np.ndarray, other: np.ndarray) -> Iterator[np.ndarray]:
    """The pieces (h×w bool) that two people both claim.

    Each is one limb, mostly, and goes to one of them: an arm that two share would be torn.
    """
    import cv2

    both = (np.minimum(one, other) >= DISPUTED).astype(np.uint8)
    count, labels = cv2.connectedComponents(both)
    for label in range(1, count):
        yield labels == label
