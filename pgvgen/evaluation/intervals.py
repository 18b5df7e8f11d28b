"""How far a mean over few clips, or few runs, can be trusted."""

from __future__ import annotations

from collections.abc import Sequence

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


def ratio_over_groups(
    made: np.ndarray, real: np.ndarray, groups: Sequence[str]
) -> tuple[float, float | None]:
    """How many times as much there is of one thing as of another, and half its 95 % interval.

    The ratio of sums, and its interval as sampling theory has it (Cochran, Sampling Techniques,
    Section 6.4): what was drawn at random are the groups, so windows of one count as one.

    Args:
        made, real: N figures each, in pairs.
        groups: N, which take, person or recording each pair is of.

    Returns:
        The ratio, and the interval, None for fewer than three groups: two say next to nothing.
    """
    each = np.unique(np.asarray(groups), return_inverse=True)[1]
    of_made, of_real = (np.bincount(each, weights=figures) for figures in (made, real))
    ratio, count = float(of_made.sum() / of_real.sum()), len(of_real)
    if count < 3:
        return ratio, None
    from scipy import stats

    off = of_made - ratio * of_real
    spread = np.sqrt(count / (count - 1) * (off**2).sum()) / of_real.sum()
    return ratio, float(stats.t.ppf(0.975, count - 1) * spread)
