"""Successive halving: a generation meets at each rung, is ranked among all trials that ever came to it, and the better part goes on."""

from __future__ import annotations

import math
from bisect import bisect, insort
from collections.abc import Iterable, Mapping, Sequence

from hpt.runs.trial_record import TrialRecord
from hpt.training.objective import Objective

Standing = tuple[float, int]
"""What a trial costs at a rung, not finite last, then its number, which decides ties."""


def best_or_last(objective: Objective, values: Sequence[float | None], *, best: bool) -> int:
    """The index of the epoch that a trial is judged by: its best so far where the best epoch is kept, else its last."""
    if not best:
        return len(values) - 1
    return min(range(len(values)), key=lambda epoch: objective.cost(values[epoch]))


class Halving:
    """What all recorded trials were worth at each rung that they came to.

    A generation that is weaker than those before it is dropped early, a stronger one goes on. What is known of earlier trials
    stands in the histories of their records, so a resumed study decides as one that was never interrupted.
    """

    def __init__(self, objective: Objective, rungs: Sequence[int], eta: int, *, best: bool = False) -> None:
        """best: whether a trial is judged by its best epoch so far, as `best_or_last` says."""
        self._objective = objective
        self._best = best
        self._eta = eta
        self._standings: dict[int, list[Standing]] = {rung: [] for rung in rungs}

    def learn(self, records: Iterable[TrialRecord]) -> None:
        """Takes in trials that are recorded, each once; one that ended by itself at a rung was not ranked there."""
        for record in records:
            last = record.epochs if record.state == "pruned" else record.epochs - 1
            for rung, standings in self._standings.items():
                if rung <= last:
                    values = record.history[self._objective.metric][:rung]
                    cost = self._objective.cost(values[best_or_last(self._objective, values, best=self._best)])
                    insort(standings, _standing(cost, record.trial))

    def survivors(self, rung: int, costs: Mapping[int, float]) -> frozenset[int]:
        """Those trials of a generation that go on from `rung`, where each costs what `costs` says by its number.

        They are among the best ⌈n / eta⌉ of the n trials that came to the rung, this generation and all recorded ones.
        """
        earlier = self._standings.get(rung, [])
        own = sorted(_standing(cost, trial) for trial, cost in costs.items())
        most = -(-(len(earlier) + len(own)) // self._eta)
        return frozenset(trial for place, (cost, trial) in enumerate(own) if place + bisect(earlier, (cost, trial)) < most)


def _standing(cost: float, trial: int) -> Standing:
    return (cost if math.isfinite(cost) else math.inf, trial)
