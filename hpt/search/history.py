"""The finished trials of a study as arrays, read from Optuna as they come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpt.configuration.space import BRANCH, Coordinates, SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.axes import Axis, axis_of
from hpt.search.dominance import Dominance
from hpt.search.sampling import Barred

if TYPE_CHECKING:
    import optuna

# How trials ended, in the order in which they are ranked.
_COMPLETED, _PRUNED, _INFEASIBLE, _DIVERGED = range(4)


class History:
    """The finished trials of a study as positions on its axes, without the failed ones.

    branches: (n,), the index of each trial's branch. positions: (n, all axes), NaN where a trial has no such coordinate.
    barred: which coordinates violate a constraint whatever becomes of the trial, None where none does.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self.labels = tuple(space.branches)
        found = [{d.path: axis_of(d.distribution()) for d in space.dimensions(label)} for label in self.labels]
        self._axes: dict[str, Axis] = {path: axis for axes in found for path, axis in axes.items()}
        self._paths = [tuple(axes) for axes in found]
        index = {path: column for column, path in enumerate(self._axes)}
        self._columns = [np.array([index[path] for path in paths], dtype=np.intp) for paths in self._paths]
        given = [[(d.path, *d.given) for d in space.dimensions(label) if d.given is not None] for label in self.labels]
        # Of each: its column, that of the choice, and which of its lists; a choice's position is its index.
        self._given = [[(index[path], index[choice], at) for path, choice, at in found] for found in given]
        self._tried: list[set[bytes]] = [set() for _ in self.labels]
        self._read = 0
        self.branches: Integers = np.empty(0, dtype=np.intp)
        self.positions: Doubles = np.empty((0, len(index)))
        self._ranks: Doubles = np.empty((0, 3))
        self._dominance: Dominance | None = None
        self.barred: Barred | None = None
        self._order: Integers | None = None

    def read(self, study: optuna.Study) -> None:
        """Adds the trials of `study` that came since the last call; they must be finished."""
        from optuna.trial import TrialState

        trials = study.get_trials(deepcopy=False)[self._read :]
        self._read += len(trials)
        new = [trial for trial in trials if trial.state != TrialState.FAIL]
        if not new:
            return
        self._order = None
        signs = [1 if direction.name == "MINIMIZE" else -1 for direction in study.directions]
        if len(signs) > 1:
            self._dominance = self._dominance or Dominance(len(signs))
            for trial in new:
                values = trial.values if trial.values and not _violation(trial) else [math.inf] * len(signs)
                self._dominance.add([sign * value for sign, value in zip(signs, values, strict=True)])
        places = [self.place(trial.params) for trial in new]
        branches, positions = [branch for branch, _ in places], [row for _, row in places]
        for branch, row in places:
            self._tried[branch].update(self.keys(branch, row[None, self._columns[branch]]))
        self.branches = np.append(self.branches, branches)
        self.positions = np.concatenate([self.positions, positions])
        self._ranks = np.concatenate([self._ranks, [_rank(trial, signs) for trial in new]])

    def place(self, at: Coordinates) -> tuple[int, Doubles]:
        """The branch of the coordinates `at` and their positions, (all axes,), NaN on axes of other branches."""
        branch = self.labels.index(self._space.label(at))
        row = np.full(len(self._axes), math.nan)
        row[self._columns[branch]] = [self._axes[path].position(at[path]) for path in self._paths[branch]]
        return branch, self.meant(np.array([branch]), row[None])[0]

    def meant(self, branches: Integers, positions: Doubles) -> Doubles:
        """`positions`, (n, all axes), of trials of `branches`, (n,), with NaN for what says nothing of a trial.

        That is what belongs to another list of a choice than the one that was taken.
        """
        found = positions.copy()
        for branch, given in enumerate(self._given):
            for column, choice, index in given:
                found[(branches == branch) & (positions[:, choice] != index), column] = math.nan
        return found

    @property
    def all_axes(self) -> Sequence[Axis]:
        """The axes of all branches, in the order of the columns of `positions`."""
        return tuple(self._axes.values())

    @property
    def all_paths(self) -> Sequence[str]:
        """Their dotted paths."""
        return tuple(self._axes)

    def order(self) -> Integers:
        """Indices of the trials, best first: completed by value; pruned by epochs, then value; infeasible by how far; diverged.

        Of equals the earlier is first. Infeasible are those that violate constraints.

        With several objectives completed trials are ordered by how many dominate them, on the front the least crowded first.
        """
        if self._order is None:
            keys = self._ranks.T[::-1]
            if self._dominance is not None:
                crowding, counts = self._dominance.crowding(), self._dominance.counts.astype(np.float64)
                keys = np.stack([-crowding, counts, self._ranks[:, 1], self._ranks[:, 0]])
            self._order = np.lexsort(keys)
        return self._order

    def costs(self, ceiling: float) -> Doubles:
        """What a model learns of each trial, (n,), lower being better: its value, or how many dominate it; infinite where it diverged.

        Pruned trials, whose last value is not known, and then infeasible ones lie in their order between the median of the completed ones
        and `ceiling` times as far from the best. With several objectives they are infinite too.
        """
        if self._dominance is not None:
            finite = np.isfinite(self._dominance.costs).all(axis=1)
            return np.where(finite, self._dominance.counts, np.inf)
        kinds = self._ranks[:, 0]
        costs: Doubles = np.where(kinds == _COMPLETED, self._ranks[:, 2], np.inf)
        order = self.order()
        passed, completed = order[np.isin(kinds[order], (_PRUNED, _INFEASIBLE))], costs[kinds == _COMPLETED]
        if passed.size and completed.size:
            least, middle = float(completed.min()), float(np.median(completed))
            worse = np.arange(1, len(passed) + 1) / len(passed)
            costs[passed] = middle + (ceiling - 1) * (middle - least) * worse
        return costs

    def values(self) -> Doubles:
        """What each trial was found to cost, (n,), lower being better; infinite where it was not completed, or has several values."""
        known = (self._ranks[:, 0] == _COMPLETED) & (self._dominance is None)
        return np.where(known, self._ranks[:, 2], np.inf)

    def columns(self, branch: int) -> Integers:
        """The columns of the axes of a branch among all axes."""
        return self._columns[branch]

    def axes(self, branch: int) -> Sequence[Axis]:
        """The axes of a branch."""
        return [self._axes[path] for path in self._paths[branch]]

    def paths(self, branch: int) -> Sequence[str]:
        """The dotted paths of the axes of a branch."""
        return self._paths[branch]

    def of(self, branch: int, trials: Integers) -> Doubles:
        """The positions of `trials` on the axes of `branch`, (n, axes). A trial of another branch has them on shared axes only."""
        positions: Doubles = self.positions[np.ix_(trials, self._columns[branch])]
        return positions

    def narrowed(self, branch: int, positions: Doubles) -> Doubles:
        """Of `positions` on all axes, (n, all axes), those on the axes of `branch`, (n, axes)."""
        return positions[:, self._columns[branch]]

    def shares_axes(self, branch: int) -> bool:
        """Whether `branch` has an axis in common with another branch."""
        others = {path for index, paths in enumerate(self._paths) if index != branch for path in paths}
        return not others.isdisjoint(self._paths[branch])

    def keys(self, branch: int, rows: Doubles) -> list[bytes]:
        """What tells the trials of `branch` at `rows`, (n, axes), apart: equal where only what says nothing of a trial differs."""
        positions = np.full((len(rows), len(self._axes)), math.nan)
        positions[:, self._columns[branch]] = rows
        return [row.tobytes() for row in self.meant(np.full(len(rows), branch), positions)]

    def tried(self, branch: int) -> frozenset[bytes]:
        """The keys of the trials of `branch`."""
        return frozenset(self._tried[branch])

    def bars(self, branch: int, row: Doubles) -> bool:
        """Whether a trial of `branch` at the positions `row`, (axes,), would be barred."""
        return self.barred is not None and self.barred(self.coordinates(branch, row))

    def among_avoided(self, branches: Integers, positions: Doubles) -> NDArray[np.bool_]:
        """Which of the trials of `branches`, (n,), at `positions`, (n, all axes), were tried or would be barred: (n,)."""
        found = np.zeros(len(branches), dtype=bool)
        for branch, tried in enumerate(self._tried):
            own = np.flatnonzero(branches == branch)
            rows = self.narrowed(branch, positions[own])
            found[own] = [
                key in tried or self.bars(branch, row) for key, row in zip(self.keys(branch, rows), rows, strict=True)
            ]
        return found

    def repeated(self, branch: int, rows: Doubles) -> Integers:
        """The indices of those of `rows`, (n, axes), that were tried, equal an earlier row or are barred."""
        met = set(self._tried[branch])
        found = []
        for index, (key, row) in enumerate(zip(self.keys(branch, rows), rows, strict=True)):
            if key in met or self.bars(branch, row):
                found.append(index)
            met.add(key)
        return np.array(found, dtype=np.intp)

    def coordinates(self, branch: int, row: Doubles) -> Coordinates:
        """The coordinates at the positions `row`, (axes,), of a branch."""
        chosen: Coordinates = {BRANCH: self.labels[branch]} if len(self.labels) > 1 else {}
        searched = zip(self._paths[branch], row.tolist(), strict=True)
        return chosen | {path: self._axes[path].coordinate(position) for path, position in searched}


def _violation(trial: optuna.trial.FrozenTrial) -> float:
    """How far a trial is beyond all of its constraints together."""
    return sum(excess for excess in trial.constraints.values() if excess > 0)


def _rank(trial: optuna.trial.FrozenTrial, signs: Sequence[int]) -> tuple[float, float, float]:
    complete = trial.state.name == "COMPLETE"
    if (violation := _violation(trial)) > 0:
        return (_INFEASIBLE, violation, signs[0] * trial.values[0] if complete else math.inf)
    if complete:
        return (_COMPLETED, 0, signs[0] * trial.values[0])
    if trial.last_step is None:
        return (_DIVERGED, 0, 0)
    return (_PRUNED, -trial.last_step, signs[0] * trial.intermediate_values[trial.last_step])
