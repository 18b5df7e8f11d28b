"""How alike two pictures are: SSIM and PSNR, in float (an 8-bit PSNR overflows)."""

from __future__ import annotations

import numpy as np

WINDOW, SIGMA = 11, 1.5
"""SSIM's Gaussian window [39]."""

Box = tuple[int, int, int, int]
"""left, top, right, bottom in px; right and bottom are outside."""


def psnr(picture: np.ndarray, reference: np.ndarray, box: Box | None = None) -> float:
    """Peak signal-to-noise ratio in dB, inf for equal pictures.

    Args:
        picture, reference: H×W×3 uint8 (compared as floats in [0, 1]).
        box: only there.
    """
    first, second = _unit(picture, box), _unit(reference, box)
    error = float(np.mean((first - second) ** 2))
    return float("inf") if error == 0 else -10 * float(np.log10(error))


def ssim(picture: np.ndarray, reference: np.ndarray, box: Box | None = None) -> float:
    """Structural similarity [39] in [−1, 1], the mean over the colour channels.

    As Wang et al. define it: Gaussian window of σ = 1.5 over 11 px, population covariance,
    K1 = .01, K2 = .03. Windows that leave the picture do not count.

    Args:
        picture, reference: H×W×3 uint8.
        box: the mean over the windows centred there.
    """
    scores = ssim_map(picture, reference)
    edge = WINDOW // 2
    height, width = scores.shape[:2]
    left, top, right, bottom = box or (0, 0, width, height)
    left, top = max(left, edge), max(top, edge)
    right, bottom = min(right, width - edge), min(bottom, height - edge)
    return float(scores[top:bottom, left:right].mean(dtype=np.float64))


def ssim_map(picture: np.ndarray, reference: np.ndarray) -> np.ndarray:
    """SSIM of the window around every pixel: H×W×3 float64."""
    import cv2

    def mean(values: np.ndarray) -> np.ndarray:
        return cv2.GaussianBlur(values, (WINDOW, WINDOW), SIGMA, borderType=cv2.BORDER_REFLECT)

    x, y = _unit(picture, None), _unit(reference, None)
    mean_x, mean_y = mean(x), mean(y)
    var_x, var_y = mean(x * x) - mean_x**2, mean(y * y) - mean_y**2
    covariance = mean(x * y) - mean_x * mean_y
    c1, c2 = 0.01**2, 0.03**2
    above = (2 * mean_x * mean_y + c1) * (2 * covariance + c2)
    below = (mean_x**2 + mean_y**2 + c1) * (var_x + var_y + c2)
    return above / below


def person_box(masks: list[np.ndarray], margin: float = 0.1) -> Box:
    """The box around a person in several masks (h×w in [0, 1]), grown by a share of its size.

    The whole picture where no mask has anybody.
    """
    there = np.maximum.reduce(masks) > 0.5
    height, width = there.shape
    if not there.any():
        return 0, 0, width, height
    rows, columns = np.flatnonzero(there.any(1)), np.flatnonzero(there.any(0))
    left, top, right, bottom = columns[0], rows[0], columns[-1] + 1, rows[-1] + 1
    grow_x, grow_y = round(margin * (right - left)), round(margin * (bottom - top))
    return (
        max(0, int(left - grow_x)),
        max(0, int(top - grow_y)),
        min(width, int(right + grow_x)),
        min(height, int(bottom + grow_y)),
    )


def _unit(picture: np.ndarray, box: Box | None) -> np.ndarray:
    if box is not None:
        picture = picture[box[1] : box[3], box[0] : box[2]]
    return picture.astype(np.float64) / 255
