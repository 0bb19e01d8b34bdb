"""A tree-structured Parzen estimator that suggests a generation at once.

Finished trials are split into a few good ones and the rest, and a density is fitted to each part. Candidates are sampled from the
density of the good ones; the candidate with the highest ratio of the two densities is suggested (Bergstra et al. 2011). Four things
differ from Optuna's own, all for the sake of generations. The densities are fitted once a generation. A trial that was just suggested
joins the rest (a constant liar), which keeps the next one away from it. The branches get their shares of the generation before
anything is sampled in them, and groups of trials share what shapes a stack, so that they train in one.
`benchmarks/search_quality.py` compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.axes import Axis
from hpt.search.density import Density, features, neighbour_widths, scott_widths
from hpt.search.generation_sampler import GenerationSampler
from hpt.search.history import History
from hpt.search.random import branch_counts, latin_hypercube, shuffled
from hpt.search.sampling import Barred
from hpt.search.shapes import Shape, Shapes, dealt

if TYPE_CHECKING:
    import optuna

# Finished trials before which a generation is spread over the whole space.
STARTUP = 10
# The good trials are this share, rounded up, but no more than so many: Optuna's choice.
GOOD_SHARE = 0.1
MOST_GOOD = 25
# Of the others only the latest so many are used, which bounds what a generation costs.
MOST_REST = 128
# This share of a generation is divided evenly among the branches, so that none is given up.
FLOOR = 0.1
# Candidates for each trial. With many, all trials of a generation would end up at the same maximum of the ratio.
CANDIDATES = 12
# How a candidate is avoided: there was one like it, and it would be barred.
_MET, _BARRED = 1, 2
# Of a large generation so many trials of a branch are chosen at once.
MOST_AT_ONCE = 128
# The chance that a candidate takes its position on an axis from another good trial than on the others.
CROSSOVER = 0.5


# All of what earlier runs found best weighs as much as so many good trials, and half of it after so many trials.
GUIDE_WEIGHT, HALF_AFTER = 10.0, 10


@dataclass(frozen=True, slots=True)
class Guide:
    """What earlier runs found best, best first: branches (n,), positions (n, all axes), weights (n,) as those of good trials."""

    branches: Integers
    positions: Doubles
    weights: Doubles

    @classmethod
    def of(cls, history: History, prior: Sequence[Coordinates]) -> Guide:
        """Without weights yet."""
        places = [history.place(at) for at in prior]
        branches = np.array([branch for branch, _ in places], dtype=np.intp)
        positions = np.array([row for _, row in places]).reshape(len(places), len(history.all_axes))
        return cls(branches, positions, np.zeros(len(places)))

    def faded(self, trials: int) -> Guide:
        """With the weights that are left after so many finished trials."""
        count = len(self.branches)
        total = GUIDE_WEIGHT / (1 + trials / HALF_AFTER)
        return Guide(self.branches, self.positions, total / max(count, 1) * _rank_weights(count))


class Tpe(GenerationSampler):
    """Suggests trials where good ones are likely and others are not."""

    def __init__(self, space: SearchSpace, trials: int, seed: int) -> None:
        super().__init__()
        self._history = History(space)
        self._shapes = Shapes(space, self._history)
        self._guide = Guide.of(self._history, ())

    def follow(self, prior: Sequence[Coordinates]) -> None:
        """Lets `prior`, best first, count beside the good trials, the less the more trials are finished."""
        self._guide = Guide.of(self._history, prior)

    def avoid(self, barred: Barred) -> None:
        """Passes over candidates that are `barred` while there are others."""
        self._history.barred = barred

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """`count` new trials, from the finished ones of `study` and nothing else."""
        history = self._history
        history.read(study)
        order = history.order()
        if len(order) < STARTUP:
            return latin_hypercube(history, count, random)
        guide = self._guide.faded(len(order))
        shares = branch_shares(history.branches[order[: good(len(order))]], len(history.labels), guide)
        of_each = history.branches[order]
        ranked = [order[of_each == branch] for branch in range(len(history.labels))]
        counts = _counts(count, shares, ranked, random)
        shapes = self._dealt(ranked, guide, shares, counts, random)

        def rows(branch: int, size: int) -> Doubles:
            return _suggestions(history, ranked, guide, branch, self._shapes.fixed(branch, shapes[branch]), random)

        return shuffled(history, counts, rows, random)

    def _dealt(
        self, ranked: Sequence[Integers], guide: Guide, shares: Doubles, counts: Integers, random: np.random.Generator
    ) -> list[list[Shape]]:
        """What each trial of each branch shares with its group: the shape of a trial that was suggested freely."""
        groups = self._shapes.groups(int(counts.sum()))
        if not groups:
            return [[{}] * count for count in counts.tolist()]
        leading = shares * self._shapes.leading
        found: list[Shape] = []
        for branch, size in enumerate(branch_counts(groups, leading / leading.sum(), random).tolist()):
            free = self._shapes.fixed(branch, [{}] * size)
            rows = _suggestions(self._history, ranked, guide, branch, free, random)
            found.extend(self._shapes.of(branch, row) for row in rows)
        return dealt(found, counts, random)


def _counts(count: int, shares: Doubles, ranked: Sequence[Integers], random: np.random.Generator) -> Integers:
    """How many of `count` trials each branch gets. One that none of the `ranked` was of gets one at least, as far as half of them go."""
    untried = [branch for branch, trials in enumerate(ranked) if not len(trials)][: count // 2]
    counts = branch_counts(count - len(untried), shares, random)
    counts[untried] += 1
    return counts


def good(trials: int) -> int:
    """How many of `trials` count as good."""
    return min(math.ceil(GOOD_SHARE * trials), MOST_GOOD)


def branch_shares(best: Integers, branches: int, guide: Guide) -> Doubles:
    """The share of a generation that each branch gets, (branches,), where the good trials are in the branches `best`, (n,)."""
    counts = np.bincount(best, minlength=branches) + 1 / branches
    counts += np.bincount(guide.branches, guide.weights, minlength=branches)
    shares: Doubles = (1 - FLOOR) * counts / counts.sum() + FLOOR / branches
    return shares


def _suggestions(
    history: History,
    ranked: Sequence[Integers],
    guide: Guide,
    branch: int,
    fixed: Doubles,
    random: np.random.Generator,
) -> Doubles:
    """Positions of new trials of `branch`, (n, axes), those in `fixed` where that is not NaN.

    ranked: the trials of each branch, best first. A large generation is chosen in parts, of which each knows the ones before:
    the time that it takes grows with the number of trials, not with its square.
    """
    axes = history.axes(branch)
    if not axes:
        return np.empty((len(fixed), 0))
    best, weights, rest = _split(history, ranked, branch)
    own = guide.branches == branch
    known = np.concatenate([history.of(branch, best), history.narrowed(branch, guide.positions[own])])
    near = Density.of(axes, known, np.concatenate([weights, guide.weights[own]]), scott_widths(len(axes)))
    others, found = history.of(branch, rest), np.empty((0, len(axes)))
    for start in range(0, len(fixed), MOST_AT_ONCE):
        part = np.repeat(fixed[start : start + MOST_AT_ONCE], CANDIDATES, axis=0)
        far_from = np.concatenate([others, found])[-max(MOST_REST, len(others)) :]
        far = Density.of(axes, far_from, np.ones(len(far_from)), neighbour_widths)
        candidates = np.where(np.isnan(part), near.sample(len(part), CROSSOVER, random), part)
        met, keys = history.tried(branch).union(history.keys(branch, found)), history.keys(branch, candidates)
        avoided = np.array(
            [
                _BARRED if history.bars(branch, row) else _MET * (key in met)
                for key, row in zip(keys, candidates, strict=True)
            ]
        )
        same = np.unique(keys, return_inverse=True)[1]
        found = np.concatenate([found, candidates[_chosen(axes, candidates, same, avoided, near, far)]])
    return found


def _chosen(
    axes: Sequence[Axis],
    candidates: Doubles,
    same: Integers,
    avoided: Integers,
    near: Density,
    far: Density,
) -> list[int]:
    """The index of the best candidate for each trial, whose CANDIDATES rows of `candidates`, (n, axes), stand together.

    The best has the highest near / far. Rows that are `avoided`, (n,), because they were met or, worse, are barred, are passed over while
    there are others, first of the trial's own, then of all. Those that equal one chosen before, by `same`, (n,), count as met. Each one
    chosen joins `far` with the weight of one trial, as narrow as if the kernels of `far` were spread evenly.
    """
    at = features(axes, candidates)
    gain, rest, kernels = near.log(at), np.exp(far.log(at)), len(far.weights)
    width = 1 / min(100, 1 + kernels)
    liars = Density.of(axes, candidates, np.ones(len(candidates)), lambda shares: np.full_like(shares, width))
    avoided = avoided.copy()
    groups = np.arange(len(candidates)) // CANDIDATES
    chosen: list[int] = []
    for group in range(len(candidates) // CANDIDATES):
        own = groups == group
        free, allowed = avoided < _MET, avoided < _BARRED
        among = next(np.flatnonzero(part) for part in (own & free, free, own & allowed, own) if part.any())
        index = int(among[np.argmax(gain[among] - np.log(rest[among]))])
        chosen.append(index)
        avoided[(same == same[index]) & free] = _MET
        rest += liars.kernel(index, at) / kernels
    return chosen


def _split(history: History, ranked: Sequence[Integers], branch: int) -> tuple[Integers, Doubles, Integers]:
    """The good trials for `branch`, their weights (mean 1 within a branch, highest for the best), and the latest of the rest.

    Trials of other branches count too where they share axes with this one. Each branch has good trials of its own, so that a
    branch whose best is worse than that of others still learns where its best is.
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
