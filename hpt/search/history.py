"""The finished trials of a study as arrays, read from Optuna as they come."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpt.configuration.space import BRANCH, Coordinates, SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.axes import Axis, axis_of

if TYPE_CHECKING:
    import optuna


class History:
    """What a study has learned, in the places of its axes; failed trials teach nothing.

    branches: (n,) the index of each trial's branch. places: (n, all axes), NaN where a trial has no such coordinate.
    """

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self.labels = tuple(space.branches)
        found = [{d.path: axis_of(d.distribution()) for d in space.dimensions(label)} for label in self.labels]
        self._axes: dict[str, Axis] = {path: axis for axes in found for path, axis in axes.items()}
        self._paths = [tuple(axes) for axes in found]
        index = {path: column for column, path in enumerate(self._axes)}
        self._columns = [np.array([index[path] for path in paths], dtype=np.intp) for paths in self._paths]
        self._tried: list[set[bytes]] = [set() for _ in self.labels]
        self._read = 0
        self.branches: Integers = np.empty(0, dtype=np.intp)
        self.places: Doubles = np.empty((0, len(index)))
        self._ranks: Doubles = np.empty((0, 3))

    def read(self, study: optuna.Study) -> None:
        """Takes in the trials of `study` that are new; they must be finished."""
        from optuna.trial import TrialState

        trials = study.get_trials(deepcopy=False)[self._read :]
        self._read += len(trials)
        new = [trial for trial in trials if trial.state != TrialState.FAIL]
        if not new:
            return
        sign = 1 if study.direction.name == "MINIMIZE" else -1
        branches = [self.labels.index(self._space.label(trial.params)) for trial in new]
        places = np.full((len(new), len(self._axes)), math.nan)
        for row, branch, trial in zip(places, branches, new, strict=True):
            row[self._columns[branch]] = [self._axes[path].place(trial.params[path]) for path in self._paths[branch]]
            self._tried[branch].add(row[self._columns[branch]].tobytes())
        self.branches = np.append(self.branches, branches)
        self.places = np.concatenate([self.places, places])
        self._ranks = np.concatenate([self._ranks, [_rank(trial, sign) for trial in new]])

    def order(self) -> Integers:
        """Indices of the trials, best first: completed by value; pruned by epochs, then value; diverged; the earlier of equals."""
        order: Integers = np.lexsort(self._ranks.T[::-1])
        return order

    def axes(self, branch: int) -> Sequence[Axis]:
        """What is searched in a branch."""
        return [self._axes[path] for path in self._paths[branch]]

    def of(self, branch: int, trials: Integers) -> Doubles:
        """The places of `trials` on the axes of `branch`, (n, axes); a trial of another branch has some where they share them."""
        places: Doubles = self.places[np.ix_(trials, self._columns[branch])]
        return places

    def shares_axes(self, branch: int) -> bool:
        """Whether another branch searches something that `branch` does too."""
        others = {path for index, paths in enumerate(self._paths) if index != branch for path in paths}
        return not others.isdisjoint(self._paths[branch])

    def tried(self, branch: int, row: Doubles) -> bool:
        """Whether a trial has been at the places `row`, (axes,), of `branch`."""
        return row.tobytes() in self._tried[branch]

    def repeated(self, branch: int, rows: Doubles) -> Integers:
        """Which of `rows`, (n, axes), were tried or equal an earlier one."""
        met = set(self._tried[branch])
        found = []
        for index, row in enumerate(rows):
            key = row.tobytes()
            if key in met:
                found.append(index)
            met.add(key)
        return np.array(found, dtype=np.intp)

    def coordinates(self, branch: int, row: Doubles) -> Coordinates:
        """The coordinates at the places `row`, (axes,), of a branch."""
        chosen: Coordinates = {BRANCH: self.labels[branch]} if len(self.labels) > 1 else {}
        searched = zip(self._paths[branch], row.tolist(), strict=True)
        return chosen | {path: self._axes[path].coordinate(place) for path, place in searched}


def _rank(trial: optuna.trial.FrozenTrial, sign: int) -> tuple[float, float, float]:
    if trial.state.name == "COMPLETE":
        assert trial.value is not None
        return (0, 0, sign * trial.value)
    if trial.last_step is None:
        return (2, 0, 0)
    return (1, -trial.last_step, sign * trial.intermediate_values[trial.last_step])
