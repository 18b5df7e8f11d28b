"""How far a mean over few clips can be trusted."""

from __future__ import annotations

import numpy as np


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
    from scipy import stats

    return float(clips.mean()), float(stats.t.ppf(0.975, len(clips) - 1) * stats.sem(clips))
