"""What the network says about the painter's order, brought to full size without tearing edges.

At 128×128 the masks are softmax(corrections + log prior). At full size the mattes are sharp, and a
large factor on a thin remnant of alpha would eat or fray an edge. So a correction scales what the
painter's order shows only a little (`GENTLE`); beyond that it shows what the order hides, in
proportion to its alpha, which keeps every outline the photo's own.
"""

from __future__ import annotations

import numpy as np

from pgvgen.poses.easing import smoothstep
from pgvgen.rendering.boxes import Box
from pgvgen.rendering.framing import Frame
from pgvgen.rendering.transport import FLOOR

GENTLE = 0.7
"""The largest change of a visible layer's weight, as a logarithm."""

DECIDED = (0.6, 0.9)
"""A hidden layer begins to show where the network gives it the first share of the view, and shows
fully from the second: in between lie double exposures."""


class Corrections:
    """One frame's corrections, over boxes of the full-size picture; none change nothing.

    Args:
        relative: L×h×w over the square (`transported.Answer.relative`), or None.
        square: what of the picture the network sees.
    """

    def __init__(self, relative: np.ndarray | None, square: Frame) -> None:
        self._relative, self._square = relative, square

    def of(self, layer: int, box: Box) -> tuple[np.ndarray | float, np.ndarray | float]:
        """What to multiply a visible layer's weight with, and what weight to add to a hidden one.

        Each h×w of the box, or the same for all of it; there is mostly nothing to add.
        """
        if self._relative is None:
            return 1.0, 0.0
        values = self._relative[layer]
        raster = self._square.raster(values)
        logits = self._square.sample(values, raster, box)
        factor = raster.enlarge(np.exp(np.clip(logits, -GENTLE, GENTLE)), box)
        weight = FLOOR * np.expm1(np.clip(logits, 0, 12))
        # What shows has a weight of about one. A network in two minds would lay a veil over it.
        share = smoothstep((weight / (1 + weight) - DECIDED[0]) / (DECIDED[1] - DECIDED[0]))
        return factor, raster.enlarge(share / (1.01 - share), box) if share.any() else 0.0
