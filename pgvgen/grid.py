"""A video at a glance: some of its frames on one page."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np

from pgvgen.pictures import write_image
from pgvgen.poses.sheets import contact_sheet

PICTURES, COLUMNS = 12, 4
"""How many frames a page shows, and in how many columns."""

_WIDTH, _SQUARE = 240, 8  # px of a cell, and of the squares behind what is transparent
_LIGHT, _DARK = 204, 153


def with_grid(frames: Iterable[np.ndarray], path: str | Path, count: int) -> Iterator[np.ndarray]:
    """The frames as they are; when all have passed, a contact sheet of them is written.

    Args:
        frames: uint8 H×W×3 RGB, or H×W×4 RGBA, which is shown over a chequered ground.
        path: the page, a picture's name.
        count: how many frames there are; of many, evenly spaced ones are shown, the first and the
            last among them.

    Raises:
        UsageError: the name is not a picture's.
        OutputError: the place cannot be written.
    """
    shown = min(PICTURES, count)
    chosen = {round(i * (count - 1) / max(1, shown - 1)): None for i in range(shown)}
    pictures = []
    for i, frame in enumerate(frames):
        if i in chosen:
            pictures.append(_small(frame))
        yield frame
    titles = [f"frame {i}" for i in chosen][: len(pictures)]
    height, width = pictures[0].shape[:2]
    write_image(path, contact_sheet(pictures, COLUMNS, titles, cell=(width, height)))


def _small(frame: np.ndarray) -> np.ndarray:
    """A frame as wide as a cell, opaque."""
    import cv2

    size = (_WIDTH, max(1, round(_WIDTH * frame.shape[0] / frame.shape[1])))
    small = cv2.resize(_premultiplied(frame), size, interpolation=cv2.INTER_AREA)
    if small.shape[2] == 3:
        return np.rint(small).astype(np.uint8)
    y, x = np.mgrid[: size[1], : size[0]] // _SQUARE
    ground = np.where((x + y) % 2, _DARK, _LIGHT)[..., None]
    return np.rint(small[..., :3] + (1 - small[..., 3:]) * ground).clip(0, 255).astype(np.uint8)


def _premultiplied(frame: np.ndarray) -> np.ndarray:
    """float32; RGBA with colours times alpha, and alpha in [0, 1]."""
    values = frame.astype(np.float32)
    if values.shape[2] == 4:
        values[..., 3] /= 255
        values[..., :3] *= values[..., 3:]
    return values
