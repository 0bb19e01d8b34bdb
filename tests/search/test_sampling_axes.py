"""Axes and densities of the sampler. Oracles: SciPy's truncated normal, sums and integrals, Optuna's distributions."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution
from scipy import stats

from hpt.search.axes import Choices, Line, Steps, axis_of
from hpt.search.density import Density, features, neighbour_widths, scott_widths

KINDS: dict[str, BaseDistribution] = {
    "float": FloatDistribution(-2.0, 3.0),
    "log": FloatDistribution(1e-5, 0.1, log=True),
    "step": FloatDistribution(0.0, 0.5, step=0.1),
    "integer": IntDistribution(3, 9),
    "integer step": IntDistribution(16, 128, step=16),
    "integer log": IntDistribution(8, 40, log=True),
    "many": IntDistribution(1, 1000),
    "many log": IntDistribution(2, 5000, log=True),
    "choice": CategoricalDistribution([None, "relu", 0.5, 7]),
    "one": CategoricalDistribution(["alone"]),
}


def fitted(kind: str, count: int = 7) -> tuple[Any, Density, np.ndarray]:
    axis = axis_of(KINDS[kind])
    positions = axis.at(np.random.default_rng(3).random(count))[:, None]
    return axis, Density.of([axis], positions, np.linspace(0.5, 2, count), neighbour_widths), positions


@pytest.mark.parametrize("kind", KINDS)
def test_draws_are_coordinates_that_optuna_holds_and_positions_come_back(kind: str) -> None:
    axis, density, _ = fitted(kind)
    random = np.random.default_rng(0)
    for positions in (axis.at(random.random(300)), density.sample(300, 0.5, random)[:, 0]):
        for position in positions.tolist():
            coordinate = axis.coordinate(position)
            assert KINDS[kind]._contains(KINDS[kind].to_internal_repr(coordinate))
            assert axis.position(coordinate) == pytest.approx(position, abs=1e-12)
            if isinstance(KINDS[kind], IntDistribution):
                assert type(coordinate) is int


@pytest.mark.parametrize(("kind", "type_"), [("float", Line), ("many", Line), ("integer", Steps), ("choice", Choices)])
def test_few_points_are_a_table(kind: str, type_: type) -> None:
    assert isinstance(axis_of(KINDS[kind]), type_)


@pytest.mark.parametrize("kind", ["log", "integer log", "many log"])
def test_a_log_scale_draws_half_below_the_geometric_middle(kind: str) -> None:
    axis, distribution = axis_of(KINDS[kind]), KINDS[kind]
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    drawn = np.array([axis.coordinate(position) for position in axis.at(np.random.default_rng(1).random(4000)).tolist()])
    half = 0.5 if isinstance(distribution, IntDistribution) else 0.0
    middle = np.sqrt((distribution.low - half) * (distribution.high + half))
    assert np.mean(drawn < middle) == pytest.approx(0.5, abs=0.06)


@pytest.mark.parametrize("kind", ["float", "log"])
def test_density_of_a_line_is_a_mixture_of_truncated_normals(kind: str) -> None:
    axis, density, positions = fitted(kind)
    at = np.linspace(0, 1, 101)
    centers = np.append(positions[:, 0], 0.5)
    widths = np.append(np.clip(neighbour_widths(positions[:, 0]), 0, 1), 1.0)
    weights = np.append(np.linspace(0.5, 2, 7), 1.0)
    expected = sum(
        weight / weights.sum() * stats.truncnorm.pdf(at, -center / width, (1 - center) / width, center, width)
        for weight, center, width in zip(weights, centers, widths, strict=True)
    )
    np.testing.assert_allclose(np.exp(density.log(features([axis], at[:, None]))), expected, rtol=1e-9)


@pytest.mark.parametrize("kind", ["step", "integer", "integer log"])
def test_masses_of_steps_are_those_of_their_cells(kind: str) -> None:
    axis, distribution = axis_of(KINDS[kind]), KINDS[kind]
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    prior = Density.of([axis], np.empty((0, 1)), np.empty(0), neighbour_widths)
    every = np.arange(axis.count, dtype=np.float64)
    edges = distribution.low + (np.arange(axis.count + 1) - 0.5) * distribution.step
    edges = np.log(edges) if distribution.log else edges
    shares = (edges - edges[0]) / (edges[-1] - edges[0])
    expected = np.diff(stats.truncnorm.cdf(shares, -0.5, 0.5, 0.5, 1))
    np.testing.assert_allclose(np.exp(prior.log(features([axis], every[:, None]))), expected, rtol=5e-3)


@pytest.mark.parametrize("kind", ["step", "integer", "integer step", "integer log", "choice"])
def test_draws_follow_the_masses(kind: str) -> None:
    axis, density, _ = fitted(kind)
    every = np.arange(axis.count, dtype=np.float64)
    masses = np.exp(density.log(features([axis], every[:, None])))
    assert masses.sum() == pytest.approx(1)
    drawn = density.sample(20_000, 0.0, np.random.default_rng(5))[:, 0]
    counts = np.bincount(drawn.astype(int), minlength=len(every))
    assert stats.chisquare(counts, masses * 20_000).pvalue > 1e-4


def test_draws_follow_the_density_of_a_line() -> None:
    axis, density, _ = fitted("float")
    grid = np.linspace(0, 1, 4001)
    cumulative = np.cumsum(np.exp(density.log(features([axis], grid[:, None])))) / 4001
    drawn = density.sample(20_000, 0.0, np.random.default_rng(6))[:, 0]
    assert stats.kstest(drawn, lambda x: np.interp(x, grid, cumulative)).pvalue > 1e-4


def test_a_choice_is_smoothed_by_one_observation_over_the_kernels() -> None:
    axis = axis_of(KINDS["choice"])
    density = Density.of([axis], np.array([[1.0], [1.0]]), np.ones(2), neighbour_widths)
    own, other = (1 + 1 / 3) / (1 + 4 / 3), (1 / 3) / (1 + 4 / 3)
    masses = np.exp(density.log(features([axis], np.arange(4.0)[:, None])))
    np.testing.assert_allclose(masses, [(2 * p + 0.25) / 3 for p in (other, own, other, other)])


def test_a_missing_coordinate_has_the_prior() -> None:
    axes = [axis_of(KINDS["float"]), axis_of(KINDS["choice"])]
    one = Density.of(axes, np.array([[np.nan, np.nan]]), np.ones(1), neighbour_widths)
    none = Density.of(axes, np.empty((0, 2)), np.empty(0), neighbour_widths)
    at = features(axes, np.array([[0.1, 0.0], [0.8, 3.0]]))
    np.testing.assert_allclose(one.log(at), none.log(at))
    np.testing.assert_allclose(np.exp(none.log(at)), stats.truncnorm.pdf([0.1, 0.8], -0.5, 0.5, 0.5, 1) / 4)


def test_crossing_joins_axes_of_different_trials() -> None:
    axes = [axis_of(FloatDistribution(0, 1)), axis_of(FloatDistribution(0, 1))]
    density = Density.of(
        axes, np.array([[0.1, 0.1], [0.9, 0.9]]), np.full(2, 50.0), lambda shares: np.full_like(shares, 0.02)
    )

    def mixed(crossover: float) -> float:
        drawn = density.sample(2000, crossover, np.random.default_rng(8)) > 0.5
        return float(np.mean(drawn[:, 0] != drawn[:, 1]))

    assert mixed(0.0) < 0.03
    assert mixed(0.5) == pytest.approx(3 / 8, abs=0.05)


def test_widths() -> None:
    np.testing.assert_allclose(neighbour_widths(np.array([0.5, 0.2, 0.9])), [0.4, 0.3, 0.4])
    np.testing.assert_allclose(neighbour_widths(np.array([0.5])), [0.5])
    np.testing.assert_allclose(neighbour_widths(np.full(300, 0.5)), 0.01)
    shares = np.array([0.1, 0.4, 0.6])
    np.testing.assert_allclose(scott_widths(2)(shares), 1.06 * np.std(shares) * 3 ** (-1 / 6))
    np.testing.assert_allclose(scott_widths(2)(np.array([0.5])), 0.53)
    np.testing.assert_allclose(scott_widths(2)(np.array([0.4, 0.401, 0.402])), 0.02)
