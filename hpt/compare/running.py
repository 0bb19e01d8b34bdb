"""Studies under way: as many at once as there are jobs, each through its steps, recorded whole and in order."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

from hpt.compare.constant import constant_metrics
from hpt.compare.protocol import STEPS, Protocol, Run, constant, recorded
from hpt.compare.records import RunRecord
from hpt.compare.splits import Key, Splits
from hpt.compare.watching import Stage, Watcher
from hpt.evaluate.workers import Lost, Outcome, Work, Workers
from hpt.study.clock import Clock
from hpt.study.tuning import Limits, Status
from hpt.training.packing import Pace, cut, new_cohorts
from hpt.training.result import TrainingResult

STACK = 32
"""Members of a stack at most: larger ones fall out of the cache and train no faster."""

Study = tuple[RunRecord, ...]


class InterruptedStudiesError(Exception):
    """The studies in hand were given up between two advances."""


@dataclass(frozen=True, slots=True)
class Comparing:
    """A comparison under way: what fixes it, who trains, who watches, what ends it.

    memory: megabytes, over all jobs; it only cuts stacks.
    """

    protocol: Protocol
    splits: Splits
    workers: Workers
    watcher: Watcher
    clock: Clock
    limits: Limits
    memory: float

    def run(self, done: int, studies: int, record: Callable[[Study], None]) -> Status:
        """Goes on after `done` studies to the last or to a limit; hands each finished one to `record`, in order."""
        while done < studies:
            if status := self.limits.reached():
                return status
            wave = range(done, min(done + self.workers.jobs, studies))
            try:
                with self.clock.during("training"):
                    finished = self._train(wave)
            except InterruptedStudiesError:
                return "interrupted"
            for study in finished:
                with self.clock.during("records"):
                    record(study)
            done = wave.stop
            with self.clock.during("display"):
                self.watcher.recorded(done)
        return "completed"

    def _train(self, wave: range) -> list[Study]:
        """The records of the studies `wave`, which go through their steps side by side."""
        done: dict[int, list[RunRecord]] = {study: [self._constant(study)] for study in wave}
        for name, step in STEPS.items():
            with self.clock.during("sampling"):
                runs = {study: step(self.protocol, study, done[study]) for study in wave}
            works = [work for study in wave for work in self._works(name, study, runs[study])]
            results = self._results(works, wave, name, runs)
            for study in wave:
                done[study] += [
                    recorded(self.protocol, study, run, *results.get(run.trial, (None, 0.0))) for run in runs[study]
                ]
        return [tuple(records) for records in done.values()]

    def _results(
        self, works: Sequence[Work], wave: range, step: str, runs: Mapping[int, Sequence[Run]]
    ) -> dict[int, tuple[TrainingResult | None, float]]:
        """By trial, what training gave and its share of the CPU seconds. Raises InterruptedStudiesError on request."""
        results: dict[int, tuple[TrainingResult | None, float]] = {}
        branches = {run.trial: run.branch for each in runs.values() for run in each}
        self._tell(wave, step, branches, results)
        for work, outcome in self._outcomes(works):
            if self.limits.interrupts.requested:
                raise InterruptedStudiesError
            if isinstance(outcome, Lost):
                members = work.trials.members
                results.update({member.trial: (None, 0.0) for member in members})
                self.watcher.warned(f"{len(members)} runs failed: {outcome.reason}.")
            else:
                share = outcome.seconds / max(1, len(outcome.ended))
                results.update({result.trial: (result, share) for result in outcome.ended})
            self._tell(wave, step, branches, results)
        return results

    def _outcomes(self, works: Sequence[Work]) -> Iterator[Outcome]:
        """What the workers give. With one job a piece at a time: a batch would have to end before any of it is seen."""
        for batch in [[work] for work in works] if self.workers.jobs == 1 else [works]:
            yield from self.workers.run(batch)

    def _tell(self, wave: range, step: str, branches: Mapping[int, str], results: Mapping[int, object]) -> None:
        names = self.protocol.names
        of = {name: sum(branch == name for branch in branches.values()) for name in names}
        trained = {name: sum(branches[trial] == name for trial in results) for name in names}
        with self.clock.during("display"):
            self.watcher.moved(Stage(wave.start, wave.stop - 1, step, trained, of))

    def _works(self, step: str, study: int, runs: Sequence[Run]) -> Iterator[Work]:
        """The runs in stacks. A search keeps optimizers apart, so that each one's CPU seconds can be told."""
        key = Key(study, test=step == "test")
        problem = self.splits(key)
        groups: dict[str, list[Run]] = {}
        for run in runs:
            groups.setdefault(run.branch if step == "search" else "", []).append(run)
        for group in groups.values():
            members = [run.member(self.protocol, study) for run in group]
            for start in range(0, len(members), STACK):
                stacks = new_cohorts(members[start : start + STACK], problem)
                for trials in cut(stacks, problem, self.protocol.epochs, 1, self.memory / self.workers.jobs, Pace()):
                    yield Work(trials, key, self.protocol.epochs)

    def _constant(self, study: int) -> RunRecord:
        settings = self.protocol.settings(self.protocol.space.middle(self.protocol.names[0]))
        return constant(self.protocol, study, constant_metrics(self.splits(Key(study, test=True)), settings))
