"""What the settings of finished trials are worth by a model of all of them: noise and luck averaged out over neighbours."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.axes import Axis, Choices, Steps
from hpt.search.gaussian_process import Posterior, posterior, thinned
from hpt.search.history import History

LEAST = 5
"""Fewer completed trials say nothing that the lowest of them does not."""
# So many trials at most make the model: the better half in full, the rest thinned.
MOST = 128
# Costs are compared by their logarithm above a floor, in units of the distance from the best to the median, up to a ceiling.
_FLOOR, CEILING = 1.0, 4.0


@dataclass(frozen=True, slots=True)
class Worth:
    """What a setting is worth by the model: its mean cost over initialisations, and the 95% interval of one fresh training of it."""

    cost: float
    low: float
    high: float


@dataclass(frozen=True, slots=True)
class CostScale:
    """The scale on which costs are modelled: few are good, and how bad the bad ones are matters little."""

    lowest: float
    gap: float
    mean: float
    sd: float

    @classmethod
    def of(cls, costs: Doubles) -> CostScale:
        """That of `costs`, (n,), of which some are finite."""
        known = costs[np.isfinite(costs)]
        lowest = float(known.min())
        gap = max(float(np.median(known)) - lowest, 1e-12)
        levels = cls(lowest, gap, 0.0, 1.0).levels(costs)
        return cls(lowest, gap, float(levels.mean()), float(levels.std()) or 1.0)

    def levels(self, costs: Doubles) -> Doubles:
        """Costs, (n,), on the scale, (n,): mean 0 and sd 1 over those it was made of."""
        above = np.minimum((costs - self.lowest) / self.gap, CEILING)
        levels: Doubles = (np.log(above + _FLOOR) - self.mean) / self.sd
        return levels

    def cost(self, level: float) -> float:
        """The cost at `level`."""
        return self.lowest + self.gap * (math.exp(level * self.sd + self.mean) - _FLOOR)


class Inputs:
    """Settings as points for a Gaussian process: the branch, then every axis; what a branch does not have is the middle of it."""

    def __init__(self, history: History) -> None:
        self._history = history
        self.paths = history.all_paths
        self._tables = [_table(axis) for axis in history.all_axes]
        self.unordered: NDArray[np.bool_] = np.array([True, *(isinstance(axis, Choices) for axis in history.all_axes)])
        self.active = 1 + float(np.mean([len(history.axes(branch)) for branch in range(len(history.labels))]))

    def points(self, branches: Integers, positions: Doubles) -> Doubles:
        """The points, (n, 1 + all axes), of trials of `branches`, (n,), at `positions`, (n, all axes), NaN where there is none."""
        columns = [branches.astype(np.float64)]
        for axis, table, column in zip(self._history.all_axes, self._tables, positions.T, strict=True):
            absent = np.isnan(column)
            shares = column if table is None else table[np.where(absent, 0, column).astype(np.intp)]
            columns.append(np.where(absent, -1.0 if isinstance(axis, Choices) else 0.5, shares))
        return np.stack(columns, axis=1)


def _table(axis: Axis) -> Doubles | None:
    """The share of an axis at each of its points; None where a position is a share, or has no neighbours."""
    if not isinstance(axis, Steps):
        return None
    return np.array([axis.interval.share(axis.interval.nth(index)) for index in range(int(axis.count))])


def fitted(inputs: Inputs, branches: Integers, positions: Doubles, costs: Doubles) -> tuple[Posterior, CostScale]:
    """A process of the trials of `branches`, (n,), at `positions`, (n, all axes), with `costs`, (n,), +inf where one diverged."""
    scale = CostScale.of(costs)
    best_first = np.lexsort((np.arange(len(costs)), costs))
    used = best_first[thinned(len(costs), MOST)]
    points = inputs.points(branches[used], positions[used])
    return posterior(points, inputs.unordered, scale.levels(costs[used]), inputs.active), scale


def enough(costs: Sequence[float]) -> bool:
    """Whether a model can be made of trials with `costs`, +inf where one diverged."""
    return sum(map(math.isfinite, costs)) >= LEAST


def worths(space: SearchSpace, settings: Sequence[Coordinates], costs: Sequence[float]) -> list[Worth]:
    """What each of `settings`, of which trials had `costs`, +inf where one diverged, is worth by a model of all of them.

    Where they are not `enough` it is what was seen.
    """
    if not enough(costs):
        return [Worth(cost, cost, cost) for cost in costs]
    inputs, branches, positions = _located(space, settings)
    process, scale = fitted(inputs, branches, positions, np.array(costs))
    points = inputs.points(branches, positions)
    means, variances = process.at(points)
    # The mean of what is normal by its logarithm lies above the median.
    above = process.noise * scale.sd / 2
    return [
        Worth(scale.cost(mean + above), scale.cost(mean - 1.96 * sd), scale.cost(mean + 1.96 * sd))
        for mean, sd in zip(means.tolist(), np.sqrt(variances + process.noise).tolist(), strict=True)
    ]


def reaches(
    space: SearchSpace, settings: Sequence[Coordinates], costs: Sequence[float], center: int, among: Sequence[int]
) -> dict[str, float]:
    """How far the cost of setting `center` moves by the model as one hyperparameter takes the values that those of `among` have.

    By dotted path, for the branch of `center`, which those of `among` share; empty where the costs are not `enough`.
    """
    if not enough(costs) or not among:
        return {}
    inputs, branches, positions = _located(space, settings)
    process, _ = fitted(inputs, branches, positions, np.array(costs))
    points = inputs.points(branches, positions)
    found = {}
    for column, path in enumerate(inputs.paths, 1):
        if path in settings[center]:
            moved = np.repeat(points[center : center + 1], len(among), axis=0)
            moved[:, column] = points[np.array(among), column]
            means, _ = process.at(moved)
            found[path] = float(np.ptp(means))
    return found


def _located(space: SearchSpace, settings: Sequence[Coordinates]) -> tuple[Inputs, Integers, Doubles]:
    """The branches and positions of `settings`, and what makes points of them."""
    history = History(space)
    found = [history.place(at) for at in settings]
    return Inputs(history), np.array([branch for branch, _ in found]), np.array([row for _, row in found])
