"""From a soft person mask to a matte that follows hair, fingers and cloth."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.edges import Guide, drawn
from pgvgen.sizes import size_within

GUIDE_PIXELS = 512
"""The guided filter's coefficients are found with the longer side at most this long."""


def refine_matte(picture: np.ndarray, mask: np.ndarray, band: float) -> np.ndarray:
    """A matte with the picture's own edges: H×W float32 in [0, 1].

    The fast guided filter with a colour guide (He & Sun 2015): near the mask's rim alpha is a
    linear function of the colour in every small window, which is the assumption of closed-form
    matting. Its coefficients are found at a reduced size and applied at full size.

    Args:
        picture: H×W×3 uint8.
        mask: H×W float32 in [0, 1], coarse and soft.
        band: how far off the mask's rim may be, in px.
    """
    import cv2

    whole = mask.shape[::-1]
    size = size_within(whole, GUIDE_PIXELS)
    guide = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    small = cv2.resize(mask.astype(np.float32), size, interpolation=cv2.INTER_AREA)
    radius = max(2, round(band * max(size) / max(whole)))
    slope, offset = Guide(guide, radius, eps=8e-4).coefficients(small)
    slope = cv2.resize(slope, whole, interpolation=cv2.INTER_LINEAR)
    offset = cv2.resize(offset, whole, interpolation=cv2.INTER_LINEAR)
    # Steep, as the filter leaves a faint veil; what the net was sure of beyond the band stays.
    alpha = drawn(slope, offset, picture.astype(np.float32) / 255)
    inside = ~grown(mask <= 0.9, round(band))
    reachable = grown(mask > 0.1, round(band))
    # Dark hair before a dark wall has no colour of its own: there the net knows better.
    alpha = np.maximum(alpha, np.clip((mask - 0.7) / 0.25, 0, 1))
    return np.where(inside, 1, alpha * reachable).astype(np.float32)


def decided(matte: np.ndarray, limit: np.ndarray, radius: float) -> np.ndarray:
    """The matte, all or nothing where it is half over more than an outline: H×W float32.

    There the mask net does not know whether a thing is the person's. A soft edge it is not, and
    half of a thing would move as fog.

    Args:
        matte: H×W float32 in [0, 1].
        limit: H×W in (0, 1), what more than that is all.
        radius: in px, of what is too wide for an outline.
    """
    import cv2

    half = ((matte > 0.1) & (matte < 0.9)).astype(np.uint8)
    wide = grown(cv2.distanceTransform(half, cv2.DIST_L2, 5) > radius, radius + 1) & (half > 0)
    return np.where(wide, np.clip((matte - limit) * 8 + 0.5, 0, 1), matte).astype(np.float32)


def grown(where: np.ndarray, radius: float) -> np.ndarray:
    """H×W bool: what lies within the radius, in px, of where it is true.

    By distances: a dilation takes as many times longer as its disc has rows.
    """
    import cv2

    if not where.any():
        return where
    return cv2.distanceTransform((~where).astype(np.uint8), cv2.DIST_L2, 5) <= radius


def foreground(picture: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The person's own colour at the matte's soft rim, free of background: H×W×3 uint8.

    Where alpha is below one, the colour is carried outwards from the nearby pixels that are surely
    the person's, so that a moved part takes no rim of the old background along.
    """
    import cv2

    spread = carried_on(picture, (matte > 0.97).astype(np.float32))
    share = np.clip((matte - 0.6) / 0.37, 0, 1)
    return np.asarray(cv2.blendLinear(picture, spread, share, 1 - share))


def carried_on(picture: np.ndarray, sure: np.ndarray) -> np.ndarray:
    """The colours that are sure, carried on smoothly (`push_pull`) to where none is: H×W×3 uint8.

    Being smooth, they are found at a reduced size.

    Args:
        picture: H×W×3 uint8.
        sure: H×W float32 in [0, 1], not 0 everywhere.
    """
    import cv2

    height, width = sure.shape
    less = 2 if max(height, width) > GUIDE_PIXELS else 1
    size = (-(-width // less), -(-height // less))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA).astype(np.float32)
    weight = cv2.resize(sure, size, interpolation=cv2.INTER_AREA)
    inside = np.clip(4 * weight - 3, 0, 1) if less > 1 else weight  # no pixel's neighbours with it
    filled = push_pull(small, inside if inside.any() else weight)
    return cv2.resize(np.rint(filled).clip(0, 255).astype(np.uint8), (width, height))


def push_pull(values: np.ndarray, weight: np.ndarray) -> np.ndarray:
    """Fill what has no weight smoothly from what has: H×W×C float32.

    Averages over ever larger blocks are taken until every block is known, then handed down again
    (Gortler et al. 1996). Pixels of weight 1 keep their value.

    Args:
        values: H×W×C float32.
        weight: H×W float32 in [0, 1]; 0 is unknown.
    """
    import cv2

    height, width = weight.shape
    known = np.dstack([values * weight[..., None], weight]).astype(np.float32)
    if min(height, width) <= 1 or weight.min() >= 1:
        return known[..., :-1] / np.maximum(known[..., -1:], 1e-6)
    half = (max(1, (width + 1) // 2), max(1, (height + 1) // 2))
    small = cv2.resize(known, half, interpolation=cv2.INTER_AREA)
    share = small[..., -1:]
    colour = small[..., :-1] / np.maximum(share, 1e-6)
    colour = push_pull(colour, np.minimum(share[..., 0] * 4, 1))
    coarse = cv2.resize(colour, (width, height), interpolation=cv2.INTER_LINEAR)
    coarse = coarse.reshape(height, width, -1)
    return known[..., :-1] + (1 - weight[..., None]) * coarse
