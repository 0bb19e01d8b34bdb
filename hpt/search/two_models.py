"""A generation by two models: half by the Parzen estimator, half by a Gaussian process, once there are enough trials for one.

The process is fitted to the finished trials of each generation anew, from a fixed start, so that seed and history fix what is drawn. It
learns most from the better half of them and from so many at most, which bounds what a trial costs. It asks where the best may be bettered,
most of all along axes that trials were seen to depend on; the estimator keeps every branch alive and does not rest on one model of noise.
`benchmarks/search_quality.py` compares the two.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.numerics.types import Doubles
from hpt.search.candidates import Candidates, nearby, scattered
from hpt.search.gaussian_process import Posterior
from hpt.search.improvement import chosen, log_improvement
from hpt.search.random import latin_hypercube
from hpt.search.surrogate import CEILING, Inputs, fitted
from hpt.search.tpe import Tpe

if TYPE_CHECKING:
    import optuna

# Finished trials before which the estimator draws alone: the process is no better with so few.
JOINS = 24
# A generation has one trial for each so many before: at first, and once as many completed trials tell noise, where values are noisy and
# where they are not. By noise a trial tells the next ones little; without it each is worth waiting for.
EACH, TELLING, EACH_NOISY, EACH_EXACT = 2, 36, 1, 3
# The variance of noise, as a share of that of the values, above which they are noisy.
NOISY = 0.02
# Of a large generation the process suggests so many: each costs as much as there are candidates.
MOST = 64
# Candidates: half from everywhere, half near the best trials; then, ever closer, around the most promising of them.
SCATTERED, NEARBY = 128, 128
PROMISING, AROUND = 20, 4
_FIRST_WIDTHS = (0.03, 0.1, 0.25)
_LATER_WIDTHS = ((0.02, 0.06, 0.15), (0.01, 0.03, 0.06), (0.003, 0.01, 0.03))
# Near the best: so many trials at most, and the best two of each branch.
_PARENTS, _OF_EACH = 20, 2


class TwoModels(Tpe):
    """Suggests trials where two models find good ones likely. gp: whether the Gaussian process is asked at all."""

    def __init__(self, space: SearchSpace, trials: int, seed: int, *, gp: bool = True) -> None:
        super().__init__(space, trials, seed)
        self._joins = JOINS if gp else math.inf
        self._inputs = Inputs(self._history)
        self._fitted: tuple[int, Posterior] | None = None

    def each(self, study: optuna.Study) -> int:
        """For how many trials of `study` the next generation is to have one: few where they are noisy, many where each tells a lot."""
        history = self._history
        history.read(study)
        values = history.values()
        known = np.isfinite(values)
        if known.sum() < max(TELLING, self._joins):
            return EACH
        if np.array_equal(values, costs := history.costs(CEILING)):
            process = self._process(costs)
        else:
            # What stands for the value of a trial that was pruned is no value.
            process, _ = fitted(self._inputs, history.branches[known], history.positions[known], values[known])
        return EACH_NOISY if process.noise > NOISY else EACH_EXACT

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """`count` new trials, from the finished ones of `study` and nothing else."""
        self._history.read(study)
        costs = self._history.costs(CEILING)
        own = min(count // 2, MOST) if np.isfinite(costs).sum() >= self._joins else 0
        drawn = super().generation(study, count - own, random)
        return drawn + self._by_process(costs, drawn, own, random) if own else drawn

    def _process(self, costs: Doubles) -> Posterior:
        """The process of all trials, which have these `costs`; fitted once for as many."""
        if self._fitted is None or self._fitted[0] != len(costs):
            history = self._history
            self._fitted = len(costs), fitted(self._inputs, history.branches, history.positions, costs)[0]
        return self._fitted[1]

    def _by_process(
        self, costs: Doubles, drawn: Sequence[Coordinates], count: int, random: np.random.Generator
    ) -> list[Coordinates]:
        """`count` trials beside those `drawn` already."""
        history = self._history
        process = self._process(costs)
        best = float(process.at(process.points)[0].min())
        places = [history.place(at) for at in drawn]
        beside = Candidates(np.array([branch for branch, _ in places]), np.array([row for _, row in places]))
        process = process.believing(self._points(beside))
        pool = self._pool(process, best, random)
        if self._shapes.groups(count):
            groups = self._shapes.groups(len(drawn) + count) - self._shapes.groups(len(drawn))
            leading = pool.at(np.flatnonzero(self._shapes.leading[pool.branches]))
            if groups:
                leaders = self._chosen(process, leading, beside, best, groups)
                process = process.believing(self._points(leaders))
                beside += leaders
            pool = self._shaped(pool, beside, random)
        beside += self._chosen(process, pool, beside, best, len(drawn) + count - len(beside.branches))
        found = beside.at(np.arange(len(drawn), len(beside.branches)))
        missing = count - len(found.branches)
        return [*self._coordinates(found), *(latin_hypercube(history, missing, random) if missing else ())]

    def _pool(self, process: Posterior, best: float, random: np.random.Generator) -> Candidates:
        """What is to be chosen from."""
        history = self._history
        order = history.order()
        top = order[: max(3, min(_PARENTS, len(order) // 10))]
        each = [order[history.branches[order] == branch][:_OF_EACH] for branch in range(len(history.labels))]
        parents = np.concatenate([random.choice(top, size=NEARBY), *(np.repeat(few, 5) for few in each)])
        near = nearby(history, Candidates(history.branches[parents], history.positions[parents]), _FIRST_WIDTHS, random)
        pool = scattered(history, SCATTERED, random) + near
        scores = self._scores(process, pool, best)
        for widths in _LATER_WIDTHS:
            promising = np.argsort(-scores, kind="stable")[:PROMISING]
            new = nearby(history, pool.at(np.repeat(promising, AROUND)), widths, random)
            pool, scores = pool + new, np.concatenate([scores, self._scores(process, new, best)])
        return pool

    def _shaped(self, pool: Candidates, among: Candidates, random: np.random.Generator) -> Candidates:
        """The candidates with what shapes a stack taken from some of `among`, each from one, as far as both have it."""
        columns = self._shapes.columns
        leading = np.flatnonzero(self._shapes.leading[among.branches])
        shapes = np.unique(among.positions[np.ix_(leading, columns)], axis=0)
        if not len(shapes):
            return pool
        taken = shapes[random.integers(len(shapes), size=len(pool.branches))]
        positions = pool.positions.copy()
        own = positions[:, columns]
        positions[:, columns] = np.where(np.isnan(own) | np.isnan(taken), own, taken)
        return Candidates(pool.branches, positions)

    def _chosen(self, process: Posterior, pool: Candidates, beside: Candidates, best: float, count: int) -> Candidates:
        """Up to `count` of the candidates, none of which was tried, is barred or equals one of those `beside`."""
        points, others = self._points(pool), self._points(beside)
        taken = (points[:, None] == others).all(axis=2).any(axis=1)
        taken |= self._history.among_avoided(pool.branches, pool.positions)
        return pool.at(np.array(chosen(process, points, ~taken, best, count), dtype=np.intp))

    def _scores(self, process: Posterior, pool: Candidates, best: float) -> Doubles:
        means, variances = process.at(self._points(pool))
        return log_improvement(means, np.sqrt(variances), best)

    def _points(self, pool: Candidates) -> Doubles:
        return self._inputs.points(pool.branches, self._history.meant(pool.branches, pool.positions))

    def _coordinates(self, pool: Candidates) -> list[Coordinates]:
        rows = zip(pool.branches.tolist(), pool.positions, strict=True)
        return [self._history.coordinates(branch, self._history.narrowed(branch, row[None])[0]) for branch, row in rows]
