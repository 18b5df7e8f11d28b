"""The interval over clips is Student's, and a clip counts once however many pairs it has;
of a ratio it is the ratio estimator's, over the groups."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from pgvgen.evaluation.intervals import half_interval, mean_over_clips, ratio_over_groups


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


def test_a_ratio_is_of_the_sums_and_certain_where_all_groups_agree() -> None:
    real = np.array([1.0, 2.0, 3.0, 4.0])
    ratio, half = ratio_over_groups(1.5 * real, real, ["a", "a", "b", "c"])
    assert (ratio, half) == pytest.approx((1.5, 0))
    assert ratio_over_groups(np.array([1.0, 5.0]), np.array([1.0, 2.0]), ["a", "b"]) == (2, None)


def test_more_windows_of_the_same_groups_do_not_narrow_a_ratios_interval() -> None:
    made, real, groups = np.array([1.0, 3.0, 2.0]), np.array([1.0, 1.0, 2.0]), ["a", "b", "c"]
    once = ratio_over_groups(made, real, groups)
    assert ratio_over_groups(np.tile(made, 9), np.tile(real, 9), groups * 9) == pytest.approx(once)


def test_a_ratios_interval_mostly_holds_the_true_one() -> None:
    rng = np.random.default_rng(0)
    held = 0
    for _ in range(400):
        real = np.repeat(rng.gamma(8, size=12), 3)
        made = 1.3 * rng.gamma(8, size=36)
        ratio, half = ratio_over_groups(made, real, [str(i // 3) for i in range(36)])
        assert half is not None
        held += abs(ratio - 1.3) < half
    assert 0.9 < held / 400 < 0.99
