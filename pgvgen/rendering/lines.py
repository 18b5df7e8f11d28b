"""Straight lines that go on behind a person: rails, door frames, where a wall meets the floor.

A fill that only compares textures lets them end, or bends them. So a line (LSD, Grompone von Gioi
et al. 2010) that ends on one side of the hole is looked for on the other one, and where there are
both they are joined (structure propagation, Sun et al. 2005).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pgvgen.rendering.boxes import box_of, shape_of
from pgvgen.sizes import rescaled, size_within

SEEN_AT = 300
"""Lines are found with the hole's longer side at most so long, px; all below is in these px."""

SHORTEST = 5
"""What is seen of a line is at least so long."""

REACH = 10
"""It ends at most so far from the hole."""

ANGLE = 8.0
"""Degrees by which the two ends of one line differ at most."""

ASIDE = 3.0, 0.02
"""By how many px one end may lie beside the other's line, and by how many more for each between."""

MISSED = 8.0, 0.05
"""By how far one end may be from where the other comes out, likewise."""

COLOUR = 90.0
"""Grey levels by which what lies beside the two ends differs at most, on either side."""

ALIKE = 0.8
"""Cosine between the two ends' differences in colour from one side to the other, at least."""

MOST = 500
"""So many ends at most, the longest, are compared with each other."""

WIDE = 3
"""A line is continued so many px wide, ..."""

FEW = 8
"""... if so many places on it can be copied."""

_RIM = 2  # px beyond the hole's rim, which tie what is continued to what is seen
_OFF = 2.0  # px from the line, where its sides' colours are taken
_LOOK_BACK = np.arange(3, 13)  # px before the hole, where they are taken
_SAMPLES = np.linspace(0, 1, 40)[:, None]  # of a segment, where it may come near the hole
_NARROW = 5  # px: what is hidden of a line is at least so long


@dataclass(frozen=True)
class _Rays:
    """R lines where they go into the hole.

    Attributes:
        start, entry, end: R×2 px, (x, y): from where they are seen, where they come to the hole,
            and where they would leave it.
        direction: R×2, unit length, into the hole.
        sides: R×2×3, the colours to either side of them.
    """

    start: np.ndarray
    entry: np.ndarray
    end: np.ndarray
    direction: np.ndarray
    sides: np.ndarray


def lines_behind(picture: np.ndarray, hole: np.ndarray, foreign: np.ndarray) -> np.ndarray:
    """The lines that go on behind the hole: N×4×2 float32, (x, y) px.

    Each is seen between the first two places, and between the last two.

    Args:
        picture: H×W×3 uint8.
        hole: H×W bool, not empty.
        foreign: H×W bool, what lines are not taken from: people.
    """
    import cv2

    box = box_of(hole)
    assert box is not None
    whole = hole.shape[::-1]
    size = size_within(whole, round(SEEN_AT / max(shape_of(box)) * max(whole)))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    gap, others = (
        cv2.resize(np.uint8(255) * where, size, interpolation=cv2.INTER_AREA) > 0
        for where in (hole, foreign)
    )
    rays = _rays(small, gap, others)
    one, other = _joined(rays).T
    places = rays.start[one], rays.entry[one], rays.entry[other], rays.start[other]
    return rescaled(np.stack(places, 1), size, whole)


def continued(
    line: np.ndarray, pixels: np.ndarray, places: np.ndarray
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Which pixels continue a line, and from where: the longer of its ends comes again and again.

    Args:
        line: 4×2, one of `lines_behind`, (x, y) px.
        pixels: N×2, (row, column), in the hole and beside it.
        places: M×2, (row, column), what can be copied.

    Returns:
        K indices of the pixels and K of the places, none where there is hardly one on the line; and
        the line's direction, (y, x).
    """
    start, one, other, end = line[:, ::-1].astype(float)
    hidden = float(np.hypot(*(other - one)))
    y, x = way = (other - one) / max(hidden, 1e-6)
    to_line = np.stack([way, [-x, y]], 1)  # along the line from where it is hidden, and beside it
    first, last = (start - one) @ way, (end - one) @ way
    at, there = (pixels - one) @ to_line, (places - one) @ to_line
    on, seen = (np.abs(points[:, 1]) <= WIDE / 2 for points in (at, there))
    on = np.flatnonzero(on & (at[:, 0] >= -_RIM) & (at[:, 0] <= hidden + _RIM))
    seen = np.flatnonzero(seen & (there[:, 0] >= first) & (there[:, 0] <= last))
    if len(seen) < FEW:
        on = on[:0]
    longer, begin = max((-first, first), (last - hidden, hidden))
    wanted = at[on]
    wanted[:, 0] = begin + wanted[:, 0] % max(longer, 1)
    away = np.abs(wanted[:, None] - there[seen]).sum(-1)  # K×S
    return on, seen[away.argmin(1)] if len(on) else on, way


def _rays(picture: np.ndarray, gap: np.ndarray, foreign: np.ndarray) -> _Rays:
    """The lines that go into a gap (h×w bool) from where nothing foreign is (h×w bool)."""
    import cv2

    grey = cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY)
    found = cv2.createLineSegmentDetector(cv2.LSD_REFINE_ADV).detect(grey)[0]
    segments = np.zeros((0, 2, 2)) if found is None else found.reshape(-1, 2, 2).astype(float)
    start, stop = np.concatenate([segments, segments[:, ::-1]]).transpose(1, 0, 2)
    reach = cv2.dilate(gap.astype(np.uint8), np.ones((2 * REACH + 1,) * 2))
    near = _at(reach, start[:, None] + _SAMPLES * (stop - start)[:, None]).any(1)
    start, stop = start[near], stop[near]
    length = np.hypot(*(stop - start).T)
    direction = (stop - start) / np.maximum(length, 1e-6)[:, None]

    # Across the hole at most, whose sides are no longer than that.
    steps = np.arange(round(length.max(initial=0)) + REACH + 2 * SEEN_AT)
    places = start[:, None] + steps[:, None] * direction[:, None]  # R×T×2
    within = ((places >= 0) & (places <= np.array(gap.shape[::-1]) - 1)).all(-1)
    hidden = _at(gap, places) & within
    entered = hidden.argmax(1)
    left = (~hidden & (steps > entered[:, None])).argmax(1)
    good = hidden.any(1) & (entered >= SHORTEST) & (entered <= length + REACH)
    good &= left >= entered + _NARROW
    entry, end = (start + at[:, None] * direction for at in (entered, left))
    good &= ~_at(foreign, entry - 2 * direction)
    kept = np.flatnonzero(good)
    kept = np.sort(kept[np.argsort(-length[kept], kind="stable")[:MOST]])
    start, entry, end, direction = (part[kept] for part in (start, entry, end, direction))
    beside = _OFF * np.stack([_normal(direction), -_normal(direction)], 1)  # R×2×2
    looked = entry[:, None] - _LOOK_BACK[:, None] * direction[:, None]  # R×L×2
    sides = _at(picture, looked[:, None] + beside[:, :, None]).mean(2)
    return _Rays(start, entry, end, direction, sides)


def _joined(rays: _Rays) -> np.ndarray:
    """Which rays are the two ends of one line: N×2 indices."""
    between = rays.entry - rays.entry[:, None]  # R×R×2, from the first to the second
    normal = _normal(rays.direction)
    one, other = ((between * n).sum(-1) for n in (normal[:, None], normal))
    aside = np.maximum(np.abs(one), np.abs(other))
    hidden = np.hypot(*(rays.end - rays.entry).T)[:, None]
    missed = np.hypot(*np.moveaxis(rays.entry - rays.end[:, None], -1, 0))
    unlike = np.abs(rays.sides[:, None] - rays.sides[:, ::-1]).mean(-1)  # R×R×2
    possible = rays.direction @ rays.direction.T < -np.cos(np.deg2rad(ANGLE))
    possible &= (aside <= ASIDE[0] + ASIDE[1] * hidden) & (missed <= MISSED[0] + MISSED[1] * hidden)
    possible &= unlike.max(-1, initial=0) < COLOUR
    edge = rays.sides[:, 0] - rays.sides[:, 1]
    strength = np.linalg.norm(edge, axis=1)
    possible &= -edge @ edge.T > ALIKE * strength[:, None] * strength
    if not possible.any():
        return np.zeros((0, 2), int)
    cost = np.where(possible, 5 * aside + unlike.mean(-1), np.inf)
    best = cost.argmin(1)
    first = np.arange(len(best))
    mutual = (best[best] == first) & (first < best) & possible[first, best] & possible[best, first]
    return np.stack([first, best], 1)[mutual]


def _normal(direction: np.ndarray) -> np.ndarray:
    """R×2: a quarter turn from it."""
    return np.stack([-direction[:, 1], direction[:, 0]], 1)


def _at(values: np.ndarray, places: np.ndarray) -> np.ndarray:
    """What a picture has at places (…×2 px, (x, y)), the nearest pixel inside it."""
    x, y = np.moveaxis(np.rint(places).astype(int), -1, 0)
    height, width = values.shape[:2]
    return np.asarray(values[y.clip(0, height - 1), x.clip(0, width - 1)])
