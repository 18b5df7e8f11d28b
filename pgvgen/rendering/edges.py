"""The guided filter: maps whose borders are the picture's own edges (He & Sun 2015)."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.boxes import Box, box_of
from pgvgen.rendering.framing import Frame


class Guide:
    """The filter's part that depends on the picture alone.

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


def drawn(
    slope: np.ndarray, offset: np.ndarray, colours: np.ndarray, steep: float = 1.5
) -> np.ndarray:
    """The map that a picture's colours make of coefficients: H×W float32 in [0, 1].

    Args:
        slope, offset: H×W×3 and H×W, from `Guide.coefficients`, at the colours' size.
        colours: H×W×3 float32 in [0, 1].
        steep: contrast about a half: what the filter gives is softer than the edge it is on.
    """
    line = np.einsum("hwc,hwc->hw", slope, colours) + offset
    return np.clip((line - 0.5) * steep + 0.5, 0, 1)


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
    guide = Guide(colours, radius, 1e-3, np.maximum(person[box], 1e-3))
    for part, share in enumerate(shares):
        if share[box].max() < 0.01:
            continue
        line = guide.coefficients(np.ascontiguousarray(share[box]))
        out[part][box] = drawn(*line, colours, steep=4)
    return out


class Enlarger:
    """Draws small maps of a person at the picture's size, their borders along its edges.

    Drawn larger by themselves, the cells of a small map show as steps: a neckline is jagged.

    Args:
        picture: H×W×3 uint8.
        person: h×w float32 in [0, 1], how much is the person's, at the small maps' size.

    Attributes:
        frame: the whole picture.
    """

    def __init__(self, picture: np.ndarray, person: np.ndarray) -> None:
        import cv2

        self._picture = picture
        self.frame = Frame(0, 0, picture.shape[1], picture.shape[0])
        self._guide = None
        if person.shape != picture.shape[:2]:
            small = cv2.resize(picture, person.shape[::-1], interpolation=cv2.INTER_AREA)
            weight = np.maximum(person, 1e-3)
            self._guide = Guide(small.astype(np.float32) / 255, 2, 1e-3, weight)

    def enlarge(self, values: np.ndarray, box: Box) -> np.ndarray:
        """Maps M×h×w float32 in [0, 1] in a box of the picture: M×H×W."""
        if self._guide is None:
            return values[:, box[0], box[1]]
        colours = self._picture[box].astype(np.float32) / 255
        lines = [np.dstack(self._guide.coefficients(small)) for small in values]
        large = (self.frame.enlarge(line, box) for line in lines)
        return np.stack([drawn(line[..., :3], line[..., 3], colours) for line in large])
