"""What neighbouring parts keep of one another's pixels, and which pixels are one part's alone."""

from __future__ import annotations

import numpy as np

from pgvgen.poses.bones import HIPS, NECK
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.joints import BONDS
from pgvgen.rendering.parts import PARTS, THIGHS

HAND = 0.25
"""What a hand holds lies within so many body units of the forearm."""

RIM = 0.04
"""How far the colours of a part reach into what it covers (shadow, blur), in body units."""

SEAM = 0.015
"""How far those of any two parts reach into one another, in body units."""

CROTCH = (0.2, 0.3)
"""How far the crotch lies below the hips, and within which radius about it the thighs keep each
other's pixels, in body units."""

FOREARMS = [i for i, part in enumerate(PARTS) if part.name.endswith("forearm")]

_BODY = [i for i, part in enumerate(PARTS) if part.name.endswith(("thigh", "torso"))]
_LIMBS = [part.kind in ("limb", "foot") for part in PARTS]
_BONDED = {(bond.first, bond.second) for bond in BONDS}


def alone(own: np.ndarray, unit: float, rank: np.ndarray) -> np.ndarray:
    """P×h×w in [0, 1]: where a part's pixels have surely nothing of another part.

    Not so are a rim beside other parts, and a wider one beside those that cover it.

    Args:
        own: P×h×w in [0, 1], the parts' shares.
        unit: the body unit in px.
        rank: P int, how many parts lie behind each.
    """
    out = np.ones_like(own)
    for part in range(len(PARTS)):
        if own[part].max() < 0.01:
            continue
        strangers = [other for other in range(len(PARTS)) if not _same_limb(part, other)]
        behind = own[[other for other in strangers if rank[other] < rank[part]]].sum(0)
        before = own[[other for other in strangers if rank[other] > rank[part]]].sum(0)
        for others, reach in ((behind, SEAM), (before, RIM)):
            out[part] *= 1 - np.clip(2 * _grown(others, reach * unit), 0, 1)
    return out


def fitting(foreign: np.ndarray, unit: float) -> np.ndarray:
    """P×h×w in [0, 1]: where a part might well have the colour, and everything beside it too.

    Args:
        foreign: P×h×w, from `judge_colours`.
        unit: the body unit in px.
    """
    unlike = np.clip(2 * foreign - 1, 0, 1)
    return 1 - np.stack([_grown(values, SEAM * unit) for values in unlike])


def held(own: np.ndarray, surely: np.ndarray, rare: np.ndarray, unit: float) -> np.ndarray:
    """P×h×w in {0, 1}: things in the hand or against the forearm, before torso and thighs.

    They have colours that are rare there, touch the forearm, and end near it: what goes on is
    the shirt's own.

    Args:
        own: P×h×w in [0, 1], the parts' shares.
        surely: P×h×w in [0, 1], from `alone`: rims are of mixed and therefore rare colours.
        rare: P×h×w in [0, 1], from `judge_colours`.
        unit: the body unit in px.
    """
    import cv2

    out = np.zeros_like(own)
    arms = own[FOREARMS].max(0)
    touching, near = (_grown(arms, reach * unit) > 0.5 for reach in (2.5 * RIM, HAND))
    for part in _BODY:
        odd = (rare[part] * own[part] * surely[part] > 0.5).astype(np.uint8)
        odd = cv2.morphologyEx(odd, cv2.MORPH_CLOSE, _disc(RIM * unit))
        pieces, labels = cv2.connectedComponents(cv2.morphologyEx(odd, cv2.MORPH_OPEN, _disc(1)))
        sizes, touch, close = (
            np.bincount(labels.ravel(), among.ravel(), minlength=pieces)
            for among in (np.ones_like(near), touching, near)
        )
        thing = (touch > 0) & (close >= 0.9 * sizes)
        thing[0] = False
        out[part] = _grown(thing[labels].astype(np.float32), RIM * unit)
    return out


def shared(
    own: np.ndarray, fits: np.ndarray, points: np.ndarray, confidence: np.ndarray, unit: float
) -> np.ndarray:
    """P×h×w in [0, 1]: what a part keeps of its neighbours' pixels around their joints.

    A bare arm or a head keeps nothing of the shirt, only what could be its own; otherwise the
    arm would take cloth along and wear it on the shoulder.

    Args:
        own: P×h×w in [0, 1], the parts' shares.
        fits: P×h×w in [0, 1], from `fitting`.
        points: 18×2 px.
        confidence: 18.
        unit: the body unit in px.
    """
    yy, xx = np.mgrid[: own.shape[1], : own.shape[2]].astype(np.float32)
    out = np.zeros_like(own)
    for bond in BONDS:
        if confidence[bond.joint] < SEEN:
            continue
        x, y = points[bond.joint]
        near = np.clip(2 - 2 * np.hypot(xx - x, yy - y) / (bond.radius * unit), 0, 1)
        if bond.mutual:
            out[bond.first] += near * own[bond.second]
        if not _same_limb(bond.first, bond.second):
            near *= fits[bond.second]
        out[bond.second] += near * own[bond.first]
    if confidence[[*HIPS, NECK]].min() >= SEEN:
        # Legs that part would tear the trousers open between them.
        hips = points[[*HIPS]].mean(0)
        spine = hips - points[NECK]
        x, y = hips + CROTCH[0] * unit * spine / max(float(np.linalg.norm(spine)), 1e-3)
        near = np.clip(2 - 2 * np.hypot(xx - x, yy - y) / (CROTCH[1] * unit), 0, 1)
        for thigh, other in (THIGHS, THIGHS[::-1]):
            out[thigh] += near * fits[thigh] * own[other]
    return np.minimum(out, 1 - own)


def lent(clean: np.ndarray, fits: np.ndarray) -> np.ndarray:
    """P×h×w in [0, 1]: colours of the other half of its limb that a part might have, too.

    Of an upper arm behind its forearm a photo shows a rim in the forearm's shadow.

    Args:
        clean: P×h×w in [0, 1], where the colours are surely the part's.
        fits: P×h×w in [0, 1], from `fitting`.
    """
    out = np.zeros_like(clean)
    for bond in BONDS:
        if bond.limbs:
            out[bond.first] += clean[bond.second] * fits[bond.first]
            out[bond.second] += clean[bond.first] * fits[bond.second]
    return np.minimum(out, 1 - clean)


def _same_limb(first: int, second: int) -> bool:
    """Whether two parts of a limb share a joint: one's pixels do no harm in the other."""
    bonded = (first, second) in _BONDED or (second, first) in _BONDED
    return first == second or (bonded and _LIMBS[first] and _LIMBS[second])


def _grown(values: np.ndarray, radius: float) -> np.ndarray:
    """The largest value within the radius (in px, rounded) of every pixel of h×w."""
    import cv2

    return cv2.dilate(values, _disc(radius))


def _disc(radius: float) -> np.ndarray:
    import cv2

    side = 2 * round(radius) + 1
    return cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (side, side))
