"""Dominated trials, the front and its crowding, against their definitions."""

from __future__ import annotations

import math

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from hpt.search.dominance import Dominance, front

numbers = st.sampled_from([0.0, 1.0, 2.0, 3.0, math.inf, math.nan])
trials = st.integers(1, 3).flatmap(lambda m: st.lists(st.lists(numbers, min_size=m, max_size=m), min_size=1, max_size=12))


def dominates(one: list[float], other: list[float]) -> bool:
    pairs = [
        (a if math.isfinite(a) else math.inf, b if math.isfinite(b) else math.inf) for a, b in zip(one, other, strict=True)
    ]
    return all(a <= b for a, b in pairs) and any(a < b for a, b in pairs)


@given(trials)
def test_each_trial_knows_how_many_dominate_it(costs: list[list[float]]) -> None:
    dominance = Dominance(len(costs[0]))
    for one in costs:
        dominance.add(one)
    expected = [sum(dominates(other, one) for other in costs) for one in costs]
    assert dominance.counts.tolist() == expected
    finite = [all(map(math.isfinite, one)) for one in costs]
    on_front = [index for index, count in enumerate(expected) if count == 0 and finite[index]]
    assert sorted(front(costs)) == on_front
    assert [costs[index] for index in front(costs)] == sorted(costs[index] for index in on_front)


def test_crowding_is_the_distance_between_neighbours() -> None:
    dominance = Dominance(2)
    for one in ([0.0, 10.0], [4.0, 1.0], [1.0, 4.0], [10.0, 0.0], [5.0, 5.0]):
        dominance.add(one)
    assert dominance.crowding().tolist() == [math.inf, 0.9 + 0.4, 0.4 + 0.9, math.inf, 0.0]
    assert np.array_equal(Dominance(2).crowding(), np.empty(0))


def test_no_trials_have_no_front() -> None:
    assert front([]) == []
