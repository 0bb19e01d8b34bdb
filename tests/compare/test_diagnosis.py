"""Edges of ranges and shares of the spread."""

import numpy as np
import pytest
from scipy import stats

from hpt.compare.diagnosis import Edge, edge_bound, edges, spread


@pytest.mark.parametrize("studies", range(1, 60))
def test_the_bound_is_the_smallest_count_that_is_no_accident(studies: int) -> None:
    bound = edge_bound(studies)
    assert stats.binom.sf(bound - 1, studies, 0.05) <= 0.001 < stats.binom.sf(bound - 2, studies, 0.05)


def test_five_of_twelve_and_no_bound_for_two() -> None:
    assert edge_bound(12) == 5
    assert edge_bound(2) > 2


def test_an_edge_is_the_same_end_in_five_of_twelve_studies() -> None:
    assert edges([0.0, 0.01, 0.05, 0.03, 0.02] + [0.5] * 7) == (Edge("low", 5),)
    assert edges([1.0, 0.99, 0.96, 0.95, 0.98] + [0.5] * 7) == (Edge("high", 5),)
    assert edges([0.01, 0.02, 0.99, 0.98, 0.97] + [0.5] * 7) == ()
    assert edges([0.01] * 4 + [0.06] * 8) == ()
    assert edges([0.01] * 6 + [0.99] * 6) == (Edge("low", 6), Edge("high", 6))


def test_a_range_of_few_steps_reaches_its_end_by_chance() -> None:
    positions = [0.0] * 6 + [1 / 3] * 2 + [2 / 3] * 2 + [1.0] * 2
    assert edges(positions) == (Edge("low", 6),)
    assert edges(positions, chance=1 / 4) == ()


def test_spread_finds_the_planted_components() -> None:
    rng = np.random.default_rng(0)
    split = rng.normal(scale=3, size=(1, 4000, 1))
    search = rng.normal(scale=2, size=(4, 4000, 1))
    seeds = rng.normal(scale=1, size=(4, 4000, 3))
    shares = spread(np.arange(4.0).reshape(4, 1, 1) + split + search + seeds)
    assert (shares.split, shares.search, shares.seeds) == pytest.approx((9 / 14, 4 / 14, 1 / 14), abs=0.02)


def test_spread_is_the_analysis_of_variance_table() -> None:
    # Worked by hand: cells (1, 3), (5, 11), runs ± 1 around each; mean squares 32 split, 8 search, 2 seeds.
    cells = np.array([[1.0, 3.0], [5.0, 11.0]])
    scores = np.stack([cells - 1, cells + 1], axis=2)
    shares = spread(scores)
    split, search, seeds = (32 - 8) / 4, (8 - 2) / 2, 2.0
    assert (shares.split, shares.search, shares.seeds) == pytest.approx(
        (split / (split + search + seeds), search / (split + search + seeds), seeds / (split + search + seeds))
    )


def test_spread_of_nothing_and_of_too_little() -> None:
    still = spread(np.ones((2, 3, 2)))
    assert (still.split, still.search, still.seeds) == (0, 0, 0)
    with pytest.raises(ValueError, match="at least 2"):
        spread(np.ones((2, 3, 1)))
