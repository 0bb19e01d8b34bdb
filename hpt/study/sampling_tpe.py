"""A tree-structured Parzen estimator that draws a generation at once.

Trials are split in a few good ones and the rest, each part has a density, and of some candidates drawn near the good ones the one
goes on where the ratio of the densities is highest (Bergstra et al. 2011). What differs from Optuna's own is for generations: the
densities are fitted once; a trial that was just drawn joins the rest (a constant liar), which keeps the next one away; branches get
their shares of the generation before anything is drawn in them. `benchmarks/search_quality.py` compares the two.
"""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from hpt.numerics.types import Doubles, Integers
from hpt.study.sampling_density import Density, features
from hpt.study.sampling_history import History
from hpt.study.sampling_random import assembled, divided, spread
from hpt.study.space import Coordinates, SearchSpace

if TYPE_CHECKING:
    import optuna

# Finished trials before which a generation is spread over the whole space.
STARTUP = 10
# The good trials are this share, rounded up, but no more than so many: Optuna's choice.
GOOD_SHARE = 0.1
MOST_GOOD = 25
# Of the others the latest so many are looked at: it bounds what a generation costs.
MOST_REST = 128
# This share of a generation is divided evenly among the branches, so that none dies.
FLOOR = 0.1
# Candidates for each trial: with many, a whole generation follows the ratio to where one trial should go.
CANDIDATES = 12
# The chance that an axis of a candidate follows another good trial than the rest of it.
CROSSING = 0.5


class Tpe:
    """Draws generations where good trials are likely and others are not."""

    def __init__(self, space: SearchSpace) -> None:
        self._history = History(space)

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """`count` new trials, from the finished ones of `study` and nothing else."""
        history = self._history
        history.read(study)
        order = history.order()
        if len(order) < STARTUP:
            return spread(history, count, random)
        shares = branch_shares(history.branches[order[: good(len(order))]], len(history.labels))
        rows = partial(_drawn, history, order, random)
        return assembled(history, divided(count, shares, random), rows, random)


def good(trials: int) -> int:
    """How many of `trials` count as good."""
    return min(math.ceil(GOOD_SHARE * trials), MOST_GOOD)


def branch_shares(best: Integers, branches: int) -> Doubles:
    """The share of a generation that each branch gets, (branches,), where the good trials are in the branches `best`, (n,)."""
    counts = np.bincount(best, minlength=branches) + 1 / branches
    return (1 - FLOOR) * counts / counts.sum() + FLOOR / branches


def _drawn(history: History, order: Integers, random: np.random.Generator, branch: int, count: int) -> Doubles:
    """Places of `count` new trials of `branch`, (count, axes); order: all trials, best first."""
    axes = history.axes(branch)
    if not axes:
        return np.empty((count, 0))
    best, weights, rest = _split(history, order, branch)
    near = Density.of(axes, history.of(branch, best), weights, scott_widths(len(axes)))
    far = Density.of(axes, history.of(branch, rest), np.ones(len(rest)), neighbour_widths)
    candidates = near.draw(count * CANDIDATES, CROSSING, random)
    at = features(axes, candidates)
    gain = near.log(at)
    rest_count = len(rest) + 1
    # A liar weighs as much as one of the rest, and is as narrow as if the rest were spread evenly.
    liars = Density.of(axes, candidates, np.ones(len(candidates)), lambda shares: np.full_like(shares, 1 / (1 + rest_count)))
    liars_scale = ...
    return candidates


def _split(history: History, order: Integers, branch: int) -> tuple[Integers, Doubles, Integers]:
    """The good trials for `branch`, what each counts, and the rest, earliest first.

    Trials of other branches speak of the axes they share with this one; each branch has its own good ones, so that one which is
    worse at its best still learns where its best is.
    """
