"""A piece of work: what is sent to a worker, and what the worker does with it."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, replace
from typing import TypeVar

from hpt.evaluate.problems import Held, Problems
from hpt.evaluate.resting import Rested, Resting
from hpt.training.cohort import Cohort, Trials
from hpt.training.loop import Advanced, advance, finish
from hpt.training.objective import Objective
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult

Result = TypeVar("Result")


@dataclass(frozen=True, slots=True)
class Piece:
    """One call of `advance`: trials that share a stack, the key of their data, the epoch to reach. ends: as in `Request`.

    Of the trials that end, only the best comes back with its weights, unless `every_weight` is wanted.
    cost: estimated, in proportion to the CPU time. room: bytes that stacks may take where they were trained, until the next piece.
    """

    trials: Trials | Resting
    data: Hashable
    until: int
    ends: bool = False
    every_weight: bool = False
    cost: float = 1.0
    room: int = 0

    @property
    def home(self) -> str | None:
        """The key of what an earlier piece left where it was done, and this one needs."""
        return self.trials.key if isinstance(self.trials, Resting) else None

    def halves(self) -> list[Piece]:
        """The same in two stacks of half the size."""
        members = len(self.trials.members)
        parts = (range(members // 2), range(members // 2, members))
        return [replace(self, trials=self.trials.keep(part), cost=self.cost / 2) for part in parts]


@dataclass(frozen=True, slots=True)
class Trained:
    """What came of a piece: the members that still train, None if there are none, the results of those that ended, CPU seconds."""

    cohort: Cohort | Resting | None
    ended: tuple[TrainingResult, ...]
    seconds: float

    @property
    def left(self) -> str | None:
        """The key of what stays where this was done."""
        return self.cohort.key if isinstance(self.cohort, Resting) else None


_HELD, _RESTED = Held(), Rested()
"""What this process holds; caches by content, which say nothing of what is asked next."""


def train_piece(piece: Piece, digest: str, problems: Problems | None = None) -> Trained | None:
    """Trains `piece`; None in a process that does not hold the problems of `digest` and was not given them."""
    problem = _HELD.problem(digest, piece.data, problems)
    if problem is None:
        return None
    # A worker's own time: the threads beside it are those of what brought the work.
    began = time.thread_time()
    trials = _RESTED.trials(piece.trials) if isinstance(piece.trials, Resting) else piece.trials
    advanced = advance(trials, problem, piece.until)
    if piece.ends and advanced.cohort is not None:
        cut_short = finish(advanced.cohort, problem, [("interrupted", None)] * len(advanced.cohort.members))
        advanced = Advanced(None, (*advanced.ended, *cut_short))
    seconds = time.thread_time() - began
    ended = advanced.ended if piece.every_weight else _with_best_weights(advanced.ended, problem.objective)
    cohort: Cohort | Resting | None = advanced.cohort
    if advanced.cohort is not None and piece.room:
        cohort = _RESTED.rest(advanced.cohort, digest, piece.data, piece.room)
    return Trained(cohort, ended, seconds)


def done_with(call: Callable[[list[Problem]], Result], keys: Sequence[Hashable], problems: Problems) -> Result:
    """What `call` gives for the problems of `keys`, each once, which this process then holds."""
    held = [_HELD.problem(problems.digest, key, problems) for key in dict.fromkeys(keys)]
    return call([problem for problem in held if problem is not None])


def _with_best_weights(results: Sequence[TrainingResult], objective: Objective) -> tuple[TrainingResult, ...]:
    """The results, all but the best without weights: no other can be the best of a study, and weights are most of what is sent."""

    def place(result: TrainingResult) -> tuple[bool, float, int]:
        return (result.reason == "diverged", objective.cost(result.metrics.get(objective.metric)), result.trial)

    best = min(results, key=place, default=None)
    return tuple(result if result is best else replace(result, weights={}) for result in results)
