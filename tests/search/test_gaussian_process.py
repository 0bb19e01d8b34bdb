"""The Gaussian process: against the textbook's formulas, its derivative against differences, its fit against known lengths."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from scipy.stats import multivariate_normal

from hpt.search.gaussian_process import _loss, distances, posterior, thinned

ORDERED = np.array([True, False, False])


def made(count: int) -> tuple[np.ndarray, np.ndarray]:  # type: ignore[type-arg]
    random = np.random.default_rng(0)
    points = np.column_stack([random.integers(2, size=count), random.random((count, 2))])
    targets = np.sin(6 * points[:, 1]) + 0.5 * points[:, 0] + random.normal(0, 0.1, count)
    return points, (targets - targets.mean()) / targets.std()


def matern(apart: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
    r = np.sqrt(5) * apart
    return (1 + r + r**2 / 3) * np.exp(-r)


def test_mean_and_variance_are_those_of_the_conditional_normal() -> None:
    points, targets = made(30)
    found = posterior(points, ORDERED, targets, active=2)
    scaled = points * np.sqrt(found.weights)
    new = points[:5] + np.array([0, 0.05, -0.03])
    cross = found.signal * matern(cdist(new * np.sqrt(found.weights), scaled))
    covariance = found.signal * matern(cdist(scaled, scaled)) + (found.noise + 1e-6) * np.eye(30)
    mean, variance = found.at(new)
    assert mean == pytest.approx(cross @ np.linalg.solve(covariance, targets), abs=1e-8)
    assert variance == pytest.approx(found.signal - np.diag(cross @ np.linalg.solve(covariance, cross.T)), abs=1e-8)


def test_the_loss_is_the_density_and_its_derivative_the_slope() -> None:
    points, targets = made(20)
    apart, logs = distances(points, ORDERED), np.array([-0.5, 1.0, 0.3, 0.2, -2.0])
    loss, slope = _loss(logs, apart, targets)
    scaled = points * np.sqrt(np.exp(logs[:3]))
    covariance = np.exp(0.2) * matern(cdist(scaled, scaled)) + (np.exp(-2.0) + 1e-6) * np.eye(20)
    told = -multivariate_normal(np.zeros(20), covariance).logpdf(targets) - 10 * np.log(2 * np.pi)
    assert loss == pytest.approx(told, abs=1e-6)
    for axis in range(5):
        step = np.zeros(5)
        step[axis] = 1e-5
        there, back = _loss(logs + step, apart, targets)[0], _loss(logs - step, apart, targets)[0]
        assert slope[axis] == pytest.approx((there - back) / 2e-5, rel=1e-4, abs=1e-6)


def test_what_does_not_matter_gets_a_long_length() -> None:
    points, targets = made(60)
    found = posterior(points, ORDERED, targets, active=2)
    assert found.weights[1] > 10 * found.weights[2]
    assert found.noise < 0.3


def test_the_better_half_is_kept_in_full() -> None:
    assert thinned(5, 8).tolist() == [0, 1, 2, 3, 4]
    kept = thinned(1000, 64)
    assert kept[:32].tolist() == list(range(32))
    assert len(kept) <= 64
    assert kept[-1] == 999
