"""Trials trained as stacks: requests are packed, cut for the jobs and the memory there is, and trained where executors say."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Hashable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, BrokenExecutor, Executor, Future, wait
from dataclasses import dataclass, replace

from hpt.evaluate.executors import FEWER, Executors, Processes
from hpt.evaluate.problems import Held, Problems
from hpt.evaluate.protocol import Failure, Outcome, Request
from hpt.foundation.errors import RunError
from hpt.numerics.types import Doubles, Floats
from hpt.training.cohort import Cohort, Trials, architecture
from hpt.training.loop import Advanced, advance, finish
from hpt.training.lr_sweep import sweep
from hpt.training.objective import Objective
from hpt.training.packing import CostCalibration, cut, fitting, member_bytes, new_cohorts
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member


@dataclass(frozen=True, slots=True)
class StackedState:
    """Member `index` of a cohort that goes on."""

    cohort: Cohort
    index: int
    problem: Problem

    @property
    def epoch(self) -> int:
        return self.cohort.epoch

    def history(self) -> Mapping[str, tuple[float, ...]]:
        return {name: tuple(values[:, self.index].tolist()) for name, values in self.cohort.history.items()}

    def weights(self) -> Mapping[str, Floats]:
        return architecture(self.cohort.members[self.index].settings, self.problem).named(self.cohort.parameters[self.index])

    def error(self) -> float | None:
        return None


@dataclass(frozen=True, slots=True)
class Piece:
    """One call of `advance`: trials that share a stack, the key of their data, the epoch to reach. ends: as in `Request`.

    Of the trials that end, only the best comes back with its weights, unless `every_weight` is wanted.
    cost: estimated, in proportion to the CPU time.
    """

    trials: Trials
    data: Hashable
    until: int
    ends: bool = False
    every_weight: bool = False
    cost: float = 1.0

    def halves(self) -> list[Piece]:
        """The same in two stacks of half the size."""
        members = len(self.trials.members)
        parts = (range(members // 2), range(members // 2, members))
        return [replace(self, trials=self.trials.keep(part), cost=self.cost / 2) for part in parts]


_SECONDS_UNHEARD = 0.5
"""How long a request to stop may go unheard while all wait for what others train."""

_HELD = Held()
"""What this process holds; a cache by content, which says nothing of what is asked next."""


def train_piece(piece: Piece, digest: str, problems: Problems | None = None) -> Advanced | None:
    """Trains `piece`; None in a process that does not hold the problems of `digest` and was not given them."""
    problem = _HELD.problem(digest, piece.data, problems)
    if problem is None:
        return None
    # A worker's own time: the threads beside it are those of what brought the work.
    began = time.thread_time()
    advanced = advance(piece.trials, problem, piece.until)
    if piece.ends and advanced.cohort is not None:
        cut_short = finish(advanced.cohort, problem, [("interrupted", None)] * len(advanced.cohort.members))
        advanced = Advanced(None, (*advanced.ended, *cut_short))
    seconds = time.thread_time() - began
    ended = advanced.ended if piece.every_weight else _with_best_weights(advanced.ended, problem.objective)
    return replace(advanced, ended=ended, seconds=seconds)


def _with_best_weights(results: Sequence[TrainingResult], objective: Objective) -> tuple[TrainingResult, ...]:
    """The results, all but the best without weights: no other can be the best of a study, and weights are most of what is sent."""

    def place(result: TrainingResult) -> tuple[bool, float, int]:
        return (result.reason == "diverged", objective.cost(result.metrics.get(objective.metric)), result.trial)

    best = min(results, key=place, default=None)
    return tuple(result if result is best else replace(result, weights={}) for result in results)


def _ready() -> None:
    """Does nothing, in a worker: by then it has started."""


class Population:
    """An `Evaluator` that trains its requests as few stacks, cut for the jobs.

    megabytes: what training may take on a machine, over all jobs there; it only cuts stacks. largest: members of a stack at most.
    warn: told once where memory makes stacks smaller. stop: asked before each piece whether to give up the rest.
    every_weight: whether every result has its weights; else the best of a stack, which is enough for the best of a study.
    """

    def __init__(
        self,
        problems: Problems,
        executors: Executors,
        megabytes: float,
        *,
        largest: int | None = None,
        warn: Callable[[str], None] = lambda message: None,
        stop: Callable[[], bool] = lambda: False,
        every_weight: bool = False,
    ) -> None:
        self._problems = problems
        self._executors = executors
        self._megabytes = megabytes
        self._largest = largest
        self._warn = warn
        self._warned = False
        self._stop = stop
        self._every_weight = every_weight
        self._calibration = CostCalibration()
        self._executor: Executor = executors.make()
        workers = executors.jobs if executors.owned and executors.jobs > 1 else 0
        self._ready = [self._executor.submit(_ready) for _ in range(workers)]

    def evaluate(self, requests: Sequence[Request], until: int) -> Iterator[Outcome]:
        """As `Evaluator.evaluate`."""
        for piece, advanced in self._trained(self._pieces(requests, until)):
            if isinstance(advanced, Failure):
                yield from (Outcome(member.trial, advanced) for member in piece.trials.members)
                continue
            problem = self._problems(piece.data)
            self._calibration.learn(piece.trials, problem, until, advanced.seconds)
            share = advanced.seconds / len(piece.trials.members)
            yield from (Outcome(result.trial, result, share) for result in advanced.ended)
            if (cohort := advanced.cohort) is not None:
                for index, member in enumerate(cohort.members):
                    yield Outcome(member.trial, StackedState(cohort, index, problem), share)

    def sweep(self, members: Sequence[Member], data: Hashable = None) -> tuple[Doubles, Doubles]:
        """The learning-rate sweep of `members`, in this process: see `hpt.training.lr_sweep.sweep`."""
        return sweep(members, self._problems(data))

    def close(self) -> None:
        """Ends executors of our own; work in hand is finished first."""
        if self._executors.owned:
            self._executor.shutdown(wait=True, cancel_futures=True)

    def _pieces(self, requests: Sequence[Request], until: int) -> list[Piece]:
        """The requests in stacks, costliest first within a group that may share them."""
        groups: dict[tuple[Hashable, Hashable, bool], list[Request]] = {}
        for request in requests:
            groups.setdefault((request.data, request.timed, request.ends), []).append(request)
        # One group is balanced over the jobs; of several there are enough pieces as they are.
        jobs = self._executors.jobs if len(groups) == 1 else 1
        share = self._megabytes * jobs / self._executors.sharing
        found = []
        for (data, _, ends), group in groups.items():
            problem = self._problems(data)
            for some in self._bounded(group):
                stacks = _stacks(some, problem)
                self._announce_cuts(stacks, problem)
                for trials in cut(stacks, problem, until, jobs, share, self._calibration):
                    cost = self._calibration.cost(trials, problem, until)
                    found.append(Piece(trials, data, until, ends, self._every_weight, cost))
        return found

    def _bounded(self, group: Sequence[Request]) -> Iterator[Sequence[Request]]:
        most = self._largest or len(group)
        return (group[start : start + most] for start in range(0, len(group), most))

    def _trained(self, pieces: Sequence[Piece]) -> Iterator[tuple[Piece, Advanced | Failure]]:
        """What came of each piece, as they are done. What is lost is done once more by itself, in halves where that fails too.

        A process that trains alone takes a piece when the one before is told of: all at once would end before any is seen.
        """
        waiting = deque(pieces)
        running: dict[Future[Advanced | None], Piece] = {}
        lost: list[Piece] = []
        most = 1 if self._executors.jobs == 1 else len(pieces)
        while (waiting or running) and not self._stop():
            while waiting and len(running) < most:
                piece = waiting.popleft()
                try:
                    running[self._submit(piece)] = piece
                except BrokenExecutor:
                    lost.append(piece)
            for future in self._done(running):
                piece = running.pop(future)
                try:
                    if (advanced := future.result()) is not None:
                        yield piece, advanced
                    else:
                        # Sent now and not at the start of the process, which would have had to wait for it.
                        running[self._submit(piece, self._problems)] = piece
                except BrokenExecutor:
                    self._check_workers()
                    lost.append(piece)
                except MemoryError:
                    lost.extend(piece.halves() if len(piece.trials.members) > 1 else [piece])
        for future in running:
            future.cancel()
        # One at a time: an executor that breaks loses all its work, and only so does it show whose fault it was.
        for piece in lost:
            yield from self._once_more(piece)

    def _once_more(self, piece: Piece) -> Iterator[tuple[Piece, Advanced | Failure]]:
        if self._stop():
            return
        try:
            future = self._submit_afresh(piece)
            while not self._done([future]):
                if self._stop():
                    future.cancel()
                    return
            advanced = future.result()
        except BrokenExecutor:
            self._check_workers()
            failure = Failure("the process that trained it died, twice")
        except MemoryError:
            failure = Failure("memory ran out, twice; lower study.memory, so that fewer train at once")
        else:
            if advanced is None:
                raise RuntimeError("a worker that was given the problems does not hold them")
            yield piece, advanced
            return
        # Whose fault it was must not depend on how the stacks were cut: halves, down to the one trial.
        if len(piece.trials.members) == 1:
            yield piece, failure
        else:
            for half in piece.halves():
                yield from self._once_more(half)

    def _done(self, running: Iterable[Future[Advanced | None]]) -> set[Future[Advanced | None]]:
        """Those of `running` that are done, after a moment; none may be. Raises RunError where none ever will be."""
        done = wait(running, _SECONDS_UNHEARD, return_when=FIRST_COMPLETED).done
        # A second look: the thread that fetches results also ends after it has told each future that a worker died.
        lost = not done and isinstance(self._executor, Processes) and self._executor.lost
        if lost and not (done := wait(running, 0).done):
            raise RunError(f"what worker processes send is no longer heard, most likely because memory ran out. {FEWER}")
        return done

    def _check_workers(self) -> None:
        """Raises RunError where no worker ever came to work: then it is not the trials' fault, and they have not failed."""
        if self._ready and not any(f.done() and not f.cancelled() and f.exception() is None for f in self._ready):
            raise RunError(f"worker processes end before they train, most likely because memory runs out. {FEWER}")

    def _submit(self, piece: Piece, problems: Problems | None = None) -> Future[Advanced | None]:
        return self._executor.submit(train_piece, piece, self._problems.digest, problems)

    def _submit_afresh(self, piece: Piece) -> Future[Advanced | None]:
        try:
            return self._submit(piece, self._problems)
        except BrokenExecutor:
            self._executor = self._executors.make()
            return self._submit(piece, self._problems)

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


def _stacks(requests: Sequence[Request], problem: Problem) -> list[Trials]:
    """The requests in as few stacks as can be made of those begun anew, and what is left of the stacks of those begun before."""
    new = new_cohorts([request.member for request in requests if request.state is None], problem)
    begun: dict[int, tuple[Cohort, list[int]]] = {}
    for request in requests:
        if (state := request.state) is not None:
            if not isinstance(state, StackedState):
                raise TypeError(f"trial {request.member.trial} was begun by another evaluator")
            begun.setdefault(id(state.cohort), (state.cohort, []))[1].append(state.index)
    return [*new, *(cohort.keep(sorted(indices)) for cohort, indices in begun.values())]
