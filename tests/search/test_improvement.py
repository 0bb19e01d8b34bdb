"""Expected improvement: against SciPy, far in its tail, and what a batch knows of the points before."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import integrate, stats

from hpt.search.gaussian_process import posterior
from hpt.search.improvement import chosen, log_improvement


@pytest.mark.parametrize(("mean", "sd"), [(0.3, 0.2), (-0.5, 0.01), (2.0, 0.5), (0.0, 1.0)])
def test_it_is_the_mean_of_what_lies_below_the_best(mean: float, sd: float) -> None:
    told, _ = integrate.quad(lambda f: max(0.1 - f, 0) * stats.norm.pdf(f, mean, sd), mean - 12 * sd, 0.1, points=[mean])
    assert log_improvement(np.array([mean]), np.array([sd]), 0.1)[0] == pytest.approx(np.log(told), abs=1e-6)


def test_it_tells_hopeless_points_apart() -> None:
    means = np.linspace(0, 3000, 4000)
    found = log_improvement(means, np.ones(4000), 0.0)
    assert np.isfinite(found).all()
    assert (np.diff(found) < 0).all()
    across = log_improvement(np.array([24.9999, 25.0001]), np.ones(2), 0.0)
    assert across[0] - across[1] == pytest.approx(25 * 0.0002, abs=2e-4)


def test_the_next_point_is_the_best_for_one_who_believes_in_those_before() -> None:
    random = np.random.default_rng(0)
    unordered = np.array([True, False, False])
    points = np.column_stack([random.integers(2, size=25), random.random((25, 2))])
    targets = (points[:, 1] - 0.3) ** 2 + 0.2 * points[:, 0]
    process = posterior(points, unordered, (targets - targets.mean()) / targets.std(), active=2)
    pool = np.column_stack([random.integers(2, size=200), random.random((200, 2))])
    best, everything = float(process.at(points)[0].min()), np.ones(200, dtype=bool)
    found = chosen(process, pool, everything, best, 6)
    assert len(set(found)) == 6
    for count in range(6):
        means, variances = process.believing(pool[found[:count]]).at(pool)
        scores = log_improvement(means, np.sqrt(variances), best)
        scores[found[:count]] = -np.inf
        assert int(np.argmax(scores)) == found[count]


def test_what_is_not_allowed_or_equals_another_is_not_chosen() -> None:
    points = np.array([[0, 0.1], [0, 0.5], [0, 0.9]])
    process = posterior(points, np.array([True, False]), np.array([1.0, -1.0, 0.0]), active=1)
    pool = np.array([[0, 0.4], [0, 0.4], [0, 0.6], [0, 0.7]])
    assert sorted(chosen(process, pool, np.array([True, True, True, False]), 0.0, 4)) == [0, 2]
