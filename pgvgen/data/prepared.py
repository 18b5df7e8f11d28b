"""What an importer hands to the store."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

import numpy as np

from pgvgen.data.clip import Clip


class Prepared(NamedTuple):
    """A clip, and its pictures if it has any.

    Attributes:
        clip: poses and labels.
        frames: T pictures, H×W×3 uint8 RGB, drawn as they are asked for.
        masks: T masks of the person, H×W float32 in [0, 1].
    """

    clip: Clip
    frames: Iterable[np.ndarray] | None = None
    masks: Iterable[np.ndarray] | None = None
