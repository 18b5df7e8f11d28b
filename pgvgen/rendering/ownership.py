"""Which part of the body a pixel of the person belongs to: by geometry and by colour."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pgvgen.poses import BODY_18
from pgvgen.poses.bones import NECK
from pgvgen.rendering.edges import follow_edges
from pgvgen.rendering.order import FROM_THE_FRONT, hidden_arms
from pgvgen.rendering.palette import colour_bins, judge_colours
from pgvgen.rendering.parts import HEAD, INDEX, PARTS, TORSO, body_unit, part_distances
from pgvgen.rendering.sharing import FOREARMS, HAND, alone, fitting, held, lent, shared
from pgvgen.sizes import rescaled, size_within

SIDE = 224
"""Borders between parts are found with the picture's longer side at most this long."""

FACE = 0.2
"""The face's radius about the middle of eyes and nose, in body units."""

CROWN = 0.12
"""How far above that middle the crown's is, with the same radius, in body units."""

_FACE = [BODY_18.index(joint) for joint in ("nose", "right_eye", "left_eye")]
_UPPER_ARMS = [INDEX["right_upper_arm"], INDEX["left_upper_arm"]]
_RADII = np.array([max(part.radii) for part in PARTS], np.float32)[:, None, None]
# Capsules are wider than a torso's shoulders and a head's temples; what is hidden is not.
_MARGIN = np.array([{"torso": 0.04, "head": 0.08}.get(part.kind, 0) for part in PARTS])
_MARGIN = _MARGIN.astype(np.float32)[:, None, None]

COLOUR = 0.45
"""What a colour that a part does not have costs it, in limb widths a unit of log likelihood."""

NOISE = 1.0
"""Up to so many units of it a colour says nothing: folded arms in the coat's own colour would be
the coat's."""

COLOURED = 40.0
"""A person whose body unit is shorter than this, in px of what borders are found in, is divided by
geometry alone: colours are mixed there, and would move a small, blurred figure's borders for the
worse."""

FEW = 0.02
"""Where less than such a share of a torso is surely its own, as from aside, where arms lie before
it, the third of it that is farthest from all limbs says what colours it has. With none to go
by, skin would be its own, too."""

SPIKE = 0.035
"""Half of how thick a spike of an upper arm beyond its shoulder may be, in body units."""

IN_FRONT = 0.1
"""A limb in front of the torso is thinner than it and would lose by depth alone: each later part
leads by so many limb widths."""


@dataclass(frozen=True, eq=False)
class Shares:
    """How a person is divided among the parts: P×h×w float32 in [0, 1] each.

    Attributes:
        own: what the part shows.
        hidden: what lies in its capsule, but belongs to a part that covers it.
        clean: of `own`, where the colours are surely the part's: what fills are made of.
        shown: of `own`, what is not filled: that, what could be the part's, and what it shares
            with a neighbour across a joint.
    """

    own: np.ndarray
    hidden: np.ndarray
    clean: np.ndarray
    shown: np.ndarray


def divide(
    picture: np.ndarray,
    matte: np.ndarray,
    keypoints: np.ndarray,
    confidence: np.ndarray,
    order: Sequence[int] = FROM_THE_FRONT,
) -> Shares:
    """Divide the person among the parts.

    A pixel belongs to the part in whose capsule it lies deepest, measured in limb widths, unless
    its colour speaks for another; the borders are then drawn to the picture's edges. Around a
    shared joint both neighbours own it.

    Args:
        picture: H×W×3 uint8.
        matte: H×W float32 in [0, 1].
        keypoints: 18×2 px, the person's pose in the picture.
        confidence: 18.
        order: the parts, back to front (`order.painters_order`).

    Returns:
        At a size of their own (longer side at most `SIDE`), to be drawn larger.
    """
    import cv2

    whole = matte.shape[::-1]
    size = size_within(whole, SIDE)
    points = rescaled(keypoints, whole, size)
    unit = max(float(body_unit(points, confidence)), 1e-3)
    guide = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)

    rank = np.argsort(order)
    depth = part_distances(points, confidence, size)
    depth[[*hidden_arms(confidence)]] = -np.inf  # nothing that is seen is theirs
    _defend_face(depth, points, confidence, unit)
    coloured = unit >= COLOURED
    if coloured:
        own, foreign, rare = _by_colours(guide, person, depth, points, unit, rank)
    else:
        own = _settle(person, depth, unit, rank)
    own = follow_edges(guide, own, person, max(2, round(0.06 * unit)))
    own /= np.maximum(own.sum(0), 1e-3)
    # What parts in front of this one own: the sum over the parts that come later.
    front_first = own[[*order]][::-1]
    covered = (np.cumsum(front_first, 0) - front_first)[::-1][rank].clip(0)
    hidden = np.clip((depth - _MARGIN) / 0.04, 0, 1) * covered * (person > 0.5)
    if not coloured:
        kept = shared(own, np.ones_like(own), points, confidence, unit)
        return Shares(own + kept, np.minimum(hidden, 1 - own - kept), own, own + kept)
    surely, fits = alone(own, unit, rank), fitting(foreign, unit)
    kept, things = shared(own, fits, points, confidence, unit), held(own, surely, rare, unit)
    clean = own * (1 - things) * surely
    return Shares(
        own=own + kept,
        hidden=np.minimum(hidden, 1 - own - kept),
        clean=clean + lent(clean, fits),
        shown=own * (1 - things) * np.maximum(surely, fits) + kept,
    )


def _by_colours(
    picture: np.ndarray,
    person: np.ndarray,
    depth: np.ndarray,
    points: np.ndarray,
    unit: float,
    rank: np.ndarray,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Shares by geometry and colour, and how foreign and rare the colours are: P×h×w each.

    Colours are learnt where geometry leaves little doubt, then once more where they agreed.
    Takes islands and spikes from `depth`.
    """
    bins, radius = colour_bins(picture), max(1, round(0.02 * unit))
    claim = _claims(depth, rank)
    sure, near = _sure(depth, claim, person > 0.9), claim > -0.5
    own = foreign = rare = depth
    for _ in range(2):
        foreign, rare = judge_colours(bins, sure, near, radius)
        own = _settle(person, depth, unit, rank, _cost(foreign))
        sure &= own > 0.9
    if _give_up_spikes(depth, own * (person > 0.5), points, unit):
        own = _settle(person, depth, unit, rank, _cost(foreign))
    return own, foreign, rare


def _cost(foreign: np.ndarray) -> np.ndarray:
    """P×h×w: what its colour costs each part, in limb widths."""
    return COLOUR * np.maximum(foreign - NOISE, 0)


def _settle(
    person: np.ndarray,
    depth: np.ndarray,
    unit: float,
    rank: np.ndarray,
    cost: np.ndarray | float = 0.0,
) -> np.ndarray:
    """Shares (P×h×w) in one piece a part: by depth, less what a part pays. Takes islands from
    `depth`."""
    softness = max(0.06, 0.7 / unit)
    own = _contest(_claims(depth, rank) - cost, softness)
    for _ in range(2):
        if not _give_up_islands(depth, own * (person > 0.5), rank):
            break
        own = _contest(_claims(depth, rank) - cost, softness)
    return own


def _defend_face(
    depth: np.ndarray, points: np.ndarray, confidence: np.ndarray, unit: float
) -> None:
    """Give face and crown to the head (in place), though an arm may cross them.

    Where a face is seen, an arm that seems to cross it lies behind the head; and nothing looks as
    wrong as a face, or hair, that an arm takes along.
    """
    seen = confidence[_FACE] >= 0.5
    if seen.sum() < 2:
        return
    centre = points[_FACE][seen].mean(0)
    yy, xx = np.mgrid[: depth.shape[1], : depth.shape[2]].astype(np.float32)
    up = centre - points[NECK] if confidence[NECK] >= 0.5 else np.array([0, -1.0])
    crown = centre + CROWN * unit * up / max(float(np.hypot(*up)), 1e-6)
    face = np.zeros(xx.shape, bool)
    for x, y in centre, crown:
        face |= np.hypot(xx - x, yy - y) < FACE * unit
    others = np.arange(len(PARTS)) != HEAD
    depth[others] = np.where(face, np.float32(-9), depth[others])
    depth[HEAD] = np.where(face, np.maximum(depth[HEAD], 0.05), depth[HEAD])


def _give_up_islands(depth: np.ndarray, own: np.ndarray, rank: np.ndarray) -> bool:
    """Take from every part (in depth, in place) what is cut off from its largest piece.

    Where limbs overlap, scraps of one would otherwise be claimed by another and fly away with it.
    """
    import cv2

    found = False
    winner = np.where(own.max(0) > 0.5, rank[own.argmax(0)], -1)
    for part, share in enumerate(own):
        mine = share > 0.5
        # A forearm across the chest does not cut the torso in two: it goes on below.
        whole = mine | ((depth[part] > 0) & (winner > rank[part]))
        pieces, labels = cv2.connectedComponents(whole.astype(np.uint8))
        if pieces > 2:
            sizes = np.bincount(labels[mine], minlength=pieces)
            lost = mine & (labels != sizes[1:].argmax() + 1)
            depth[part][lost] = -9
            found = found or bool(lost.any())
    return found


def _give_up_spikes(depth: np.ndarray, own: np.ndarray, points: np.ndarray, unit: float) -> bool:
    """Take from every upper arm (in depth, in place) what of it is thin beyond its shoulder.

    Light along a neck is of the colour that an arm has, too, and would bend with it into a hoop.
    """
    import cv2

    side = 2 * max(1, round(SPIKE * unit)) + 1
    disc = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
    yy, xx = np.mgrid[: depth.shape[1], : depth.shape[2]].astype(np.float32)
    near = np.maximum(depth[TORSO], depth[HEAD]) > -0.1  # so that somebody takes it
    found = False
    for part in _UPPER_ARMS:
        (x, y), (elbow_x, elbow_y) = points[[*PARTS[part].joints]]
        beyond = (xx - x) * (elbow_x - x) + (yy - y) * (elbow_y - y) < 0
        mine = (own[part] > 0.5).astype(np.uint8)
        thin = mine > cv2.morphologyEx(mine, cv2.MORPH_OPEN, disc)
        spike = thin & beyond & near
        depth[part][spike] = -9
        found = found or bool(spike.any())
    return found


def _claims(depth: np.ndarray, rank: np.ndarray) -> np.ndarray:
    """P×h×w: how deep a pixel lies in every part, in limb widths; what is in front leads."""
    claim = np.where(np.isfinite(depth), depth, np.float32(-9))
    lead = np.float32(IN_FRONT) * rank[:, None, None]
    return claim / _RADII + np.where(claim > 0.02, lead, 0)


def _contest(claim: np.ndarray, softness: float) -> np.ndarray:
    """P×h×w in [0, 1]: by how much each part's claim beats every other's."""
    best, second = _best_two(claim)
    rival = np.where(claim == best, second, best)
    return np.clip((claim - rival) / (2 * softness) + 0.5, 0, 1).astype(np.float32)


def _best_two(claim: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The largest and the second largest claim at every pixel: h×w each."""
    best, second = np.maximum(claim[0], claim[1]), np.minimum(claim[0], claim[1])
    for other in claim[2:]:
        second = np.maximum(second, np.minimum(best, other))
        best = np.maximum(best, other)
    return best, second


def _sure(depth: np.ndarray, claim: np.ndarray, person: np.ndarray) -> np.ndarray:
    """P×h×w bool: where of the person (h×w bool) geometry alone leaves little doubt whose it is."""
    best, second = _best_two(claim)
    sure = (claim > second + 0.2) & (claim > 0.3) & person
    # An arm covers more than its capsule, and the hand may hold something.
    sure[: TORSO + 1] &= ~(depth[TORSO + 1 :] > -0.12).any(0)
    sure[: TORSO + 1] &= ~(depth[FOREARMS] > -HAND).any(0)
    mine = person & (claim[TORSO] == best)
    if mine.any() and sure[TORSO].sum() < FEW * mine.sum():
        apart = -np.delete(depth, [TORSO, HEAD], 0).max(0)
        sure[TORSO] = mine & (apart >= np.quantile(apart[mine], 2 / 3))
    return sure
