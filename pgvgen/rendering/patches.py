"""Filling a hole with the texture around it, coarse to fine.

Every pixel of the hole looks for the place outside it whose surroundings resemble its own
(`patch_search`); what goes in behind the hole as a line comes out as one (`lines`). This is done at
a reduced size; the shifts that are found then copy the photo's pixels at full size, so the fill is
as sharp as the photo. The random search has a fixed seed.
"""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.boxes import box_of, shape_of
from pgvgen.rendering.lines import lines_behind
from pgvgen.rendering.matting import push_pull
from pgvgen.rendering.patch_search import Search
from pgvgen.rendering.shifts import copy_shifted
from pgvgen.sizes import rescaled

FINEST = 200
"""The hole's longer side at the finest level of the search, in px."""

COARSEST = 5
"""How deep the hole is at the coarsest level, in px."""


def complete(
    picture: np.ndarray, hole: np.ndarray, foreign: np.ndarray | None = None
) -> np.ndarray:
    """The picture with its hole filled: H×W×3 uint8.

    Args:
        picture: H×W×3 uint8.
        hole: H×W bool, what is to be filled; neither empty nor everything.
        foreign: H×W bool, what is not copied: the hole, by default, and other people.
    """
    foreign = hole if foreign is None else foreign
    box = box_of(hole)
    assert box is not None
    extent = max(shape_of(box))
    # What lies farther away is hardly taken, and every pixel that is searched costs a kilobyte.
    around = box_of(hole, margin=2 * extent)
    out = picture.copy()
    out[around] = _complete(picture[around], hole[around], foreign[around], extent)
    return out


def _complete(
    picture: np.ndarray, hole: np.ndarray, foreign: np.ndarray, extent: int
) -> np.ndarray:
    """`complete` for a hole so many px high or wide."""
    import cv2

    distance = cv2.distanceTransform(hole.astype(np.uint8), cv2.DIST_L2, 5)
    finest = min(1.0, FINEST / extent)
    levels = max(1, 1 + round(float(np.log2(max(distance.max() * finest / COARSEST, 1)))))
    rng = np.random.default_rng(0)
    solid, free = (~hole).astype(np.float32), (~foreign).astype(np.float32)
    known = picture * solid[..., None]
    lines = lines_behind(picture, hole, foreign)
    sources: np.ndarray | None = None
    for level in reversed(range(levels)):
        shape = tuple(max(8, round(side * finest / 2**level)) for side in hole.shape)
        share = _reduced(solid, shape)
        small, gap = _reduced(known, shape) / np.maximum(share, 1e-3)[..., None], share < 0.5
        search = Search(small, gap, gap | (_reduced(free, shape) < 0.5), rng)
        if not search.possible:
            continue
        if sources is None:
            search = search.begun()
        else:
            search.begin(sources, rescaled(lines, hole.shape[::-1], shape[::-1]))
        # What begins wrong is mended while that is cheap: a level up costs a quarter.
        search.refine(round(2 * 2.5**level))
        sources = search.sources
    if sources is None:  # too little is left of the picture to copy from
        return np.rint(push_pull(picture.astype(np.float32), 1.0 - hole)).astype(np.uint8)
    return copy_shifted(picture, hole, foreign, sources)


def _reduced(picture: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """H×W or H×W×3 float32 at a smaller size, each pixel the mean of those that it covers."""
    import cv2

    return np.asarray(cv2.resize(picture, shape[::-1], interpolation=cv2.INTER_AREA))
