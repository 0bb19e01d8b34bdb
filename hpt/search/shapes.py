"""Groups of a generation that share what shapes a stack, such as the batch size: few large stacks train faster than many small ones."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence

import numpy as np

from hpt.configuration.space import SearchSpace
from hpt.numerics.types import Doubles, Integers
from hpt.search.history import History

Shape = Mapping[str, float]
"""Positions by dotted path."""

# Trials of a group. A larger stack is hardly faster; a smaller one makes more of the generation's choice of shapes.
GROUP = 12


class Shapes:
    """What shapes a stack in a search space, and which branches may share one."""

    def __init__(self, space: SearchSpace, history: History) -> None:
        self._paths = space.shaping()
        self._history = history
        shaped = [len(self._paths.intersection(history.paths(branch))) for branch in range(len(history.labels))]
        self._most = max(shaped)
        self.leading = np.array([count == self._most for count in shaped], dtype=np.float64)
        """1 for each branch that has all of what shapes a stack, (branches,)."""

    @property
    def columns(self) -> Integers:
        """The columns, among all axes, of what shapes a stack."""
        return np.array([at for at, path in enumerate(self._history.all_paths) if path in self._paths], dtype=np.intp)

    def groups(self, count: int) -> int:
        """Into how many groups a generation of `count` trials falls; 0 where its trials are chosen freely.

        They are free where nothing shapes a stack, and where a branch has nothing else to tell the trials of a group apart.
        """
        branches = range(len(self._history.labels))
        return -(-count // GROUP) if self._most and all(map(self._varies, branches)) else 0

    def of(self, branch: int, row: Doubles) -> Shape:
        """The shape of a trial at the positions `row`, (axes,)."""
        found = zip(self._history.paths(branch), row.tolist(), strict=True)
        return {path: position for path, position in found if path in self._paths}

    def fixed(self, branch: int, shapes: Sequence[Shape]) -> Doubles:
        """The positions that `shapes` fix in as many trials of a branch, (n, axes); NaN where they are free."""
        paths = self._history.paths(branch)
        rows = [[shape.get(path, math.nan) for path in paths] for shape in shapes]
        return np.array(rows, dtype=np.float64).reshape(len(shapes), len(paths))

    def _varies(self, branch: int) -> bool:
        axes = zip(self._history.paths(branch), self._history.axes(branch), strict=True)
        return any(math.isinf(axis.count) for path, axis in axes if path not in self._paths)


def dealt(shapes: Sequence[Shape], counts: Integers, random: np.random.Generator) -> list[list[Shape]]:
    """The shapes of the trials of each branch, of which there are `counts`, (branches,): each shape as often as the others."""
    order = random.permutation(int(counts.sum())) % len(shapes)
    parts = np.split(order, np.cumsum(counts)[:-1])
    return [[shapes[index] for index in part.tolist()] for part in parts]
