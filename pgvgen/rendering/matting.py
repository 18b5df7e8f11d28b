"""From a soft person mask to a matte that follows hair, fingers and cloth."""

from __future__ import annotations

import numpy as np

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

    height, width = mask.shape
    scale = min(1.0, GUIDE_PIXELS / max(height, width))
    small_size = (max(1, round(width * scale)), max(1, round(height * scale)))
    guide = cv2.resize(picture, small_size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    small = cv2.resize(mask.astype(np.float32), small_size, interpolation=cv2.INTER_AREA)
    radius = max(2, round(band * scale))
    slope, offset = _guided_coefficients(guide, small, radius, eps=2e-4)
    slope = cv2.resize(slope, (width, height), interpolation=cv2.INTER_LINEAR)
    offset = cv2.resize(offset, (width, height), interpolation=cv2.INTER_LINEAR)
    full = picture.astype(np.float32) / 255
    alpha = np.einsum("hwc,hwc->hw", slope, full) + offset
    # The filter leaves a faint veil; what the net was sure of beyond the band stays as it was.
    alpha = np.clip((alpha - 0.5) * 1.5 + 0.5, 0, 1)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * round(band) + 1,) * 2)
    inside = cv2.erode((mask > 0.9).astype(np.uint8), kernel)
    reachable = cv2.dilate((mask > 0.1).astype(np.uint8), kernel)
    return np.where(inside > 0, 1, alpha * reachable).astype(np.float32)


def foreground(picture: np.ndarray, matte: np.ndarray) -> np.ndarray:
    """The person's own colour at the matte's soft rim, free of background: H×W×3 uint8.

    Where alpha is below one, the colour is carried outwards from the nearby pixels that are surely
    the person's, so that a moved part takes no rim of the old background along.
    """
    sure = (matte > 0.97).astype(np.float32)
    spread = push_pull(picture.astype(np.float32), sure)
    share = np.clip((matte - 0.6) / 0.37, 0, 1)[..., None]
    return np.rint(share * picture + (1 - share) * spread).astype(np.uint8)


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


def _guided_coefficients(
    guide: np.ndarray, target: np.ndarray, radius: int, eps: float
) -> tuple[np.ndarray, np.ndarray]:
    """The smoothed slope (H×W×3) and offset (H×W) with target ≈ slope · guide + offset."""
    import cv2

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.blur(values, (2 * radius + 1,) * 2)

    guide_mean, target_mean = mean(guide), mean(target)
    upper = [(0, 0), (0, 1), (0, 2), (1, 1), (1, 2), (2, 2)]
    products = np.stack([guide[..., i] * guide[..., j] for i, j in upper], -1)
    moments = np.concatenate([mean(products[..., :3]), mean(products[..., 3:])], -1)
    covariance = np.empty((*target.shape, 3, 3), np.float32)
    for k, (i, j) in enumerate(upper):
        entry = moments[..., k] - guide_mean[..., i] * guide_mean[..., j] + eps * (i == j)
        covariance[..., i, j] = covariance[..., j, i] = entry
    cross = mean(guide * target[..., None]) - guide_mean * target_mean[..., None]
    slope = np.linalg.solve(covariance, cross[..., None])[..., 0].astype(np.float32)
    offset = target_mean - np.einsum("hwc,hwc->hw", slope, guide_mean)
    return mean(slope), mean(offset)
