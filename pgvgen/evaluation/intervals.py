"""How far a mean over few clips, or few runs, can be trusted."""

from __future__ import annotations

import numpy as np


def half_interval(values: np.ndarray) -> float | None:
    """Half of Student's 95 % interval of the mean of several figures; None for a single one."""
    if len(values) < 2:
        return None
    from scipy import stats

    return float(stats.t.ppf(0.975, len(values) - 1) * stats.sem(values))


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
    return float(clips.mean()), half_interval(clips)
