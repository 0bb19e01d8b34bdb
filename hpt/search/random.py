"""Generations that learn nothing from values: trials drawn apart from each other, or spread evenly over the space."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.history import History

if TYPE_CHECKING:
    import optuna

# How often a setting that was tried is drawn again before it is taken all the same: a small space may have no other left.
TRIES = 20


class Random:
    """Draws each trial independently: a branch, then what is searched in it."""

    def __init__(self, space: SearchSpace, trials: int, seed: int) -> None:
        self._history = History(space)

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """`count` new trials; the finished ones of `study` only tell which settings were tried."""
        history = self._history
        history.read(study)
        branches = random.integers(len(history.labels), size=count)

        def rows(branch: int, share: int) -> Doubles:
            return untried(history, branch, random, random.random((share, len(history.axes(branch)))))

        return assembled(history, np.bincount(branches, minlength=len(history.labels)), rows, random)


class Grid:
    """Takes the points of the grid one after the other, in an order that depends on the seed only."""

    def __init__(self, space: SearchSpace, trials: int, seed: int) -> None:
        self._points = space.grid(trials, seed)

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """The `count` points after those that `study` has trials of."""
        first = len(study.get_trials(deepcopy=False))
        return self._points[first : first + count]


def spread(history: History, count: int, random: np.random.Generator) -> list[Coordinates]:
    """`count` trials that leave no large gap along any axis: a Latin hypercube in each branch (McKay et al. 1979)."""
    even = np.full(len(history.labels), 1 / len(history.labels))

    def rows(branch: int, share: int) -> Doubles:
        strata = [random.permutation(share) for _ in history.axes(branch)]
        cells = np.array(strata, dtype=np.float64).reshape(-1, share).T
        return untried(history, branch, random, (cells + random.random(cells.shape)) / share)

    return assembled(history, divided(count, even, random), rows, random)


def untried(history: History, branch: int, random: np.random.Generator, shares: Doubles) -> Doubles:
    """The places at `shares`, (n, axes) in [0, 1); what was tried, or comes twice, is drawn again at random."""
    axes = history.axes(branch)
    rows = np.empty_like(shares)
    repeated: Integers = np.arange(len(rows))
    for _ in range(TRIES):
        for column, axis in enumerate(axes):
            rows[repeated, column] = axis.at(shares[repeated, column])
        repeated = history.repeated(branch, rows)
        if not repeated.size:
            break
        shares[repeated] = random.random((len(repeated), len(axes)))
    return rows


def divided(count: int, shares: Doubles, random: np.random.Generator) -> Integers:
    """`count` in parts of about `shares`, (n,), sum 1: each is its share rounded up or down, and right on average."""
    ticks = (np.arange(count) + random.random()) / count
    return np.bincount(np.searchsorted(np.cumsum(shares)[:-1], ticks, side="right"), minlength=len(shares))


def assembled(
    history: History, counts: Integers, rows: Callable[[int, int], Doubles], random: np.random.Generator
) -> list[Coordinates]:
    """The trials that `rows(branch, count)` gives for each branch, shuffled."""
    found = [
        history.coordinates(branch, row)
        for branch, count in enumerate(counts.tolist())
        if count
        for row in rows(branch, count)
    ]
    return [found[index] for index in random.permutation(len(found)).tolist()]
