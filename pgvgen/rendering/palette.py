"""The colours that a person's parts have: skin, shirt, trousers, shoes."""

from __future__ import annotations

import numpy as np

from pgvgen.rendering.parts import PARTS

FLOOR = 3e-4
"""The share of any colour in any part: what is rarer says nothing."""

FOREIGN = 4.0
"""A colour can speak against a part this much, in units of log likelihood."""

RARE = 1.5
"""Rare is a colour up to so many units of log likelihood above `FLOOR`."""

_KINDS = [part.name.removeprefix("right_").removeprefix("left_") for part in PARTS]
_PALETTES = sorted(set(_KINDS))
_OF = np.array([_PALETTES.index(kind) for kind in _KINDS])
_LIGHT, _HUE = 8, 16
_BINS = _LIGHT * _HUE * _HUE

_LEVELS = np.arange(256, dtype=np.float32) / 255
_LINEAR: np.ndarray = np.where(
    _LEVELS > 0.04045, ((_LEVELS + 0.055) / 1.055) ** 2.4, _LEVELS / 12.92
)
_TO_XYZ = np.array(  # of sRGB, its white being 1
    [[0.4340, 0.3762, 0.1898], [0.2127, 0.7152, 0.0722], [0.0177, 0.1095, 0.8727]], np.float32
)


def colour_bins(picture: np.ndarray) -> np.ndarray:
    """h×w int: which box of colours a pixel is in, coarse in lightness, finer in hue.

    Args:
        picture: h×w×3 uint8.
    """
    # OpenCV's conversion to CIE Lab builds tables for a third of a second when it is first used.
    xyz = _LINEAR[picture] @ _TO_XYZ.T
    x, y, z = np.moveaxis(np.where(xyz > 0.008856, np.cbrt(xyz), 7.787 * xyz + 16 / 116), -1, 0)
    light = np.rint(2.55 * (116 * y - 16)).astype(int) >> 5
    hue = np.rint([500 * (x - y), 200 * (y - z)]).astype(int) + 64
    hue = np.clip(hue, 0, 127) >> 3
    return (light * _HUE + hue[0]) * _HUE + hue[1]


def judge_colours(
    bins: np.ndarray, sure: np.ndarray, near: np.ndarray, radius: int
) -> tuple[np.ndarray, np.ndarray]:
    """How foreign each pixel's colour is to each part, and how rare there: P×h×w float32 each.

    Foreign in [0, `FOREIGN`] is the log of how much likelier the colour is in another part that
    is near the pixel; rare is in [0, 1]. Both sides of the body are taken together: clothes are
    symmetric, and one of two arms is often clearer to see. A part that was nowhere sure has any
    colour.

    Args:
        bins: h×w, from `colour_bins`.
        sure: P×h×w bool, what the parts' colours are learnt from.
        near: P×h×w bool, which parts a pixel might belong to.
        radius: colours are judged by windows of so many px, against noise.
    """
    import cv2

    counts = np.zeros((len(_PALETTES), _BINS), np.float32)
    for palette, pixels in zip(_OF, sure, strict=True):
        # A part's two sides count alike, however much of each is to be seen.
        counts[palette] += np.bincount(bins[pixels], minlength=_BINS) / max(pixels.sum(), 1)
    total = counts.sum(1, keepdims=True)
    log = np.log(_spread(counts / np.maximum(total, 1)) + FLOOR)[:, bins]
    log = np.where((total > 0)[..., None], log, log.max(0))
    window = (2 * radius + 1, 2 * radius + 1)
    rare = np.clip(np.log(FLOOR) + RARE - log, 0, 1)[_OF]
    log = np.stack([cv2.blur(values, window) for values in log])[_OF]
    best = np.where(near, log, np.float32(-99)).max(0)
    return np.clip(best - log, 0, FOREIGN), rare


def _spread(counts: np.ndarray) -> np.ndarray:
    """N×bins, each box's count spread over its neighbours."""
    cube = counts.reshape(-1, _LIGHT, _HUE, _HUE)
    for axis in (1, 2, 3):
        n = cube.shape[axis]
        padded = np.pad(cube, [(1, 1) if a == axis else (0, 0) for a in range(4)])
        before, here, after = (padded[(slice(None),) * axis + (slice(i, i + n),)] for i in range(3))
        cube = 0.25 * before + 0.5 * here + 0.25 * after
    return cube.reshape(counts.shape)
