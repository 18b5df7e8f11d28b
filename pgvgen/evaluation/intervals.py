"""How far a mean over few clips can be trusted."""

from __future__ import annotations

import numpy as np

_Z = 1.959964  # the normal distribution's .975 quantile


def mean_over_clips(pairs: list[np.ndarray]) -> tuple[float, float | None]:
    """A figure's mean over clips, and half its 95 % interval.

    The pairs of one clip show one person in one place, so that they count as one: their mean. The
    interval is Student's, over the clips.

    Args:
        pairs: each clip's figures, one a pair; NaN where a pair says nothing.

    Returns:
        The mean, NaN if nothing says anything, and the interval, None for fewer than two clips.
    """
    said = [figures[~np.isnan(figures)] for figures in pairs]
    clips = np.array([figures.mean() for figures in said if len(figures)])
    if len(clips) == 0:
        return float("nan"), None
    if len(clips) < 2:
        return float(clips[0]), None
    error = np.std(clips, ddof=1) / np.sqrt(len(clips))
    return float(clips.mean()), float(t_quantile(len(clips) - 1) * error)


def t_quantile(freedom: int) -> float:
    """The .975 quantile of Student's t, within 0.2 %: exact for one and two degrees of freedom,
    then Fisher's expansion around the normal distribution's (Abramowitz & Stegun 26.7.5)."""
    if freedom == 1:
        return float(np.tan(0.475 * np.pi))
    if freedom == 2:
        return float(0.95 / np.sqrt(2 * 0.975 * 0.025))
    z, n = _Z, freedom
    first = (z**3 + z) / 4
    second = (5 * z**5 + 16 * z**3 + 3 * z) / 96
    third = (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / 384
    fourth = (79 * z**9 + 776 * z**7 + 1482 * z**5 - 1920 * z**3 - 945 * z) / 92160
    return z + first / n + second / n**2 + third / n**3 + fourth / n**4
