"""Beta, binomial and Student t probabilities, beside SciPy's."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import special, stats

from hpt.foundation.distributions import (
    beta_quantile,
    binomial_tail,
    clopper_pearson,
    incomplete_beta,
    student_t_quantile,
    student_t_tail,
)

shapes = st.floats(0.1, 10_000)


@given(a=shapes, b=shapes, level=st.floats(0.001, 0.999))
def test_incomplete_beta_is_scipys(a: float, b: float, level: float) -> None:
    x = float(special.betaincinv(a, b, level))
    assert incomplete_beta(a, b, x) == pytest.approx(special.betainc(a, b, x), rel=1e-9)


def test_incomplete_beta_is_a_share_at_both_ends() -> None:
    assert incomplete_beta(2, 3, 0.0) == 0
    assert incomplete_beta(2, 3, 1.0) == 1


@pytest.mark.parametrize(("a", "b"), [(0.5, 0.5), (1, 12), (12, 1), (200, 3801)])
@pytest.mark.parametrize("probability", [0.001, 0.025, 0.5, 0.975])
def test_beta_quantile_is_scipys(a: float, b: float, probability: float) -> None:
    assert beta_quantile(probability, a, b) == pytest.approx(stats.beta.ppf(probability, a, b), rel=1e-9)


@given(trials=st.integers(1, 60), chance=st.floats(0.01, 0.99), data=st.data())
def test_binomial_tail_is_the_sum_of_its_chances(trials: int, chance: float, data: st.DataObject) -> None:
    successes = data.draw(st.integers(-1, trials + 1))
    expected = sum(stats.binom.pmf(count, trials, chance) for count in range(max(successes, 0), trials + 1))
    assert binomial_tail(successes, trials, chance) == pytest.approx(expected, rel=1e-8, abs=1e-300)


@given(trials=st.integers(1, 5000), data=st.data())
def test_clopper_pearson_is_made_of_beta_quantiles(trials: int, data: st.DataObject) -> None:
    successes = data.draw(st.integers(0, trials))
    low, high = clopper_pearson(successes, trials, 0.9)
    expected_low = stats.beta.ppf(0.05, successes, trials - successes + 1) if successes else 0
    expected_high = stats.beta.ppf(0.95, successes + 1, trials - successes) if successes < trials else 1
    assert low == pytest.approx(expected_low, rel=1e-8)
    assert high == pytest.approx(expected_high, rel=1e-8)


@pytest.mark.parametrize(("successes", "trials"), [(-1, 3), (4, 3), (0, 0)])
def test_clopper_pearson_wants_counts(successes: int, trials: int) -> None:
    with pytest.raises(ValueError, match="successes"):
        clopper_pearson(successes, trials)


@given(t=st.floats(0.01, 40), freedom=st.integers(1, 300))
def test_student_t_tail_is_scipys(t: float, freedom: int) -> None:
    assert student_t_tail(t, freedom) == pytest.approx(stats.t.sf(t, freedom), rel=1e-9)
    assert student_t_tail(-t, freedom) == pytest.approx(stats.t.cdf(t, freedom), rel=1e-9)
    assert student_t_tail(0, freedom) == 0.5


@pytest.mark.parametrize("freedom", [1, 2, 11, 300])
@pytest.mark.parametrize("tail", [0.0005, 0.025, 0.4])
def test_student_t_quantile_is_scipys(tail: float, freedom: int) -> None:
    assert student_t_quantile(tail, freedom) == pytest.approx(stats.t.isf(tail, freedom), rel=1e-9)
