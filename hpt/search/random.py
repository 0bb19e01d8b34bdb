"""Random search, and generations that are spread evenly over the space: neither learns from the values of trials."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.generation_sampler import GenerationSampler
from hpt.search.history import History
from hpt.search.sampling import Barred

if TYPE_CHECKING:
    import optuna

# How often a setting that was already tried is replaced before it is suggested all the same: a small space may have no other left.
TRIES = 20
# As often where it is barred, which may be most of the space: a draw costs less than a trial that is not trained.
TRIES_WHERE_BARRED = 100


class Random(GenerationSampler):
    """Suggests each trial independently of the others: a branch, then what is searched in it."""

    def __init__(self, space: SearchSpace, trials: int, seed: int) -> None:
        super().__init__()
        self._history = History(space)

    def avoid(self, barred: Barred) -> None:
        """Draws again what is `barred`."""
        self._history.barred = barred

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """`count` new trials; the finished ones of `study` only tell which settings were tried."""
        history = self._history
        history.read(study)
        branches = random.integers(len(history.labels), size=count)

        def rows(branch: int, size: int) -> Doubles:
            return untried(history, branch, random, random.random((size, len(history.axes(branch)))))

        return shuffled(history, np.bincount(branches, minlength=len(history.labels)), rows, random)


def latin_hypercube(history: History, count: int, random: np.random.Generator) -> list[Coordinates]:
    """`count` trials that leave no large gap along any axis: a Latin hypercube in each branch (McKay et al. 1979)."""
    even = np.full(len(history.labels), 1 / len(history.labels))

    def rows(branch: int, size: int) -> Doubles:
        strata = [random.permutation(size) for _ in history.axes(branch)]
        cells = np.array(strata, dtype=np.float64).reshape(-1, size).T
        return untried(history, branch, random, (cells + random.random(cells.shape)) / size)

    return shuffled(history, branch_counts(count, even, random), rows, random)


def untried(history: History, branch: int, random: np.random.Generator, shares: Doubles) -> Doubles:
    """The positions at `shares`, (n, axes) in [0, 1). A row that was tried, occurs twice or is barred is replaced by a random one."""
    axes = history.axes(branch)
    rows = np.empty_like(shares)
    repeated: Integers = np.arange(len(rows))
    for attempt in range(TRIES if history.barred is None else TRIES_WHERE_BARRED):
        for column, axis in enumerate(axes):
            rows[repeated, column] = axis.at(shares[repeated, column])
        if attempt < TRIES:
            repeated = history.repeated(branch, rows)
        else:
            repeated = np.array([index for index in repeated if history.bars(branch, rows[index])], dtype=np.intp)
        if not repeated.size:
            break
        shares[repeated] = random.random((len(repeated), len(axes)))
    return rows


def branch_counts(count: int, shares: Doubles, random: np.random.Generator) -> Integers:
    """`count` divided in proportion to `shares`, (n,), sum 1.

    Systematic sampling: each part is its exact share rounded up or down, and equals it in expectation.
    """
    ticks = (np.arange(count) + random.random()) / count
    return np.bincount(np.searchsorted(np.cumsum(shares)[:-1], ticks, side="right"), minlength=len(shares))


def shuffled(
    history: History, counts: Integers, rows: Callable[[int, int], Doubles], random: np.random.Generator
) -> list[Coordinates]:
    """The trials that `rows(branch, count)` gives for each branch, in random order."""
    suggestions = [
        history.coordinates(branch, row)
        for branch, count in enumerate(counts.tolist())
        if count
        for row in rows(branch, count)
    ]
    return [suggestions[index] for index in random.permutation(len(suggestions)).tolist()]
