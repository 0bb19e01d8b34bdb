"""Paired tests beside SciPy, and beside the enumeration of every sign where ties put SciPy's exact p off."""

import itertools
import time
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import stats

from hpt.compare.statistics import (
    corrected_t,
    hodges_lehmann,
    holm,
    paired_differences,
    signed_rank,
    signed_rank_interval,
    walsh_averages,
)


def enumerated(differences: Sequence[int]) -> tuple[float, float]:
    """One-sided p, less and greater, by giving the mid-ranks of the non-zero differences each pattern of signs."""
    ranked = [value for value in differences if value]
    ranks = stats.rankdata(np.abs(ranked)) if ranked else np.zeros(0)
    observed = sum(rank for rank, value in zip(ranks, ranked, strict=True) if value > 0)
    sums = [np.dot(ranks, signs) for signs in itertools.product((0, 1), repeat=len(ranked))]
    return float(np.mean([s <= observed for s in sums])), float(np.mean([s >= observed for s in sums]))


@given(st.lists(st.integers(-4, 4), min_size=1, max_size=9))
def test_signed_rank_counts_every_pattern_of_signs(differences: list[int]) -> None:
    less, greater = enumerated(differences)
    test = signed_rank(differences)
    assert (test.less, test.greater) == pytest.approx((less, greater))
    assert test.two_sided == pytest.approx(min(1, 2 * min(less, greater)))
    assert (test.below, test.zeros, test.above) == tuple(sum(np.sign(d) == s for d in differences) for s in (-1, 0, 1))


@pytest.mark.parametrize("n", [1, 2, 5, 12, 40, 300])
@pytest.mark.parametrize("shift", [-0.5, 0.0, 0.2])
def test_signed_rank_is_scipys_without_ties(n: int, shift: float) -> None:
    differences = np.random.default_rng(n).normal(shift, size=n)
    test = signed_rank(differences)
    for alternative, p in [("less", test.less), ("greater", test.greater), ("two-sided", test.two_sided)]:
        assert p == pytest.approx(stats.wilcoxon(differences, method="exact", alternative=alternative).pvalue, rel=1e-9)


def test_signed_rank_of_nothing_but_zeros_says_nothing() -> None:
    test = signed_rank([0.0, 0.0, 0.0])
    assert (test.zeros, test.less, test.greater, test.two_sided) == (3, 1, 1, 1)


def test_signed_rank_of_hundreds_with_ties_is_quick() -> None:
    differences = np.random.default_rng(0).integers(-20, 30, size=400)
    started = time.thread_time()
    test = signed_rank(differences)
    assert time.thread_time() - started < 2
    assert test.two_sided == pytest.approx(stats.wilcoxon(differences, method="approx").pvalue, rel=0.05)


def test_differences_that_differ_by_rounding_only_are_ties() -> None:
    differences = paired_differences([0.3, 0.2, 0.4], [0.2, 0.3, 0.4])
    assert differences.tolist() == [0.1, -0.1, 0.0]


@given(st.lists(st.integers(-1000, 1000), min_size=2, max_size=10), st.integers(-12, 12))
def test_the_unit_of_the_scores_changes_no_p(differences: list[int], power: int) -> None:
    a = (1000 + np.array(differences)) * 0.001 * 10.0**power
    b = np.full(len(differences), 10.0**power)
    assert signed_rank(paired_differences(a, b)).two_sided == signed_rank(differences).two_sided


@pytest.mark.parametrize(("a", "b"), [([], []), ([1.0], [1.0, 2.0]), ([np.nan], [1.0]), ([1.0], [np.inf])])
def test_differences_want_paired_finite_scores(a: list[float], b: list[float]) -> None:
    with pytest.raises(ValueError, match="paired scores"):
        paired_differences(a, b)


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=12))
def test_hodges_lehmann_is_the_median_of_pairwise_means(differences: list[float]) -> None:
    means = sorted((x + y) / 2 for x, y in itertools.combinations_with_replacement(differences, 2))
    assert walsh_averages(differences).tolist() == pytest.approx(means)
    assert hodges_lehmann(differences) == pytest.approx(np.median(means))


def test_the_interval_of_twelve_is_the_14th_and_65th_walsh_average() -> None:
    differences = np.random.default_rng(1).normal(size=12)
    averages = walsh_averages(differences)
    interval = signed_rank_interval(differences)
    assert averages.size == 78
    assert (interval.low, interval.high) == (averages[13], averages[64])
    assert interval.confidence == pytest.approx(0.958, abs=5e-4)


@pytest.mark.parametrize("n", [6, 9, 12, 25])
def test_the_interval_holds_the_shifts_that_are_not_rejected(n: int) -> None:
    differences = np.random.default_rng(n).standard_t(3, size=n)
    interval = signed_rank_interval(differences)
    for shift in np.linspace(differences.min() - 1, differences.max() + 1, 301):
        rejected = stats.wilcoxon(differences - shift, method="exact").pvalue <= 0.05
        assert rejected != (interval.low < shift < interval.high)


def test_too_few_differences_give_the_widest_interval_and_what_it_achieves() -> None:
    interval = signed_rank_interval([0.3, -0.1, 0.2, 0.7])
    assert (interval.low, interval.high, interval.confidence) == (-0.1, 0.7, 1 - 2 / 16)
    assert signed_rank_interval([0.3]).confidence == 0


@given(st.lists(st.floats(0, 1), min_size=1, max_size=7))
def test_holm_is_bonferroni_closed(p: list[float]) -> None:
    # The closure principle: a hypothesis falls when every set of hypotheses that holds it falls.
    subsets = [s for size in range(1, len(p) + 1) for s in itertools.combinations(range(len(p)), size)]
    closed = [max(min(1, len(s) * min(p[j] for j in s)) for s in subsets if i in s) for i in range(len(p))]
    assert holm(p).tolist() == pytest.approx(closed)


@given(st.lists(st.floats(-10, 10), min_size=2, max_size=15))
def test_corrected_t_without_test_rows_is_the_plain_t(differences: list[float]) -> None:
    if np.std(differences) < 1e-6:
        return
    found = corrected_t(differences, train_rows=100, test_rows=0)
    expected = stats.ttest_1samp(differences, 0)
    assert found.p == pytest.approx(expected.pvalue, rel=1e-6)
    interval = expected.confidence_interval(0.95)
    assert (found.interval.low, found.interval.high) == pytest.approx((interval.low, interval.high), rel=1e-6, abs=1e-9)


def test_corrected_t_adds_the_overlap_of_the_splits() -> None:
    differences = [0.1, 0.3, 0.2, 0.4]
    found = corrected_t(differences, train_rows=60, test_rows=20)
    error = np.std(differences, ddof=1) * np.sqrt(1 / 4 + 20 / 60)
    assert found.p == pytest.approx(2 * stats.t.sf(0.25 / error, 3))
    assert found.interval.high - found.mean == pytest.approx(error * stats.t.ppf(0.975, 3))


def test_corrected_t_of_equal_differences() -> None:
    assert corrected_t([0.0, 0.0], 60, 20).p == 1
    assert corrected_t([0.5, 0.5], 60, 20).p == 0
    with pytest.raises(ValueError, match="two differences"):
        corrected_t([0.5], 60, 20)


@settings(max_examples=20)
@given(st.lists(st.integers(-3, 3), min_size=1, max_size=12))
def test_swapping_the_sides_swaps_the_answers(differences: list[int]) -> None:
    forth, back = signed_rank(differences), signed_rank([-d for d in differences])
    assert (forth.less, forth.above) == (back.greater, back.below)
    there, here = signed_rank_interval(differences), signed_rank_interval([-d for d in differences])
    assert (there.low, there.high) == (-here.high, -here.low)
