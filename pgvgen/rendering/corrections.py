"""What the network says about the painter's order, brought to full size without tearing edges.

At 128×128 the masks are softmax(corrections + log prior). At full size the mattes are sharp, and a
large factor on a thin remnant of alpha would eat or fray an edge. So a correction scales what the
painter's order shows only a little (`GENTLE`); beyond that it shows what the order hides, in
proportion to its alpha, which keeps every outline the photo's own.
"""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.boxes import Box, Raster
from pgvgen.rendering.framing import Frame
from pgvgen.rendering.transforms import smoothstep
from pgvgen.rendering.transport import FLOOR

GENTLE = 0.7
"""The largest change of a visible layer's weight, as a logarithm."""

DECIDED = (0.6, 0.9)
"""A hidden layer begins to show where the network gives it the first share of the view, and shows
fully from the second: in between lie double exposures."""


def relative_corrections(corrections: np.ndarray, masks: np.ndarray) -> np.ndarray:
    """Corrections less those of what the painter's order shows: T×L×h×w float32.

    A softmax does not change when all its logits shift together; gentle factors would.

    Args:
        corrections: T×L×h×w, the network's answer.
        masks: T×L×h×w, softmax(corrections + log prior).
    """
    lowest = corrections.min(1, keepdims=True)
    prior = masks * np.exp(np.clip(lowest - corrections, -60, 0))
    prior /= np.maximum(prior.sum(1, keepdims=True), 1e-20)
    return corrections - (prior * corrections).sum(1, keepdims=True)


class Corrections:
    """One frame's corrections, over boxes of the full-size picture; none change nothing.

    Args:
        relative: L×h×w over the square (`relative_corrections`), or None.
        square: what of the picture the network sees.
    """

    def __init__(self, relative: np.ndarray | None, square: Frame) -> None:
        self._relative, self._square = relative, square

    def factor(self, layer: int, box: Box) -> np.ndarray | float:
        """What to multiply a visible layer's weight with: h×w of the box, or the same for all."""
        if self._relative is None:
            return 1.0
        raster, logits = self._logits(self._relative[layer], box)
        return raster.enlarge(np.exp(np.clip(logits, -GENTLE, GENTLE)), box)

    def extra(self, layer: int, box: Box) -> np.ndarray | float:
        """Weight of a layer that the painter's order does not show; mostly none, which is 0."""
        if self._relative is None:
            return 0.0
        raster, logits = self._logits(self._relative[layer], box)
        weight = FLOOR * np.expm1(np.clip(logits, 0, 12))
        # What shows has a weight of about one. A network in two minds would lay a veil over it.
        share = smoothstep((weight / (1 + weight) - DECIDED[0]) / (DECIDED[1] - DECIDED[0]))
        return raster.enlarge(share / (1.01 - share), box) if share.any() else 0.0

    def _logits(self, values: np.ndarray, box: Box) -> tuple[Raster, np.ndarray]:
        raster = self._square.raster(values)
        return raster, self._square.sample(values, raster, box)
