"""Worker processes that die, memory that runs out: the work is done again, and the bits are those of one process."""

from __future__ import annotations

import os
import resource
import signal
from collections.abc import Hashable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hpt.evaluate import workers
from hpt.evaluate.workers import Lost, Outcome, Work, Workers, one_blas_thread
from hpt.training.cohort import Cohort, NewCohort
from hpt.training.loop import Advanced, advance
from hpt.training.problem import Problem
from hpt.training.settings import Member
from tests.training.samples import a_problem, some_cohort, some_settings

FATAL = "fatal"
FRAGILE = "fragile"
FINE = "fine"


@dataclass(frozen=True)
class Deadly:
    """Gives iris; the process that asks for the key FATAL dies, for FRAGILE only the first to ask."""

    folder: Path

    def __call__(self, key: Hashable) -> Problem:
        asked = self.folder / "asked"
        if key == FATAL or (key == FRAGILE and not asked.exists()):
            asked.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return a_problem()


def outcomes(jobs: int, folder: Path, works: Sequence[Work]) -> list[Advanced | Lost]:
    return [outcome for _, outcome in pairs(jobs, folder, works)]


def pairs(jobs: int, folder: Path, works: Sequence[Work]) -> list[Outcome]:
    pool = Workers(jobs, Deadly(folder))
    try:
        return list(pool.run(works))
    finally:
        pool.close()


def assert_same(outcome: Advanced | Lost, expected: Advanced) -> None:
    assert isinstance(outcome, Advanced)
    assert outcome.cohort is not None
    assert expected.cohort is not None
    np.testing.assert_array_equal(outcome.cohort.parameters, expected.cohort.parameters)
    np.testing.assert_array_equal(outcome.cohort.slots, expected.cohort.slots)


def test_processes_give_the_bits_of_one_call(tmp_path: Path) -> None:
    problem = a_problem()
    cohort = some_cohort(problem, ["adam", "sgd"])
    found = outcomes(2, tmp_path, [Work(cohort, FINE, 3), Work(cohort, FINE, 3)])
    assert len(found) == 2
    for outcome in found:
        assert_same(outcome, advance(cohort, problem, 3))


def test_a_worker_that_dies_once_is_replaced(tmp_path: Path) -> None:
    problem = a_problem()
    cohort = some_cohort(problem, ["adam", "sgd"])
    works = [Work(cohort, FRAGILE, 2), Work(cohort, FINE, 3)]
    found = outcomes(2, tmp_path, works)
    assert len(found) == 2
    for until in (2, 3):
        outcome = next(o for o in found if isinstance(o, Advanced) and o.cohort and o.cohort.epoch == until)
        assert_same(outcome, advance(cohort, problem, until))


def test_work_that_kills_twice_is_given_up_alone(tmp_path: Path) -> None:
    problem = a_problem()
    cohort = some_cohort(problem, ["adam"])
    fatal, fine = Work(cohort, FATAL, 2), Work(cohort, FINE, 3)
    found = pairs(2, tmp_path, [fatal, fine])
    ((work, lost),) = [pair for pair in found if isinstance(pair[1], Lost)]
    assert work is fatal
    assert isinstance(lost, Lost)
    assert "died, twice" in lost.reason
    ((work, rest),) = [pair for pair in found if isinstance(pair[1], Advanced)]
    assert work is fine
    assert_same(rest, advance(cohort, problem, 3))


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_the_best_comes_back_with_its_weights(jobs: int, tmp_path: Path) -> None:
    problem = a_problem()
    names = ["adam", "sgd", "adagrad", "rmsprop"]
    rates = [1e-4, 1e30, 1e-2, 1e-5]
    members = [
        Member(trial, some_settings(name, {"epochs": 3}, learning_rate=rate), (7, trial), (7,))
        for trial, (name, rate) in enumerate(zip(names, rates, strict=True))
    ]
    expected = {result.trial: result for result in advance(NewCohort(tuple(members)), problem, 3).ended}
    assert expected[1].reason == "diverged"
    best = min((trial for trial in expected if trial != 1), key=lambda t: expected[t].metrics["validation_loss"])
    (outcome,) = outcomes(jobs, tmp_path, [Work(NewCohort(tuple(members)), FINE, 3)])
    assert isinstance(outcome, Advanced)
    for result in outcome.ended:
        assert result.metrics == expected[result.trial].metrics or result.trial == 1
        assert result.weights.keys() == (expected[best].weights.keys() if result.trial == best else set())
    for name, weights in expected[best].weights.items():
        np.testing.assert_array_equal(next(r for r in outcome.ended if r.trial == best).weights[name], weights)


class Narrow:
    """`advance` on a machine where stacks of more than `most` members do not fit."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.sizes: list[int] = []

    def __call__(self, cohort: Cohort, problem: Problem, until: int) -> Advanced:
        self.sizes.append(len(cohort.members))
        if len(cohort.members) > self.most:
            raise MemoryError
        return advance(cohort, problem, until)


def test_a_stack_that_does_not_fit_is_halved_once(monkeypatch, tmp_path: Path) -> None:
    problem = a_problem()
    cohort = some_cohort(problem, ["adam", "sgd", "rmsprop", "adagrad", "gd"])
    narrow = Narrow(3)
    monkeypatch.setattr(workers, "advance", narrow)
    found = outcomes(1, tmp_path, [Work(cohort, FINE, 2)])
    assert narrow.sizes == [5, 2, 3]
    whole = advance(cohort, problem, 2).cohort
    assert whole is not None
    expected = {member.trial: row for member, row in zip(whole.members, whole.parameters, strict=True)}
    reached = [outcome.cohort for outcome in found if isinstance(outcome, Advanced)]
    trained = {m.trial: row for c in reached if c for m, row in zip(c.members, c.parameters, strict=True)}
    assert trained.keys() == expected.keys()
    for trial, row in trained.items():
        np.testing.assert_array_equal(row, expected[trial])


def test_what_does_not_fit_halved_either_has_failed(monkeypatch, tmp_path: Path) -> None:
    cohort = some_cohort(a_problem(), ["adam", "sgd", "rmsprop"])
    narrow = Narrow(1)
    monkeypatch.setattr(workers, "advance", narrow)
    found = pairs(1, tmp_path, [Work(cohort, FINE, 2)])
    assert narrow.sizes == [3, 1, 2]
    ((work, lost),) = [pair for pair in found if isinstance(pair[1], Lost)]
    assert isinstance(lost, Lost)
    assert len(work.trials.members) == 2
    assert "memory" in lost.reason


@dataclass(frozen=True)
class Tight:
    """Gives digits to a process that can have `megabytes` more than it has, from then on."""

    megabytes: int

    def __call__(self, key: Hashable) -> Problem:
        problem = a_problem("digits")
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
        resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + self.megabytes * 1_000_000,) * 2)
        return problem


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the size of a process in /proc")
def test_a_stack_that_the_system_has_no_memory_for_is_halved() -> None:
    problem = a_problem("digits")
    settings = some_settings("adam", {"epochs": 1, "batch_size": 512})
    settings = replace(settings, model={**settings.model, "hidden": [3000]})
    members = tuple(Member(trial, settings, (7, trial), (7,)) for trial in range(16))
    pool = Workers(2, Tight(400))
    try:
        found = list(pool.run([Work(NewCohort(members), FINE, 1)]))
    finally:
        pool.close()
    assert sorted(len(work.trials.members) for work, _ in found) == [8, 8]
    ended = {r.trial: r.metrics for _, outcome in found if isinstance(outcome, Advanced) for r in outcome.ended}
    with one_blas_thread():
        (alone,) = advance(NewCohort(members[3:4]), problem, 1).ended
    assert len(ended) == 16
    assert ended[3] == alone.metrics
