"""A tree-structured Parzen estimator that draws a generation at once.

Trials are split in a few good ones and the rest, each part has a density, and of some candidates drawn near the good ones the one
goes on where the ratio of the densities is highest (Bergstra et al. 2011). What differs from Optuna's own is for generations: the
densities are fitted once; a trial that was just drawn joins the rest (a constant liar), which keeps the next one away; branches get
their shares of the generation before anything is drawn in them. `benchmarks/search_quality.py` compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.axes import Axis
from hpt.search.density import Density, features, neighbour_widths, scott_widths
from hpt.search.history import History
from hpt.search.random import assembled, divided, spread

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

    def __init__(self, space: SearchSpace, trials: int, seed: int) -> None:
        self._history = History(space)

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """`count` new trials, from the finished ones of `study` and nothing else."""
        history = self._history
        history.read(study)
        order = history.order()
        if len(order) < STARTUP:
            return spread(history, count, random)
        shares = branch_shares(history.branches[order[: good(len(order))]], len(history.labels))
        of_each = history.branches[order]
        ranked = [order[of_each == branch] for branch in range(len(history.labels))]
        rows = partial(_drawn, history, ranked, random)
        return assembled(history, divided(count, shares, random), rows, random)


def good(trials: int) -> int:
    """How many of `trials` count as good."""
    return min(math.ceil(GOOD_SHARE * trials), MOST_GOOD)


def branch_shares(best: Integers, branches: int) -> Doubles:
    """The share of a generation that each branch gets, (branches,), where the good trials are in the branches `best`, (n,)."""
    counts = np.bincount(best, minlength=branches) + 1 / branches
    shares: Doubles = (1 - FLOOR) * counts / counts.sum() + FLOOR / branches
    return shares


def _drawn(history: History, ranked: Sequence[Integers], random: np.random.Generator, branch: int, count: int) -> Doubles:
    """Places of `count` new trials of `branch`, (count, axes); ranked: the trials of each branch, best first."""
    axes = history.axes(branch)
    if not axes:
        return np.empty((count, 0))
    best, weights, rest = _split(history, ranked, branch)
    near = Density.of(axes, history.of(branch, best), weights, scott_widths(len(axes)))
    far = Density.of(axes, history.of(branch, rest), np.ones(len(rest)), neighbour_widths)
    candidates = near.draw(count * CANDIDATES, CROSSING, random)
    taken = np.array([history.tried(branch, row) for row in candidates])
    return candidates[_chosen(axes, candidates, taken, near, far)]


def _chosen(axes: Sequence[Axis], candidates: Doubles, taken: NDArray[np.bool_], near: Density, far: Density) -> list[int]:
    """One of each CANDIDATES successive `candidates`, (n, axes): where near / far is highest, none that is `taken` or was chosen.

    Each one chosen joins `far` with the weight of one trial, as narrow as if those of `far` were spread evenly.
    """
    at = features(axes, candidates)
    gain, rest, kernels = near.log(at), np.exp(far.log(at)), len(far.weights)
    width = 1 / min(100, 1 + kernels)
    liars = Density.of(axes, candidates, np.ones(len(candidates)), lambda shares: np.full_like(shares, width))
    taken = taken.copy()
    groups = np.arange(len(candidates)) // CANDIDATES
    chosen: list[int] = []
    for group in range(len(candidates) // CANDIDATES):
        own = groups == group
        among = next(np.flatnonzero(part) for part in (own & ~taken, ~taken, own) if part.any())
        index = int(among[np.argmax(gain[among] - np.log(rest[among]))])
        chosen.append(index)
        taken |= (candidates == candidates[index]).all(axis=1)
        rest += liars.kernel(index, at) / kernels
    return chosen


def _split(history: History, ranked: Sequence[Integers], branch: int) -> tuple[Integers, Doubles, Integers]:
    """The good trials for `branch`, what each counts (mean 1 in a branch, the best most), and the latest of the rest.

    Trials of other branches speak of the axes they share with this one. Each branch has its own good ones, so that one which is
    worse at its best still learns where its best is.
    """
    own = ranked[branch]
    best, rest = [own[: good(len(own))]], [_latest(own[good(len(own)) :])]
    if history.shares_axes(branch):
        others = [*ranked[:branch], *ranked[branch + 1 :]]
        best.extend(other[: good(len(other))] for other in others)
        rest.append(_latest(np.concatenate([_latest(other[good(len(other)) :]) for other in others])))
    return np.concatenate(best), np.concatenate([_rank_weights(len(part)) for part in best]), np.concatenate(rest)


def _latest(trials: Integers) -> Integers:
    """The MOST_REST highest numbers, in order."""
    if len(trials) > MOST_REST:
        trials = np.partition(trials, -MOST_REST)[-MOST_REST:]
    return np.sort(trials)


def _rank_weights(count: int) -> Doubles:
    """ln(n + 1) - ln(rank), scaled to mean 1: the recombination weights of CMA-ES (Hansen 2016, eq. 49)."""
    weights: Doubles = np.log(count + 1) - np.log(np.arange(1, count + 1))
    return weights / weights.mean() if count else weights
