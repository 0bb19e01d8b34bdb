"""What several objectives make of trials: which are dominated, which are the front, how crowded it is. All costs are minimised."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpt.numerics.types import Doubles, Integers


class Dominance:
    """How many trials dominate each: are nowhere worse and somewhere better (the rank of Fonseca & Fleming 1993, less one).

    A trial that is added is compared with all before, so the cost of one grows with their number and not with its square.
    """

    def __init__(self, objectives: int) -> None:
        self.costs: Doubles = np.empty((0, objectives))
        self.counts: Integers = np.empty(0, dtype=np.intp)

    def add(self, costs: Sequence[float]) -> None:
        """Adds a trial that costs so much by each objective; what is not finite is dominated by all that is."""
        new = np.where(np.isfinite(costs), costs, np.inf)
        worse = (new <= self.costs).all(axis=1) & (new < self.costs).any(axis=1)
        better = (self.costs <= new).all(axis=1) & (self.costs < new).any(axis=1)
        self.counts = np.append(self.counts + worse, better.sum())
        self.costs = np.concatenate([self.costs, new[None]])

    def crowding(self) -> Doubles:
        """For each trial of the front, (n,), the distance between its neighbours there, infinite at the ends; 0 for the others.

        The crowding distance of NSGA-II (Deb et al. 2002).
        """
        found = np.zeros(len(self.counts))
        front = np.flatnonzero((self.counts == 0) & np.isfinite(self.costs).all(axis=1))
        for costs in self.costs[front].T if front.size else ():
            order = np.argsort(costs, kind="stable")
            along = costs[order]
            if along[-1] > along[0]:
                found[front[order[1:-1]]] += (along[2:] - along[:-2]) / (along[-1] - along[0])
            found[front[order[[0, -1]]]] = np.inf
        return found


def front(costs: Sequence[Sequence[float]]) -> list[int]:
    """The indices of the trials that no other dominates, by the first objective."""
    if not costs:
        return []
    dominance = Dominance(len(costs[0]))
    for one in costs:
        dominance.add(one)
    found = [index for index in np.flatnonzero(dominance.counts == 0).tolist() if np.isfinite(dominance.costs[index]).all()]
    return sorted(found, key=lambda index: tuple(costs[index]))
