"""Which part of the body a pixel of the person belongs to."""

from __future__ import annotations

import numpy as np

from pgvgen.poses import BODY_18
from pgvgen.poses.sequence import SEEN
from pgvgen.rendering.joints import BONDS
from pgvgen.rendering.matting import follow_edges
from pgvgen.rendering.parts import PARTS, body_unit, part_distances

SIDE = 224
"""Borders between parts are found with the picture's longer side at most this long."""

FACE = 0.2
"""The face's radius about the middle of eyes and nose, in body units."""

_FACE = [BODY_18.index(joint) for joint in ("nose", "right_eye", "left_eye")]
_HEAD = [part.name for part in PARTS].index("head")

IN_FRONT = 0.1
"""A limb in front of the torso is thinner than it and would lose by depth alone: each later part
leads by so many limb widths."""


def divide(
    picture: np.ndarray, matte: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Divide the person among the parts: own and hidden shares, P×h×w float32 in [0, 1] each.

    A pixel belongs to the part in whose capsule it lies deepest, measured in limb widths; the
    borders are then drawn to the picture's edges. Around a shared joint both neighbours own it.
    Hidden is what lies in a part's capsule but belongs to a part that covers it.

    Args:
        picture: H×W×3 uint8.
        matte: H×W float32 in [0, 1].
        keypoints: 18×2 px, the person's pose in the picture.
        confidence: 18.

    Returns:
        At a size of their own (longer side at most `SIDE`), to be drawn larger.
    """
    import cv2

    height, width = matte.shape
    scale = min(1.0, SIDE / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    points = np.asarray(keypoints, np.float32)
    points = (points + 0.5) * (np.array(size, np.float32) / (width, height)).astype(
        np.float32
    ) - 0.5
    unit = max(float(body_unit(points, confidence)), 1e-3)
    guide = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)

    depth = part_distances(points, confidence, size)
    _defend_face(depth, points, confidence, unit)
    softness = max(0.06, 0.7 / unit)
    own = _contest(depth, softness)
    if _give_up_islands(depth, own * (person > 0.5)):
        own = _contest(depth, softness)
    own = follow_edges(guide, own, person, max(2, round(0.06 * unit)))
    own /= np.maximum(own.sum(0), 1e-3)
    # What parts in front of this one own: the sum over the parts that come later.
    covered = np.cumsum(own[::-1], 0)[::-1] - own
    hidden = np.clip(depth / 0.04, 0, 1) * covered.clip(0) * (person > 0.5)
    own = _overlap(own, points, confidence, unit)
    return own, np.minimum(hidden, 1 - own)


def _defend_face(
    depth: np.ndarray, points: np.ndarray, confidence: np.ndarray, unit: float
) -> None:
    """Give the face to the head (in place), though an arm may cross it.

    Where a face is seen, an arm that seems to cross it lies behind the head; and nothing looks as
    wrong as a face that an arm takes along.
    """
    seen = confidence[_FACE] >= 0.5
    if seen.sum() < 2:
        return
    centre = points[_FACE][seen].mean(0)
    yy, xx = np.mgrid[: depth.shape[1], : depth.shape[2]].astype(np.float32)
    face = FACE * unit - np.hypot(xx - centre[0], yy - centre[1]) > 0
    others = np.arange(len(PARTS)) != _HEAD
    depth[others] = np.where(face, np.float32(-9), depth[others])
    depth[_HEAD] = np.where(face, np.maximum(depth[_HEAD], 0.05), depth[_HEAD])


def _give_up_islands(depth: np.ndarray, own: np.ndarray) -> bool:
    """Take from every part (in depth, in place) what is cut off from its largest piece.

    Where limbs overlap, scraps of one would otherwise be claimed by another and fly away with it.
    """
    import cv2

    found = False
    for part, share in enumerate(own):
        pieces, labels, stats, _ = cv2.connectedComponentsWithStats((share > 0.5).astype(np.uint8))
        if pieces > 2:
            largest = 1 + int(stats[1:, cv2.CC_STAT_AREA].argmax())
            depth[part][(labels > 0) & (labels != largest)] = -9
            found = True
    return found


def _contest(depth: np.ndarray, softness: float) -> np.ndarray:
    """P×h×w in [0, 1]: by how much each part's claim beats every other's."""
    claim = np.where(np.isfinite(depth), depth, np.float32(-9))
    order = np.arange(len(PARTS), dtype=np.float32)[:, None, None]
    radii = np.array([max(part.radii) for part in PARTS], np.float32)[:, None, None]
    claim = claim / radii + np.where(claim > 0.02, IN_FRONT * order, 0)
    ranked = np.partition(claim, -2, axis=0)
    best, second = ranked[-1], ranked[-2]
    rival = np.where(claim == best, second, best)
    return np.clip((claim - rival) / (2 * softness) + 0.5, 0, 1).astype(np.float32)


def _overlap(
    own: np.ndarray, points: np.ndarray, confidence: np.ndarray, unit: float
) -> np.ndarray:
    """The shares with what neighbours keep of one another around their joints."""
    yy, xx = np.mgrid[: own.shape[1], : own.shape[2]].astype(np.float32)
    out = own.copy()
    for bond in BONDS:
        if confidence[bond.joint] < SEEN:
            continue
        x, y = points[bond.joint]
        near = np.clip(2 - 2 * np.hypot(xx - x, yy - y) / (bond.radius * unit), 0, 1)
        out[bond.second] += near * own[bond.first]
        if bond.mutual:
            out[bond.first] += near * own[bond.second]
    return np.minimum(out, 1)
