"""Where parts hang together, and how a picture bends there instead of breaking.

At a joint two parts turn against each other. If each simply followed its own affine map the
outline would kink and the overlap would show everything twice. Inside a disc around the joint the
map therefore turns gradually from one part's into the other's, and both parts sample the same
pixels of the photo.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.poses import BODY_18
from pgvgen.poses.easing import smoothstep
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.collar import give_way
from pgvgen.rendering.parts import INDEX, PARTS, TORSO

BENDS = (np.deg2rad(95), np.deg2rad(140))
"""A joint bends the picture up to the first angle, not at all beyond the second."""

ALIKE = 0.05
"""Two maps that differ by fewer px at a joint are one: there is nothing to bend."""

_EDGE = 0.06  # how soft a limb's round end is, in body units
_INSET = 2 / 3  # of its radius: how far from the joint that end has its centre


@dataclass(frozen=True)
class Bond:
    """Two parts that share a joint.

    Attributes:
        first, second: indices into `PARTS`.
        joint: the joint that they share.
        into_first, into_second: joints that lie in the first and in the second part's direction.
        radius: of the disc in which both parts have pixels, in body units.
        mutual: both keep the other's pixels there; otherwise only the second does, so that no
            piece of a sleeve stays at the torso when the arm goes up.
    """

    first: int
    second: int
    joint: int
    into_first: int
    into_second: int
    radius: float
    mutual: bool = True

    @property
    def limbs(self) -> bool:
        """Whether both parts are limbs."""
        return PARTS[self.first].kind == PARTS[self.second].kind == "limb"


def _bond(first: str, second: str, joints: str, radius: float, *, mutual: bool = True) -> Bond:
    joint, into_first, into_second = (BODY_18.index(name) for name in joints.split())
    return Bond(INDEX[first], INDEX[second], joint, into_first, into_second, radius, mutual)


def _side(side: str, other: str) -> tuple[Bond, ...]:
    return (
        _bond(
            "torso", f"{side}_upper_arm", f"{side}_shoulder {other}_shoulder {side}_elbow", 0.17,
            mutual=False,
        ),
        _bond(
            f"{side}_upper_arm", f"{side}_forearm",
            f"{side}_elbow {side}_shoulder {side}_wrist", 0.13,
        ),
        _bond(
            "torso", f"{side}_thigh", f"{side}_hip {side}_shoulder {side}_knee", 0.22, mutual=False
        ),
        _bond(f"{side}_thigh", f"{side}_shin", f"{side}_knee {side}_hip {side}_ankle", 0.17),
        _bond(f"{side}_shin", f"{side}_foot", f"{side}_ankle {side}_knee {side}_ankle", 0.11),
    )  # fmt: skip


BONDS: tuple[Bond, ...] = (
    _bond("torso", "head", "neck right_hip nose", 0.16),
    *_side("right", "left"),
    *_side("left", "right"),
)

REACH = tuple(
    max(2 * bond.radius for bond in BONDS if part in (bond.first, bond.second))
    for part in range(len(PARTS))
)
"""How far beyond its own outline a bend can draw a part, in body units."""


def bend(
    grid: np.ndarray,
    keep: np.ndarray,
    places: tuple[np.ndarray, np.ndarray],
    part: int,
    transforms: np.ndarray,
    usable: np.ndarray,
    target: np.ndarray,
    confidence: np.ndarray,
    unit: float,
) -> None:
    """Bend one part's sampling grid, in place, into its neighbours' around the joints.

    The linear maps are split into z → a·z + b·z̄; a is interpolated in angle and size, so that a
    sharp turn swirls around the joint instead of collapsing into it.

    Args:
        grid: 2×h×w float32, source px (x, y) of every target place.
        keep: h×w float32, multiplied by how much of the part is to be seen.
        places: x (w) and y (h) of the target places in px, ascending.
        part: which part the grid is of.
        transforms: P×2×3, target px → source px.
        usable: P bool.
        target: 18×2 px, the pose of the frame.
        confidence: 18.
        unit: the body unit in the target's px.
    """
    x, y = places
    bonds = [bond for bond in BONDS if part in (bond.first, bond.second)]
    lift = np.zeros(grid.shape[1:], np.complex64)  # of the torso's map
    if any(bond.first == TORSO for bond in bonds):
        lift, kept = give_way(places, transforms, usable, target, confidence, unit)
        if part == TORSO:
            grid += np.stack([lift.real, lift.imag])
            keep *= kept
    for bond in bonds:
        needed = [bond.joint, bond.into_first, bond.into_second]
        both = usable[bond.first] and usable[bond.second]
        if not both or confidence[needed].min() < SEEN:
            continue
        turn = _Turn.of(bond, transforms, target, unit)
        if part == bond.second and not bond.mutual and turn.bendable < 1:
            over = _beyond_end((x, y), bond, target, unit)
            keep *= 1 - (1 - turn.bendable) * over
        radius = bond.radius * unit * min(1.0, 0.6 * turn.room)
        if turn.strength <= 0 or radius <= 1 or turn.gap(2 * radius) < ALIKE:
            continue
        reach = np.array([-2, 2]) * radius
        rows = slice(*np.searchsorted(y, turn.centre.imag + reach))
        columns = slice(*np.searchsorted(x, turn.centre.real + reach))
        z = ((x[columns] - turn.centre.real) + 1j * (y[rows, None] - turn.centre.imag)) / radius
        first, z = part == bond.first, z.astype(np.complex64)
        added = lift[rows, columns] * (bond.first == TORSO)
        grid[:, rows, columns] += turn.difference(z, radius, added, to_first=first)
        if turn.divides:
            keep[rows, columns] *= turn.side(z, of_first=first)


def _beyond_end(
    places: tuple[np.ndarray, np.ndarray], bond: Bond, target: np.ndarray, unit: float
) -> np.ndarray:
    """1 where the second part, a limb, reaches beyond its round end at the joint: h×w.

    What a raised arm has of the armpit would lie across the chest when the arm comes down.
    """
    joint, end = (complex(*target[at]) for at in (bond.joint, bond.into_second))
    radius = PARTS[bond.second].radii[0]
    z = (places[0] - joint.real) + 1j * (places[1][:, None] - joint.imag)
    z = z * _unit(end - joint).conjugate() / unit - _INSET * radius
    beyond = np.where(z.real < 0, np.abs(z) - radius, -radius)
    return smoothstep(beyond / _EDGE + 0.5)


@dataclass(frozen=True)
class _Turn:
    """How a picture turns about a joint, in complex numbers.

    Attributes:
        centre: the joint.
        first, second: the two maps about it.
        across: the unit vector from the first part's side to the second's.
        divides: each part has a side of the joint to itself. Two limbs do unless they are folded
            up or point at the camera; but the torso is on either side of a shoulder.
        opening: 2 for parts on opposite sides of the joint, 0 for parts on the same side.
        room: how many times the disc's radius the shorter of the two bones is long in the frame.
        tear: how far apart the two maps put the joint, in radii of the disc.
    """

    centre: complex
    first: tuple[complex, complex, complex]
    second: tuple[complex, complex, complex]
    across: complex
    divides: bool
    opening: float
    room: float
    tear: float

    @classmethod
    def of(cls, bond: Bond, transforms: np.ndarray, target: np.ndarray, unit: float) -> _Turn:
        joint = complex(*target[bond.joint])
        into_first = complex(*target[bond.into_first]) - joint
        into_second = complex(*target[bond.into_second]) - joint
        if bond.into_second == bond.joint:  # the foot: on from the shin
            into_second = -into_first
        across = _unit(into_second) - _unit(into_first)
        room = min(abs(into_first), abs(into_second)) / (bond.radius * unit)
        first, second = (_about(transforms[i], joint) for i in (bond.first, bond.second))
        return cls(
            joint,
            first,
            second,
            _unit(across),
            divides=bond.limbs and abs(across) > 0.5 and room > 2.5,
            opening=abs(across),
            room=room,
            tear=abs(first[2] - second[2]) / (bond.radius * unit),
        )

    @property
    def angle(self) -> complex:
        """The logarithm of the turn: how much larger, and by which angle."""
        (a1, *_), (a2, *_) = self.first, self.second
        return complex(np.log(a2 / a1)) if a1 != 0 and a2 != 0 else 0j

    @property
    def bendable(self) -> float:
        """1 for turns up to `BENDS`, 0 where the part is nearly turned over and would swirl."""
        low, high = BENDS
        return float(np.clip((high - abs(self.angle.imag)) / (high - low), 0, 1))

    @property
    def strength(self) -> float:
        """How much the picture bends: as far as it is `bendable`.

        Not where a bone points at the camera, so that there is no room for a bend, where both
        parts lie in the same direction, so that there is no border between them, and where the two
        maps put the joint in different places (the neck of a bowed head).
        """
        apart = 2.5 * self.opening - 0.75
        together = 2.5 * (1 - self.tear)
        return float(np.prod(np.clip([self.bendable, apart, 2 * self.room - 1, together], 0, 1)))

    def gap(self, radius: float) -> float:
        """How far apart the two maps put a place within a radius at most, in px."""
        a, b, c = (abs(one - other) for one, other in zip(self.first, self.second, strict=True))
        return (a + b) * radius + c

    def difference(
        self, z: np.ndarray, radius: float, lift: np.ndarray, to_first: bool
    ) -> np.ndarray:
        """What to add to the part's own map: 2×h×w px.

        Args:
            z: h×w complex64, where the places are, seen from the joint, in radii of the disc.
            radius: in px.
            lift: h×w complex64 px, what the first part's map has besides its affine one.
            to_first: whether it is the first part's map.
        """
        share = smoothstep(self._along(z) * 0.5 + 0.5)  # 0 in the first part, 1 in the second
        near = self.strength * smoothstep(2 - np.abs(z))
        z = z * np.float32(radius)
        (a1, b1, c1), (_, b2, c2) = self.first, self.second
        a = a1 * np.exp(share * np.complex64(self.angle))
        blended = a * z + (b1 + share * (b2 - b1)) * np.conj(z) + (c1 + share * (c2 - c1))
        blended += (1 - share) * lift
        own_a, own_b, own_c = self.first if to_first else self.second
        own = own_a * z + own_b * np.conj(z) + own_c + to_first * lift
        offset = near * (blended - own)
        return np.stack([offset.real, offset.imag])

    def side(self, z: np.ndarray, of_first: bool) -> np.ndarray:
        """How much of the part is kept at places z (`difference`): in a ring around the disc,
        nothing of it on the other one's side."""
        distance, along = np.abs(z), self._along(z)
        beyond = smoothstep((along if of_first else -along) * 3)
        return 1 - beyond * smoothstep((distance - 1.1) * 5) * smoothstep((2 - distance) * 5)

    def _along(self, z: np.ndarray) -> np.ndarray:
        """How far places lie towards the second part, in the unit of z."""
        return np.real(z * np.conj(self.across))


def _about(transform: np.ndarray, point: complex) -> tuple[complex, complex, complex]:
    """M as z → a·z + b·z̄ + c with z measured from a point."""
    (m00, m01, tx), (m10, m11, ty) = transform.astype(float)
    a = complex(m00 + m11, m10 - m01) / 2
    b = complex(m00 - m11, m10 + m01) / 2
    return a, b, a * point + b * point.conjugate() + complex(tx, ty)


def _unit(value: complex) -> complex:
    return value / abs(value) if abs(value) > 1e-6 else 0j
