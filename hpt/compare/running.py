"""Studies under way: some side by side, each through its steps, recorded whole and in order."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from hpt.compare.protocol import STEPS, Protocol, Run, baseline, recorded
from hpt.compare.records import RunRecord
from hpt.compare.splits import Key, Splits
from hpt.compare.watching import Stage, Watcher
from hpt.evaluate.protocol import Evaluator, Failure, Request
from hpt.study.clock import Clock
from hpt.study.tuning import Limits, Status
from hpt.training.baselines import constant_metrics
from hpt.training.result import TrainingResult

STACK = 32
"""Members of a stack at most: larger ones fall out of the cache and train no faster."""

Study = tuple[RunRecord, ...]
Results = dict[int, tuple[TrainingResult | None, float]]
"""By trial, what training gave, None where it failed, and its CPU seconds."""


class InterruptedStudiesError(Exception):
    """The studies in hand were given up because the user asked to stop."""


@dataclass(frozen=True, slots=True)
class Comparing:
    """A comparison under way: what fixes it, who trains, who watches, what ends it.

    scores: what each optimizer scored in a study.
    abreast: how many studies to train side by side, as things stand; asked whenever the ones before are done.
    """

    protocol: Protocol
    splits: Splits
    evaluator: Evaluator
    scores: Callable[[Study], Mapping[str, float]]
    abreast: Callable[[], int]
    watcher: Watcher
    clock: Clock
    limits: Limits

    def run(self, done: int, studies: int, record: Callable[[Study], None]) -> Status:
        """Goes on after `done` studies to the last or to a limit; hands each finished one to `record`, in order."""
        while done < studies:
            if status := self.limits.reached():
                return status
            wave = range(done, min(done + self.abreast(), studies))
            try:
                with self.clock.during("training"):
                    finished = self._train(wave)
            except InterruptedStudiesError:
                return "interrupted"
            for study in finished:
                with self.clock.during("records"):
                    record(study)
                with self.clock.during("display"):
                    self.watcher.recorded(self.scores(study))
            done = wave.stop
        return "completed"

    def _train(self, wave: range) -> list[Study]:
        """The records of the studies `wave`, which go through their steps side by side."""
        done: dict[int, list[RunRecord]] = {study: [self._baseline(study)] for study in wave}
        for name, step in STEPS.items():
            with self.clock.during("sampling"):
                runs = {study: step(self.protocol, study, done[study]) for study in wave}
            results = self._results(wave, name, runs)
            for study in wave:
                done[study] += [recorded(self.protocol, study, run, *results[run.trial]) for run in runs[study]]
        return [tuple(records) for records in done.values()]

    def _results(self, wave: range, step: str, runs: Mapping[int, Sequence[Run]]) -> Results:
        """What training the runs of each study gave. Raises InterruptedStudiesError where some were given up."""
        results: Results = {}
        failures: dict[str, int] = {}
        branches = {run.trial: run.branch for each in runs.values() for run in each}
        requests = [self._request(step, study, run) for study in wave for run in runs[study]]
        self._tell(wave, step, branches, results)
        for outcome in self.evaluator.evaluate(requests, self.protocol.epochs):
            came_to = outcome.came_to
            if isinstance(came_to, Failure):
                failures[came_to.reason] = failures.get(came_to.reason, 0) + 1
            results[outcome.trial] = (came_to if isinstance(came_to, TrainingResult) else None, outcome.seconds)
            self._tell(wave, step, branches, results)
        for reason, count in failures.items():
            self.watcher.warned(f"{count} runs failed: {reason}.")
        if len(results) < len(requests):
            raise InterruptedStudiesError
        return results

    def _tell(self, wave: range, step: str, branches: Mapping[int, str], results: Mapping[int, object]) -> None:
        names = self.protocol.names
        of = {name: sum(branch == name for branch in branches.values()) for name in names}
        trained = {name: sum(branches[trial] == name for trial in results) for name in names}
        with self.clock.during("display"):
            self.watcher.moved(Stage(wave.start, wave.stop - 1, step, trained, of))

    def _request(self, step: str, study: int, run: Run) -> Request:
        """A search trains optimizers apart, so that each one's CPU seconds can be told."""
        member = run.member(self.protocol, study)
        return Request(member, Key(study, test=step == "test"), timed=run.branch if step == "search" else None)

    def _baseline(self, study: int) -> RunRecord:
        chosen = self.protocol.space.training["loss"]
        return baseline(self.protocol, study, constant_metrics(self.splits(Key(study, test=True)), chosen))
