"""Bounds: how they are written, and how far a value is beyond one."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.training.bounds import Bound

bounds = st.builds(Bound, st.just("parameters"), st.sampled_from(["<=", ">=", "<", ">"]), st.floats(-1e9, 1e9))


@given(bounds, st.floats(allow_nan=False, allow_infinity=False))
def test_a_value_is_beyond_a_bound_exactly_where_it_does_not_keep_it(bound: Bound, value: float) -> None:
    expected = {
        "<=": value <= bound.limit,
        ">=": value >= bound.limit,
        "<": value < bound.limit,
        ">": value > bound.limit,
    }[bound.comparison]
    assert bound.met(value) is expected
    assert (bound.excess(value) > 0) is not expected
    assert json.loads(json.dumps(bound.excess(value), allow_nan=False)) == bound.excess(value)


@given(st.sampled_from(["<=", ">=", "<", ">"]), st.integers(-(10**6), 10**6))
def test_a_bound_is_read_as_it_is_written(comparison: str, limit: int) -> None:
    bound = Bound("validation_loss", comparison, float(limit))
    assert Bound.parse(str(bound)) == bound


@pytest.mark.parametrize(
    ("text", "value", "excess"),
    [
        ("parameters<=5000", 6000, 0.2),
        ("parameters<=5000", 4000, -0.2),
        ("validation_accuracy>=0.8", 0.6, 0.25),
        ("validation_r2>0", -0.5, 0.5),
        ("validation_r2 >= -0.5", -1.0, 1.0),
    ],
)
def test_the_excess_is_a_share_of_the_limit(text: str, value: float, excess: float) -> None:
    assert Bound.parse(text).excess(value) == pytest.approx(excess)


def test_what_was_not_measured_keeps_no_bound() -> None:
    assert not Bound.parse("validation_loss<=1").met(None)
