"""A photo taken apart: a layer a body part, a plate without the person, the photo as it is.

A part's layer holds the part's own pixels; what other parts hide of it is filled from its own
colours, so that it can move without taking foreign pixels along and without leaving holes. The
same cut serves the training at 128×128 and the renderer at the photo's own size.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.rendering.joints import BONDS
from pgvgen.rendering.matting import follow_edges, foreground, push_pull, refine_matte
from pgvgen.rendering.parts import PARTS, PRESENT, body_unit, part_distances
from pgvgen.rendering.plate import clean_plate

DEPTH_PIXELS = 192
"""Which part a pixel belongs to is smooth: it is found with the longer side at most this long."""


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
    picture: np.ndarray, mask: np.ndarray, keypoints: np.ndarray, confidence: np.ndarray
) -> Layers:
    """Take a photo apart.

    Args:
        picture: H×W×3 uint8 RGB.
        mask: H×W float32 in [0, 1], where the person is (coarse is enough: it is refined).
        keypoints: 18×2 px, the person's pose in the picture.
        confidence: 18.
    """
    unit = float(body_unit(keypoints, confidence))
    matte = refine_matte(picture, mask, band=max(1.5, 0.05 * unit))
    colours = foreground(picture, matte)
    own, hidden = _assign(picture, matte, keypoints, confidence, unit)
    height, width = matte.shape
    parts = np.zeros((len(PARTS), height, width, 4), np.uint8)
    for part, own_share, hidden_share in zip(parts, own, hidden, strict=True):
        alpha = np.minimum(matte * own_share + hidden_share, 1)
        box = _box(alpha > 0.004, margin=2)
        if box is None:
            continue
        part[box] = _fill(colours[box], (matte * own_share)[box], alpha[box])
    return Layers(picture, parts, clean_plate(picture, matte, unit), matte)


def _fill(colours: np.ndarray, own: np.ndarray, alpha: np.ndarray) -> np.ndarray:
    """RGBA uint8: the part's own colours where it has any, carried on where it is hidden."""
    sure = np.clip((own - 0.5) * 4, 0, 1)
    filled = push_pull(colours.astype(np.float32), sure)
    return np.rint(np.dstack([filled, alpha * 255])).astype(np.uint8)


def _assign(
    picture: np.ndarray,
    matte: np.ndarray,
    keypoints: np.ndarray,
    confidence: np.ndarray,
    unit: float,
) -> tuple[np.ndarray, np.ndarray]:
    """Who owns a pixel: own and hidden shares, P×H×W float32 in [0, 1] each.

    A pixel belongs to the part in whose capsule it lies deepest, measured in limb widths; parts
    that are drawn later win what lies well inside them. Near a shared joint both neighbours own
    it. Hidden is what lies in a part's capsule but belongs to a part that covers it.
    """
    import cv2

    height, width = matte.shape
    scale = min(1.0, DEPTH_PIXELS / max(height, width))
    size = (max(1, round(width * scale)), max(1, round(height * scale)))
    grid = np.asarray(keypoints, np.float32)
    grid = (grid + 0.5) * (np.array(size) / (width, height)).astype(np.float32) - 0.5
    depth = part_distances(grid, confidence, size)
    depth[~np.isfinite(depth)] = -9
    score = depth / np.array([max(part.radii) for part in PARTS], np.float32)[:, None, None]
    # A limb in front of the torso is thinner than it, so the torso would win by depth alone.
    score += np.where(depth > 0.02, np.arange(len(PARTS), dtype=np.float32)[:, None, None] * 0.1, 0)
    near = _joint_shares(grid, confidence, size, unit * scale)

    soft = max(0.06, 0.7 / max(unit * scale, 1e-3))
    own = np.empty_like(score)
    for i in range(len(PARTS)):
        rivals = np.stack([score[j] - 9 * near[i, j] for j in range(len(PARTS)) if j != i])
        lead = score[i] - rivals.max(0)
        own[i] = np.clip(lead / (2 * soft) + 0.5, 0, 1)

    guide = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    person = cv2.resize(matte, size, interpolation=cv2.INTER_AREA)
    own = follow_edges(guide, own, person, max(2, round(0.08 * unit * scale)))
    # What parts in front of this one own: the sum over the parts that come later.
    covered = np.cumsum(own[::-1], 0)[::-1] - own
    hidden = np.clip(depth / 0.04, 0, 1) * np.minimum(covered, 1 - own).clip(0) * (person > 0.5)
    return (
        np.stack([cv2.resize(share, (width, height)) for share in own]),
        np.stack([cv2.resize(share, (width, height)) for share in hidden]),
    )


def _joint_shares(
    points: np.ndarray, confidence: np.ndarray, size: tuple[int, int], unit: float
) -> np.ndarray:
    """P×P×h×w bool: [i, j] are the pixels around a joint that i keeps although they are j's."""
    yy, xx = np.mgrid[: size[1], : size[0]].astype(np.float32)
    near = np.zeros((len(PARTS), len(PARTS), size[1], size[0]), bool)
    for bond in BONDS:
        x, y = points[bond.joint]
        disc = np.hypot(xx - x, yy - y) < bond.radius * unit
        if confidence[bond.joint] >= PRESENT:
            near[bond.second, bond.first] = disc
            near[bond.first, bond.second] = disc & bond.mutual
    return near


def _box(where: np.ndarray, margin: int) -> tuple[slice, slice] | None:
    """The smallest box around what is true, grown by a margin; None if nothing is."""
    rows, columns = np.flatnonzero(where.any(1)), np.flatnonzero(where.any(0))
    if not len(rows):
        return None
    return (
        slice(max(0, int(rows[0]) - margin), int(rows[-1]) + margin + 1),
        slice(max(0, int(columns[0]) - margin), int(columns[-1]) + margin + 1),
    )
