"""What the best of several means is worth: against Student's interval, a brute-force posterior, and its promise of 95%."""

from __future__ import annotations

import numpy as np
import pytest
from scipy import stats

from hpt.numerics.partial_pooling import pooled
from hpt.numerics.types import Doubles


def test_alone_a_setting_has_the_interval_of_student() -> None:
    ((value, half),) = pooled([[0.5, 0.9, 0.7]])
    assert value == pytest.approx(0.7)
    assert half == pytest.approx(stats.t.ppf(0.975, 2) * 0.2 / np.sqrt(3))


def test_equal_values_and_single_ones_have_no_width() -> None:
    assert pooled([[0.5, 0.5], [0.25, 0.25]]) == [(0.5, 0.0), (0.25, 0.0)]
    assert pooled([[0.5], [0.25]]) == [(0.5, 0.0), (0.25, 0.0)]


def brute_force(groups: list[list[float]], which: int) -> tuple[float, float]:
    """The posterior mean, and half of the central 95%, from a grid over the share and the spread and normal conditionals."""
    counts, means = np.array([len(g) for g in groups]), np.array([np.mean(g) for g in groups])
    within = sum(np.var(g) * len(g) for g in groups)
    logs, centers, sds = [], [], []
    for share in (np.arange(50) + 0.5) / 50:
        for spread in np.exp(np.linspace(-5, 1, 60)):
            between = spread**2 * share / (1 - share) / counts.mean()
            worth = between * np.eye(len(means)) + 1e4
            seen = worth + np.diag(spread**2 / counts)
            log = stats.multivariate_normal(np.zeros(len(means)), seen, allow_singular=True).logpdf(means)
            freedom = counts.sum() - len(means)
            logs.append(log - freedom * np.log(spread) - within / (2 * spread**2))
            gain = np.linalg.solve(seen, worth[:, which])
            centers.append(gain @ means)
            sds.append(np.sqrt(max(worth[which, which] - gain @ worth[:, which], 1e-12)))
    weights: Doubles = np.exp(np.array(logs) - max(logs))
    weights /= weights.sum()
    points = np.linspace(min(centers) - 1, max(centers) + 1, 1500)
    below = np.array([(weights * stats.norm.cdf(p, centers, sds)).sum() for p in points])
    low, high = np.interp([0.025, 0.975], below, points)
    return float(weights @ np.array(centers)), (high - low) / 2


@pytest.mark.parametrize("groups", [[[0.5, 0.9, 0.7], [0.6, 0.62, 0.58, 0.7], [0.8, 0.82], [0.4, 0.5, 0.3]]])
def test_it_is_the_posterior_of_the_model(groups: list[list[float]]) -> None:
    for which in (2, 3):
        value, half = brute_force(groups, which)
        assert pooled(groups)[which][0] == pytest.approx(value, abs=0.003)
        assert pooled(groups)[which][1] == pytest.approx(half, rel=0.07)


@pytest.mark.parametrize("spread", [0.0, 0.5, 1.0, 3.0])
def test_the_interval_of_the_best_of_ten_keeps_its_promise(spread: float) -> None:
    """spread: of what the settings are worth, in units of that of one run."""
    random = np.random.default_rng(1)
    inside = without = 0
    for _ in range(400):
        worth = random.normal(0, spread, 10)
        runs = worth[:, None] + random.normal(0, 1, (10, 3))
        found = pooled(runs.tolist())
        best = int(np.argmin([value for value, _ in found]))
        assert best == np.argmin(runs.mean(axis=1))
        inside += abs(found[best][0] - worth[best]) <= found[best][1]
        half = stats.t.ppf(0.975, 20) * np.sqrt(runs.var(axis=1, ddof=1).mean() / 3)
        without += abs(runs[best].mean() - worth[best]) <= half
    assert 0.92 <= inside / 400 <= 0.995
    if spread < 1:
        assert without / 400 < 0.88
