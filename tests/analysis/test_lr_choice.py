"""The choice of a learning rate: what no noise decides, and how far it stays from where training fails."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.analysis.lr_choice import Choice, choose

LOSSES = st.floats(0, 10) | st.just(math.inf)
ENDED = st.integers(1, 5).flatmap(
    lambda seeds: st.lists(st.lists(LOSSES, min_size=seeds, max_size=seeds), min_size=1, max_size=20)
)


def chosen(rows: list[list[float]], start: float = 1.0) -> Choice:
    found = choose(np.array(rows), start)
    assert found is not None
    return found


def test_the_middle_of_a_plateau_that_noise_tilts() -> None:
    # The lowest mean stands at the end, by a hundredth of what the seeds scatter.
    rows = [[0.9, 0.9, 0.9], *([0.2, 0.3, 0.4] for _ in range(6)), [0.199, 0.299, 0.399], [math.inf, 0.3, 0.3]]
    found = chosen(rows)
    assert (found.best, found.low, found.high, found.unstable) == (7, 1, 7, 8)
    assert found.suggested == 4


def test_a_difference_that_is_none_of_noise_decides() -> None:
    rows = [[0.9, 0.91], [0.5, 0.51], [0.1, 0.11], [0.5, 0.51], [0.9, 0.91], [0.95, 0.96]]
    assert chosen(rows).suggested == 2


def test_what_is_saturated_is_as_good() -> None:
    rows = [[0.5, 0.5], *([10.0**-power, 10.0**-power] for power in range(3, 9)), [0.7, 0.7]]
    assert (chosen(rows).low, chosen(rows).high) == (1, 6)


def test_the_last_stable_rate_is_not_suggested_though_it_is_best() -> None:
    found = chosen([[0.9, 0.9], [0.6, 0.6], [0.1, 0.1], [math.inf, 0.1]])
    assert (found.best, found.unstable, found.suggested) == (2, 3, 1)


def test_a_rate_that_forgets_what_it_knew_is_not_stable() -> None:
    found = chosen([[0.9, 0.9], [0.1, 0.1], [0.3, 0.3], [1.2, 0.2], [0.1, 0.9]])
    assert found.unstable == 3


def test_nothing_is_chosen_where_the_lowest_rate_diverges() -> None:
    assert choose(np.array([[math.inf, 0.1], [0.1, 0.1]]), 1.0) is None


@given(ENDED, st.floats(0.1, 5))
def test_it_keeps_away_from_the_edge(rows: list[list[float]], start: float) -> None:
    found = choose(np.array(rows), start)
    if found is None:
        assert not np.isfinite(rows[0]).all()
        return
    assert 0 <= found.low <= found.high < found.unstable <= len(rows)
    assert np.isfinite(rows[: found.unstable]).all()
    assert found.suggested <= found.high
    if 1 < found.unstable < len(rows):
        assert found.suggested < found.unstable - 1


@pytest.mark.parametrize("scale", [1e-3, 1.0, 1e3])
def test_the_unit_of_the_loss_does_not_matter(scale: float) -> None:
    rows = np.array([[0.9, 0.8], [0.5, 0.45], [0.1, 0.12], [0.11, 0.13], [0.5, 0.9], [0.95, math.inf]])
    found = choose(rows * scale, scale)
    assert found is not None
    assert (found.low, found.high, found.suggested) == (2, 3, 2)
