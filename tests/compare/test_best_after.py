"""The best of k trials, beside every choice of k."""

import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.compare.best_after import best_after, best_of, doublings


@given(st.lists(st.floats(-100, 100), min_size=1, max_size=9))
def test_best_of_is_the_mean_over_every_choice(costs: list[float]) -> None:
    for k in range(1, len(costs) + 1):
        choices = [min(chosen) for chosen in itertools.combinations(costs, k)]
        assert best_of(costs, k) == pytest.approx(np.mean(choices), abs=1e-9)


def test_best_of_many_trials_is_stable() -> None:
    # The best of k of the numbers 1 … K is (K + 1)/(k + 1) on average.
    numbers = np.random.default_rng(0).permutation(10_000) + 1
    for k in (1, 2, 100, 5_000, 9_999, 10_000):
        assert best_of(numbers, k) == pytest.approx(10_001 / (k + 1), rel=1e-11)


@pytest.mark.parametrize(("costs", "k"), [([1.0, 2.0], 0), ([1.0, 2.0], 3), ([1.0, np.inf], 1), ([np.nan, 1.0], 1)])
def test_best_of_wants_finite_costs_and_a_possible_choice(costs: list[float], k: int) -> None:
    with pytest.raises(ValueError, match=r"best of|finite"):
        best_of(costs, k)


@pytest.mark.parametrize(
    ("trials", "expected"),
    [(1, (1,)), (2, (1, 2)), (3, (1, 2, 3)), (20, (1, 2, 4, 8, 16, 20)), (32, (1, 2, 4, 8, 16, 32))],
)
def test_doublings_end_with_all_trials(trials: int, expected: tuple[int, ...]) -> None:
    assert doublings(trials) == expected


def test_the_curve_is_the_mean_over_studies_within_its_band() -> None:
    costs = np.random.default_rng(1).normal(size=(12, 16))
    curve = best_after(costs, doublings(16), seed=3)
    assert curve.value[-1] == pytest.approx(costs.min(axis=1).mean())
    assert curve.value[0] == pytest.approx(costs.mean())
    assert all(low < value < high for low, value, high in zip(curve.low, curve.value, curve.high, strict=True))
    assert curve == best_after(costs, doublings(16), seed=3)
    assert curve != best_after(costs, doublings(16), seed=4)


def test_the_band_is_that_of_resampled_studies() -> None:
    costs = np.random.default_rng(2).normal(size=(30, 4))
    curve = best_after(costs, [1], seed=0, repetitions=20_000)
    error = costs.mean(axis=1).std() / np.sqrt(30)
    assert (curve.high[0] - curve.low[0]) / 2 == pytest.approx(1.96 * error, rel=0.05)


def test_one_study_has_no_band() -> None:
    curve = best_after([[3.0, 1.0, 2.0]], [1, 3], seed=0)
    assert (curve.low, curve.value, curve.high) == ((2.0, 1.0),) * 3
