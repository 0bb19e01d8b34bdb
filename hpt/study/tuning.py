"""The tuning loop: generation by generation, every trial of one trained to the same rung before any is dropped."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal

from hpt.configuration.space import Coordinates, Parameters, SearchSpace
from hpt.evaluate.workers import Lost, Work, Workers
from hpt.foundation.finite import all_finite, finite
from hpt.numerics.types import Floats
from hpt.runs.trial_record import State, TrialRecord
from hpt.search.sampling import Sampling
from hpt.study.clock import Clock
from hpt.study.halving import survivors
from hpt.study.interrupts import Interrupts
from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Progress, Watcher
from hpt.training.cohort import Cohort, Trials
from hpt.training.loop import pruned
from hpt.training.packing import Pace, cut, fitting, member_bytes, new_cohorts
from hpt.training.problem import Problem
from hpt.training.result import Reason, TrainingResult
from hpt.training.settings import Member

Status = Literal["completed", "timeout", "interrupted"]
Weights = Mapping[str, Floats]


@dataclass(frozen=True, slots=True)
class Course:
    """What fixes the course of a study, beside its history; `memory`, in megabytes, only cuts its stacks."""

    space: SearchSpace
    problem: Problem
    seed: int
    trials: int
    population: int
    epochs: int
    rungs: tuple[int, ...]
    eta: int
    memory: float

    def next_generation(self, done: int) -> int:
        """How many trials the generation after `done` trials has."""
        return min(self.population, self.trials - done)


@dataclass(frozen=True, slots=True)
class Generation:
    """A generation that was trained: its records in trial order, and the weights of the trials that may be its best."""

    records: tuple[TrialRecord, ...]
    weights: Mapping[int, Weights]


@dataclass(frozen=True, slots=True)
class Drawn:
    """What was drawn for one trial, as the user and as the sampler reads it."""

    parameters: Parameters
    coordinates: Coordinates


class InterruptedGenerationError(Exception):
    """A generation was given up between two advances."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What ends a study before its last trial: a request to stop, and seconds of the command."""

    interrupts: Interrupts
    clock: Clock
    timeout: float | None

    def reached(self) -> Status | None:
        if self.interrupts.requested:
            return "interrupted"
        return "timeout" if self.timeout is not None and self.clock.elapsed >= self.timeout else None


@dataclass(frozen=True, slots=True)
class Tuning:
    """A study under way: what fixes it, who draws, who trains, who watches, what ends it; how fast its stacks turned out."""

    course: Course
    sampling: Sampling
    workers: Workers
    watcher: Watcher
    clock: Clock
    limits: Limits
    pace: Pace = field(default_factory=Pace)

    def run(self, history: tuple[TrialRecord, ...], record: Callable[[Generation], None]) -> tuple[Status, Leaderboard]:
        """Goes on from `history` to the last trial or to a limit; hands each finished generation to `record`."""
        course, clock = self.course, self.clock
        board = Leaderboard.of(course.problem.objective, history)
        number = history[-1].generation + 1 if history else 0
        with clock.during("sampling"):
            self.sampling.learn(history)
        while (done := len(board.records)) < course.trials:
            if status := self.limits.reached():
                return status, board
            with clock.during("sampling"):
                coordinates = self.sampling.generation(done, course.next_generation(done))
                drawn = [Drawn(course.space.parameters(c), c) for c in coordinates]
            try:
                with clock.during("training"):
                    generation = self._train(number, done, drawn)
            except InterruptedGenerationError:
                return "interrupted", board
            with clock.during("records"):
                record(generation)
                board = board.extended(generation.records)
            with clock.during("sampling"):
                self.sampling.learn(generation.records)
            with clock.during("display"):
                self.watcher.recorded(self._progress(number, len(drawn), 0, course.epochs), board)
            number += 1
        return "completed", board

    def _train(self, number: int, first: int, drawn: list[Drawn]) -> Generation:
        """Trains the trials `first`, first + 1, … at the coordinates `drawn`, rung by rung."""
        course = self.course
        members = [
            Member(first + i, course.space.settings(d.parameters), initial=(course.seed, first + i), order=(course.seed,))
            for i, d in enumerate(drawn)
        ]
        results: dict[int, TrainingResult] = {}
        lost = 0
        active: Sequence[Trials] = new_cohorts(members, course.problem)
        if number == 0:
            self._announce_cuts(active)
        for rung in (*course.rungs, course.epochs):
            if not active:
                break
            if self.limits.interrupts.requested:
                raise InterruptedGenerationError
            standing: list[Cohort] = []
            pieces = cut(active, course.problem, rung, self.workers.jobs, course.memory, self.pace)
            for work, outcome in self.workers.run([Work(piece, None, rung) for piece in pieces]):
                if isinstance(outcome, Lost):
                    lost += len(work.trials.members)
                    self.watcher.warned(f"{len(work.trials.members)} trials failed: {outcome.reason}.")
                else:
                    self.pace.learn(work.trials, course.problem, rung, outcome.seconds)
                    results.update({result.trial: result for result in outcome.ended})
                    standing.extend([outcome.cohort] if outcome.cohort is not None else [])
                with self.clock.during("display"):
                    self.watcher.moved(self._progress(number, len(drawn), len(results) + lost, rung))
            active, dropped = _ranked(standing, course)
            results.update({result.trial: result for result in dropped})
        with self.clock.during("records"):
            records = tuple(
                _record(course, number, len(drawn), member, d, results.get(member.trial))
                for member, d in zip(members, drawn, strict=True)
            )
        return Generation(records, {trial: result.weights for trial, result in results.items() if result.weights})

    def _announce_cuts(self, active: Sequence[Trials]) -> None:
        """Says where memory makes stacks smaller than the generation would have them."""
        for trials in active:
            share = self.course.memory / self.workers.jobs
            most = fitting(trials, self.course.problem, self.workers.jobs, self.course.memory)
            if (one := member_bytes(trials.members, self.course.problem) / 1e6) > share:
                self.watcher.warned(
                    f"a trial takes about {one:.0f} MB, more than the {share:.0f} MB of study.memory that a job may take: "
                    "they are trained one at a time, and need it all the same."
                )
            elif most < len(trials.members):
                self.watcher.warned(
                    f"{len(trials.members)} trials of one shape do not fit study.memory ({self.course.memory:.0f} MB) at once: "
                    f"{most} are trained at a time, with the same results."
                )

    def _progress(self, number: int, size: int, ended: int, epoch: int) -> Progress:
        generations = -(-self.course.trials // self.course.population)
        return Progress(number, generations, size - ended if epoch else 0, ended, epoch)


def _ranked(standing: list[Cohort], course: Course) -> tuple[list[Cohort], list[TrainingResult]]:
    """The cohorts of the members that go on from a rung, and the results of those that do not."""
    objective = course.problem.objective
    costs = {
        member.trial: objective.cost(float(cohort.history[objective.metric][-1, index]))
        for cohort in standing
        for index, member in enumerate(cohort.members)
    }
    going = survivors(costs, course.eta)
    active: list[Cohort] = []
    dropped: list[TrainingResult] = []
    for cohort in standing:
        keep = [index for index, member in enumerate(cohort.members) if member.trial in going]
        dropped.extend(pruned(cohort, index) for index in range(len(cohort.members)) if index not in keep)
        if keep:
            active.append(cohort.keep(keep))
    return active, dropped


_STATES: Mapping[Reason, State] = {"diverged": "diverged", "pruned": "pruned"}


def _record(
    course: Course, number: int, size: int, member: Member, drawn: Drawn, result: TrainingResult | None
) -> TrialRecord:
    """The line of one trial; one without a result has failed."""
    metrics = {name: finite(value) for name, value in result.metrics.items()} if result else {}
    return TrialRecord(
        trial=member.trial,
        generation=number,
        of=size,
        state=_STATES.get(result.reason, "completed") if result else "failed",
        epochs=result.epochs if result else 0,
        reason=result.reason if result else "lost",
        criterion=result.criterion if result else None,
        value=metrics.get(course.problem.objective.metric),
        parameters=drawn.parameters,
        coordinates=drawn.coordinates,
        metrics=metrics,
        history={name: all_finite(values) for name, values in result.history.items()} if result else {},
    )
