"""From a soft person mask to a matte that follows hair, fingers and cloth."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.boxes import box_of

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
    slope, offset = _Guide(guide, radius, eps=8e-4).coefficients(small)
    slope = cv2.resize(slope, (width, height), interpolation=cv2.INTER_LINEAR)
    offset = cv2.resize(offset, (width, height), interpolation=cv2.INTER_LINEAR)
    full = picture.astype(np.float32) / 255
    alpha = np.einsum("hwc,hwc->hw", slope, full) + offset
    # The filter leaves a faint veil; what the net was sure of beyond the band stays as it was.
    alpha = np.clip((alpha - 0.5) * 1.5 + 0.5, 0, 1)
    inside = ~grown(mask <= 0.9, round(band))
    reachable = grown(mask > 0.1, round(band))
    # Dark hair before a dark wall has no colour of its own: there the net knows better.
    alpha = np.maximum(alpha, np.clip((mask - 0.7) / 0.25, 0, 1))
    return np.where(inside, 1, alpha * reachable).astype(np.float32)


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


def follow_edges(
    picture: np.ndarray, shares: np.ndarray, person: np.ndarray, radius: int
) -> np.ndarray:
    """Shares (P×h×w) of the person whose borders are drawn to the picture's own edges.

    The guided filter, one target a part, every pixel weighed by how much it is the person's.

    Args:
        picture: h×w×3 uint8.
        shares: P×h×w float32 in [0, 1].
        person: h×w float32 in [0, 1].
        radius: of the filter's window in px: how far a border may move.
    """
    out = np.zeros_like(shares)
    box = box_of(person > 0.02)
    if box is None:
        return out
    colours = picture[box].astype(np.float32) / 255
    guide = _Guide(colours, radius, 1e-3, np.maximum(person[box], 1e-3))
    for part, share in enumerate(shares):
        if share[box].max() < 0.01:
            continue
        slope, offset = guide.coefficients(np.ascontiguousarray(share[box]))
        refined = (slope * colours).sum(-1) + offset
        out[part][box] = np.clip((refined - 0.5) * 4 + 0.5, 0, 1)
    return out


class _Guide:
    """The guided filter's part that depends on the picture alone.

    Args:
        colours: H×W×3 float32 in [0, 1].
        radius: of the windows in px.
        eps: how much contrast counts as an edge.
        weight: H×W float32 > 0, how much every pixel counts; all the same by default.
    """

    def __init__(
        self, colours: np.ndarray, radius: int, eps: float, weight: np.ndarray | None = None
    ) -> None:
        self._colours, self._weight = colours, weight
        self._window = (2 * radius + 1, 2 * radius + 1)
        self._total = None if weight is None else self._blur(weight)
        self._mean_colour = self._mean(colours)
        r, g, b = np.moveaxis(colours, -1, 0)
        squares = self._mean(np.dstack([r * r, g * g, b * b]))
        products = self._mean(np.dstack([r * g, g * b, b * r]))
        mr, mg, mb = np.moveaxis(self._mean_colour, -1, 0)
        rr, gg, bb = np.moveaxis(squares - self._mean_colour**2 + eps, -1, 0)
        rg, gb, br = (
            products[..., 0] - mr * mg,
            products[..., 1] - mg * mb,
            products[..., 2] - mb * mr,
        )
        # The inverse of the symmetric 3×3 covariance, by cofactors.
        xx, yy, zz = gg * bb - gb * gb, rr * bb - br * br, rr * gg - rg * rg
        xy, yz, zx = br * gb - rg * bb, rg * br - rr * gb, rg * gb - gg * br
        det = np.maximum(rr * xx + rg * xy + br * zx, 1e-12)
        self._inverse = [entry / det for entry in (xx, xy, zx, yy, yz, zz)]

    def coefficients(self, target: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """The smoothed slope (H×W×3) and offset (H×W) with target ≈ slope · colour + offset."""
        target_mean = self._mean(target)
        cross = self._mean(self._colours * target[..., None])
        r, g, b = np.moveaxis(cross - self._mean_colour * target_mean[..., None], -1, 0)
        xx, xy, xz, yy, yz, zz = self._inverse
        slope = np.dstack([xx * r + xy * g + xz * b, xy * r + yy * g + yz * b,
                           xz * r + yz * g + zz * b])  # fmt: skip
        offset = target_mean - (slope * self._mean_colour).sum(-1)
        return self._mean(slope), self._mean(offset)

    def _mean(self, values: np.ndarray) -> np.ndarray:
        if self._weight is None or self._total is None:
            return self._blur(values)
        extra = (..., None) if values.ndim == 3 else ...
        return self._blur(values * self._weight[extra]) / self._total[extra]

    def _blur(self, values: np.ndarray) -> np.ndarray:
        import cv2

        return cv2.blur(values, self._window)
