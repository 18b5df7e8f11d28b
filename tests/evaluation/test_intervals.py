"""The interval over clips is Student's, and a clip counts once however many pairs it has."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pgvgen.evaluation.intervals import half_interval, mean_over_clips


@pytest.mark.parametrize("clips", [2, 3, 4, 5, 9, 31])
def test_the_interval_is_scipys_over_the_clips_means(clips: int) -> None:
    pairs = list(np.random.default_rng(0).normal(size=(clips, 6)))
    means = np.array([figures.mean() for figures in pairs])
    mean, half = mean_over_clips(pairs)
    low, high = stats.t.interval(0.95, clips - 1, means.mean(), stats.sem(means))
    assert half is not None
    assert (mean - half, mean + half) == pytest.approx((low, high), rel=5e-3)


def test_a_few_runs_say_less_than_their_spread_suggests() -> None:
    values = np.array([1.0, 3.0] * 10)
    assert half_interval(values) == pytest.approx(2.093 * np.sqrt(20 / 19) / np.sqrt(20), rel=1e-3)
    assert half_interval(values[:4]) == pytest.approx(3.182 * np.sqrt(4 / 3) / 2, rel=1e-3)
    assert half_interval(values[:1]) is None


def test_more_pairs_of_a_clip_neither_weigh_more_nor_narrow_the_interval() -> None:
    few = mean_over_clips([np.array([1.0]), np.array([3.0])])
    assert few == mean_over_clips([np.ones(50), np.array([3.0])])
    assert few[0] == 2


def test_pairs_that_say_nothing_are_left_out() -> None:
    nothing = np.full(2, np.nan)
    assert mean_over_clips([np.array([1.0, np.nan]), nothing]) == (1, None)
    mean, half = mean_over_clips([nothing, nothing])
    assert np.isnan(mean)
    assert half is None
