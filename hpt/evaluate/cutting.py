"""Requests as pieces of work: packed into stacks, which are cut for the jobs, the memory and the seconds that sending takes."""

from __future__ import annotations

from collections.abc import Callable, Hashable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from operator import itemgetter

from hpt.evaluate.executors import Executors
from hpt.evaluate.pieces import Piece
from hpt.evaluate.problems import Problems
from hpt.evaluate.protocol import Request
from hpt.evaluate.resting import Resting
from hpt.numerics.types import Floats
from hpt.training.cohort import Cohort, Trials, architecture
from hpt.training.costs import CostCalibration, member_bytes
from hpt.training.packing import cut, fitting, new_cohorts
from hpt.training.problem import Problem

MOST_SENT = 8e6
"""Bytes of the weights of all trials of a stack that are sent where they are only likely to be wanted."""
RESTING_SHARE = 0.5
"""Of the memory of a job, what stacks may take that stay where they were trained."""


@dataclass(frozen=True, slots=True)
class StackedState:
    """Member `index` of a cohort that goes on."""

    cohort: Cohort | Resting
    index: int
    problem: Problem

    @property
    def epoch(self) -> int:
        return self.cohort.epoch

    def history(self) -> Mapping[str, tuple[float, ...]]:
        return {name: tuple(values[:, self.index].tolist()) for name, values in self.cohort.history.items()}

    def weights(self) -> Mapping[str, Floats]:
        if isinstance(self.cohort, Resting):
            return {}
        return architecture(self.cohort.members[self.index].settings, self.problem).named(self.cohort.parameters[self.index])

    def error(self) -> float | None:
        return None


class Cutting:
    """Makes pieces of requests, by what earlier ones took.

    megabytes, largest, warn, every_weight: as of `Population`.
    """

    def __init__(
        self,
        problems: Problems,
        executors: Executors,
        megabytes: float,
        largest: int | None,
        warn: Callable[[str], None],
        *,
        every_weight: bool,
    ) -> None:
        self._problems = problems
        self._executors = executors
        self._megabytes = megabytes
        self._largest = largest
        self._warn = warn
        self._warned = False
        self._every_weight = every_weight
        self._calibration = CostCalibration()

    def learn(self, piece: Piece, seconds: float) -> None:
        """Notes the CPU seconds that a piece took."""
        if not isinstance(piece.trials, Resting):
            self._calibration.learn(piece.trials, self._problems(piece.data), piece.until, seconds)

    def pieces(self, requests: Sequence[Request], until: int) -> list[Piece]:
        """The requests in stacks, costliest first within a group that may share them."""
        groups: dict[tuple[Hashable, Hashable, bool, bool], list[Request]] = {}
        for request in requests:
            groups.setdefault((request.data, request.timed, request.ends, request.weighted), []).append(request)
        # One group is balanced over the jobs; of several there are enough pieces as they are.
        jobs = self._executors.jobs if len(groups) == 1 else 1
        dispatch = self._executors.dispatch
        share = self._megabytes / self._executors.sharing
        room = int(RESTING_SHARE * share * 1e6) if dispatch.stays else 0
        found = []
        for (data, _, ends, weighted), group in groups.items():
            problem = self._problems(data)
            for some in self._bounded(group):
                resting, stacks = _stacks(some, problem)
                self._announce_cuts(stacks, problem)
                cuts = cut(stacks, problem, until, jobs, share * jobs, self._calibration, dispatch)
                costs = [(self._calibration.cost(trials, problem, until), trials) for trials in (*resting, *cuts)]
                for cost, trials in sorted(costs, key=itemgetter(0), reverse=True):
                    every = self._every_weight or (weighted and _weight_bytes(trials, problem) <= MOST_SENT)
                    found.append(Piece(trials, data, until, ends, every, cost, room))
        return found

    def _bounded(self, group: Sequence[Request]) -> Iterator[Sequence[Request]]:
        most = self._largest or len(group)
        return (group[start : start + most] for start in range(0, len(group), most))

    def _announce_cuts(self, stacks: Sequence[Trials], problem: Problem) -> None:
        """Says once where memory makes stacks smaller than they would be."""
        if self._warned:
            return
        self._warned = True
        sharing, megabytes = self._executors.sharing, self._megabytes
        for trials in stacks:
            most = fitting(trials, problem, sharing, megabytes)
            if (one := member_bytes(trials.members, problem) / 1e6) > megabytes / sharing:
                self._warn(
                    f"a trial takes about {one:.0f} MB, more than the {megabytes / sharing:.0f} MB of study.memory that a job may "
                    "take: they are trained one at a time, and need it all the same."
                )
            elif most < len(trials.members):
                self._warn(
                    f"{len(trials.members)} trials of one shape do not fit study.memory ({megabytes:.0f} MB) at once: "
                    f"{most} are trained at a time, with the same results."
                )


def _weight_bytes(trials: Trials | Resting, problem: Problem) -> float:
    """What the weights of `trials` take at most."""
    return 8 * len(trials.members) * architecture(trials.members[0].settings, problem).size


def _stacks(requests: Sequence[Request], problem: Problem) -> tuple[list[Resting], list[Trials]]:
    """What is left of the stacks that stay where they are; and the others, as few as can be made of those begun anew."""
    new = new_cohorts([request.member for request in requests if request.state is None], problem)
    begun: dict[int, tuple[Cohort | Resting, list[int]]] = {}
    for request in requests:
        if (state := request.state) is not None:
            if not isinstance(state, StackedState):
                raise TypeError(f"trial {request.member.trial} was begun by another evaluator")
            begun.setdefault(id(state.cohort), (state.cohort, []))[1].append(state.index)
    kept = [cohort.keep(sorted(indices)) for cohort, indices in begun.values()]
    resting = [cohort for cohort in kept if isinstance(cohort, Resting)]
    return resting, [*new, *(cohort for cohort in kept if not isinstance(cohort, Resting))]
