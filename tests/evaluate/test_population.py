"""Worker processes that die, memory that runs out: the work is done again, and the bits are those of one process."""

from __future__ import annotations

import os
import resource
import signal
import time
from collections.abc import Callable, Hashable, Sequence
from concurrent.futures import BrokenExecutor, Future
from concurrent.futures._base import DoneAndNotDoneFutures
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
import pytest

from hpt.evaluate import cutting, pieces, population
from hpt.evaluate.executors import Processes, executors, one_blas_thread
from hpt.evaluate.population import Population, StackedState
from hpt.evaluate.problems import OneProblem, Problems
from hpt.evaluate.protocol import Failure, Outcome, Request
from hpt.foundation.errors import RunError
from hpt.training.cohort import Cohort, NewCohort
from hpt.training.loop import Advanced, advance
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member
from tests.training.samples import a_problem, some_settings

FATAL = "fatal"
FRAGILE = "fragile"
FINE = "fine"


@dataclass(frozen=True)
class Deadly:
    """Gives iris; a worker that asks for the key FATAL dies, for FRAGILE only the first to ask."""

    folder: Path
    coordinator: int = 0

    @property
    def digest(self) -> str:
        return str(self.folder)

    def __call__(self, key: Hashable) -> Problem:
        asked = self.folder / "asked"
        deadly = key == FATAL or (key == FRAGILE and not asked.exists())
        if deadly and os.getpid() != self.coordinator:
            asked.touch()
            os.kill(os.getpid(), signal.SIGKILL)
        return a_problem()


def outcomes(problems: Problems, requests: Sequence[Request], until: int, jobs: int = 1) -> dict[int, Outcome]:
    evaluator = Population(problems, executors(jobs), 1000.0)
    try:
        found = list(evaluator.evaluate(requests, until))
    finally:
        evaluator.close()
    assert len({outcome.trial for outcome in found}) == len(found)
    return {outcome.trial: outcome for outcome in found}


def some_requests(names: Sequence[str], data: Hashable = FINE, first: int = 0) -> list[Request]:
    return [
        Request(Member(trial, some_settings(name, {"epochs": 8}), (7, trial), (7,)), data)
        for trial, name in enumerate(names, first)
    ]


def alone(request: Request, until: int) -> Cohort:
    cohort = advance(NewCohort((request.member,)), a_problem(), until).cohort
    assert cohort is not None
    return cohort


def assert_as_alone(outcome: Outcome, request: Request, until: int) -> None:
    state = outcome.came_to
    assert isinstance(state, StackedState)
    assert state.epoch == until
    expected = alone(request, until)
    np.testing.assert_array_equal(state.cohort.parameters[state.index], expected.parameters[0])
    assert state.history() == {name: tuple(values[:, 0].tolist()) for name, values in expected.history.items()}


@pytest.mark.parametrize("jobs", [1, 2])
def test_any_number_of_jobs_gives_the_bits_of_a_trial_alone(jobs: int, tmp_path: Path) -> None:
    requests = some_requests(["adam", "sgd", "adam", "rmsprop"])
    found = outcomes(Deadly(tmp_path), requests, 3, jobs)
    for request in requests:
        assert_as_alone(found[request.member.trial], request, 3)


def test_some_of_the_trials_go_on_from_their_states(tmp_path: Path) -> None:
    requests = some_requests(["adam", "sgd", "adam", "rmsprop", "gd"])
    found = outcomes(Deadly(tmp_path), requests, 2)
    going = [replace(r, state=found[r.member.trial].came_to) for r in requests if r.member.trial in (3, 1)]
    further = outcomes(Deadly(tmp_path), going, 5)
    assert further.keys() == {1, 3}
    for request in going:
        assert_as_alone(further[request.member.trial], request, 5)


def test_a_trial_can_end_where_it_stands(tmp_path: Path) -> None:
    (request,) = some_requests(["adam"])
    state = outcomes(Deadly(tmp_path), [request], 2)[0].came_to
    assert isinstance(state, StackedState)
    result = outcomes(Deadly(tmp_path), [replace(request, state=state, ends=True)], 2)[0].came_to
    assert isinstance(result, TrainingResult)
    assert (result.epochs, result.reason, result.history) == (2, "interrupted", state.history())
    assert result.weights.keys() == state.weights().keys()


def test_a_worker_that_dies_once_is_replaced(tmp_path: Path) -> None:
    fragile, fine = some_requests(["adam"], FRAGILE), some_requests(["adam", "sgd"], FINE, 1)
    found = outcomes(Deadly(tmp_path, os.getpid()), [*fragile, *fine], 2, jobs=2)
    for request in (*fragile, *fine):
        assert_as_alone(found[request.member.trial], request, 2)


def test_a_death_between_two_looks_is_not_a_loss(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The thread that fetches results tells each future that a worker died, and ends: all that, after a look that saw nothing."""
    wait, hidden = population.wait, []

    def slow(running: Sequence[Future[object]], timeout: float, **keywords: str) -> DoneAndNotDoneFutures[object]:
        found = wait(running, timeout, **keywords)
        if hidden or not any(isinstance(future.exception(), BrokenExecutor) for future in found.done):
            return found
        hidden.append(found)
        time.sleep(1)  # The thread is at its end: it wakes those who wait, then joins its processes.
        return DoneAndNotDoneFutures(set(), set(running))

    monkeypatch.setattr(population, "wait", slow)
    (fragile,) = some_requests(["adam"], FRAGILE)
    found = outcomes(Deadly(tmp_path, os.getpid()), [fragile], 2, jobs=2)
    assert hidden
    assert_as_alone(found[fragile.member.trial], fragile, 2)


def racing(
    times: int, monkeypatch: pytest.MonkeyPatch, work: object = pieces.train_piece, *, heard: bool = False
) -> list[int]:
    """The first `times` pieces of `work` are sent while a worker dies, in the moment in which nobody is told of them any more.

    heard: whether whoever sends them is told at once instead.
    """
    submit, sent = Processes.submit, []

    def too_late(self: Processes, call: Callable[..., object], *arguments: object) -> Future[object]:
        if call is not work or len(sent) >= times:
            return submit(self, call, *arguments)
        submit(self, os.getpid).result()
        sent.append(1)
        for process in list(self._processes.values()):
            process.kill()
        while not self.lost:
            time.sleep(0.01)
        return submit(self, call, *arguments) if heard else Future()

    monkeypatch.setattr(Processes, "submit", too_late)
    return sent


def test_work_that_is_sent_while_a_worker_dies_is_done_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    sent = racing(1, monkeypatch)
    requests = some_requests(["adam", "sgd"])
    found = outcomes(Deadly(tmp_path), requests, 2, jobs=2)
    assert sent
    for request in requests:
        assert_as_alone(found[request.member.trial], request, 2)


def test_what_is_never_heard_of_ends_the_study_and_blames_no_trial(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    racing(2, monkeypatch)
    with pytest.raises(RunError, match="no longer heard, most likely because memory ran out"):
        outcomes(Deadly(tmp_path), some_requests(["adam"]), 2, jobs=2)


def test_work_that_kills_twice_is_given_up_alone(tmp_path: Path) -> None:
    fatal, fine = some_requests(["adam"], FATAL), some_requests(["adam", "sgd"], FINE, 1)
    found = outcomes(Deadly(tmp_path, os.getpid()), [*fatal, *fine], 2, jobs=2)
    failure = found[0].came_to
    assert isinstance(failure, Failure)
    assert "died, twice" in failure.reason
    for request in fine:
        assert_as_alone(found[request.member.trial], request, 2)


def deadly_trial(cohort: NewCohort | Cohort, problem: Problem, until: int) -> Advanced:
    """`advance` for workers that trial 2 kills, in whatever company."""
    if any(member.trial == 2 for member in cohort.members):
        os.kill(os.getpid(), signal.SIGKILL)
    return advance(cohort, problem, until)


@dataclass(frozen=True)
class Armed(Deadly):
    """Gives iris to workers in which trial 2 is deadly."""

    def __call__(self, key: Hashable) -> Problem:
        if os.getpid() != self.coordinator:
            pieces.advance = deadly_trial
        return a_problem()


def test_only_the_trial_that_kills_its_worker_fails(tmp_path: Path) -> None:
    requests = some_requests(["adam", "adam", "adam", "sgd", "sgd"])
    found = outcomes(Armed(tmp_path, os.getpid()), requests, 2, jobs=2)
    assert isinstance(found.pop(2).came_to, Failure)
    for trial, outcome in found.items():
        assert_as_alone(outcome, requests[trial], 2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_only_the_best_comes_back_with_its_weights(jobs: int, tmp_path: Path) -> None:
    problem = a_problem()
    names, rates = ["adam", "sgd", "adagrad", "rmsprop"], [1e-4, 1e30, 1e-2, 1e-5]
    members = [
        Member(trial, some_settings(name, {"epochs": 3}, learning_rate=rate), (7, trial), (7,))
        for trial, (name, rate) in enumerate(zip(names, rates, strict=True))
    ]
    expected = {result.trial: result for result in advance(NewCohort(tuple(members)), problem, 3).ended}
    assert expected[1].reason == "diverged"
    best = min((trial for trial in expected if trial != 1), key=lambda t: expected[t].metrics["validation_loss"])
    found = outcomes(Deadly(tmp_path), [Request(member, FINE) for member in members], 3, jobs)
    for trial, outcome in found.items():
        result = outcome.came_to
        assert isinstance(result, TrainingResult)
        assert result.metrics == expected[trial].metrics or trial == 1
        # A piece's best may be its own only: where the stack was cut, each piece has one.
        assert trial != best or result.weights.keys() == expected[best].weights.keys()
    for name, weights in expected[best].weights.items():
        np.testing.assert_array_equal(found[best].came_to.weights[name], weights)
    sent = sum(bool(outcome.came_to.weights) for outcome in found.values())
    assert 1 <= sent <= jobs


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


def test_a_stack_that_does_not_fit_is_halved(monkeypatch, tmp_path: Path) -> None:
    requests = some_requests(["adam", "sgd", "rmsprop", "adagrad", "adam"])
    narrow = Narrow(3)
    monkeypatch.setattr(pieces, "advance", narrow)
    found = outcomes(Deadly(tmp_path), requests, 2)
    assert narrow.sizes == [5, 2, 3]
    for request in requests:
        assert_as_alone(found[request.member.trial], request, 2)


def test_it_is_halved_as_often_as_need_be(monkeypatch, tmp_path: Path) -> None:
    requests = some_requests(["adam", "sgd", "rmsprop", "adagrad", "adam"])
    monkeypatch.setattr(pieces, "advance", Narrow(1))
    found = outcomes(Deadly(tmp_path), requests, 2)
    for request in requests:
        assert_as_alone(found[request.member.trial], request, 2)


def test_a_trial_that_does_not_fit_alone_has_failed(monkeypatch, tmp_path: Path) -> None:
    monkeypatch.setattr(pieces, "advance", Narrow(0))
    found = outcomes(Deadly(tmp_path), some_requests(["adam", "sgd"]), 2)
    failures = [outcome.came_to for outcome in found.values()]
    assert len(failures) == 2
    assert all(isinstance(failure, Failure) and "memory" in failure.reason for failure in failures)


def test_who_asked_to_stop_gets_no_more(tmp_path: Path) -> None:
    asked: list[bool] = []
    # Two batch sizes make two pieces, of which one process trains one after the other.
    requests = [
        Request(Member(trial, some_settings("adam", {"batch_size": 16 * (trial + 1)}), (7, trial), (7,)))
        for trial in range(2)
    ]
    evaluator = Population(Deadly(tmp_path), executors(1), 1000.0, stop=lambda: bool(asked))
    found = []
    for outcome in evaluator.evaluate(requests, 1):
        found.append(outcome)
        asked.append(True)
    assert len(found) == 1


def test_requests_that_are_timed_apart_share_no_stack(monkeypatch, tmp_path: Path) -> None:
    narrow = Narrow(100)
    monkeypatch.setattr(pieces, "advance", narrow)
    requests = [replace(request, timed=request.member.trial % 2) for request in some_requests(["adam"] * 5)]
    outcomes(Deadly(tmp_path), requests, 2)
    assert sorted(narrow.sizes) == [2, 3]


@dataclass(frozen=True)
class Tight:
    """Gives digits to a worker that can have `megabytes` more than it has, from then on."""

    megabytes: int
    coordinator: int
    digest: str = "tight"

    def __call__(self, key: Hashable) -> Problem:
        problem = a_problem("digits")
        if os.getpid() != self.coordinator:
            pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[0])
            resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + self.megabytes * 1_000_000,) * 2)
        return problem


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="reads the size of a process in /proc")
def test_a_stack_that_the_system_has_no_memory_for_is_halved() -> None:
    problem = a_problem("digits")
    settings = some_settings("adam", {"epochs": 1, "batch_size": 512})
    settings = replace(settings, model={**settings.model, "hidden": [3000]})
    members = tuple(Member(trial, settings, (7, trial), (7,)) for trial in range(16))
    evaluator = Population(Tight(400, os.getpid()), executors(2), 100_000.0)
    try:
        found = {o.trial: o.came_to for o in evaluator.evaluate([Request(member) for member in members], 1)}
    finally:
        evaluator.close()
    with one_blas_thread():
        (result,) = advance(NewCohort(members[3:4]), problem, 1).ended
    assert len(found) == 16
    assert all(isinstance(came_to, TrainingResult) for came_to in found.values())
    assert found[3].metrics == result.metrics


def test_what_a_worker_holds_is_known_by_its_content() -> None:
    iris, wine = OneProblem(a_problem("iris")), OneProblem(a_problem("wine"))
    assert OneProblem(a_problem("iris")).digest == iris.digest != wine.digest
    iris.problem.dataset.train.inputs[0, 0] += 1e-9
    assert OneProblem(iris.problem).digest != iris.digest


def test_weights_that_may_be_wanted_come_back_where_they_are_small(monkeypatch: pytest.MonkeyPatch) -> None:
    def with_weights(*, weighted: bool) -> int:
        asked = [replace(request, weighted=weighted) for request in some_requests(("adam", "sgd", "adam"))]
        results = [outcome.came_to for outcome in outcomes(OneProblem(a_problem()), asked, 8).values()]
        return sum(isinstance(result, TrainingResult) and bool(result.weights) for result in results)

    assert (with_weights(weighted=False), with_weights(weighted=True)) == (1, 3)
    monkeypatch.setattr(cutting, "MOST_SENT", 0)
    assert with_weights(weighted=True) == 1


def first_input(problems: list[Problem]) -> tuple[int, float]:
    """Where this was done, and a number of the data."""
    return os.getpid(), sum(float(problem.dataset.train.inputs[0, 0]) for problem in problems)


@pytest.mark.parametrize(("jobs", "key", "elsewhere"), [(1, FINE, False), (2, FINE, True), (2, FATAL, False)])
def test_a_worker_does_what_this_process_need_not(tmp_path: Path, *, jobs: int, key: str, elsewhere: bool) -> None:
    evaluator = Population(Deadly(tmp_path, os.getpid()), executors(jobs), 1000.0)
    try:
        done = evaluator.beside(first_input, [key, key])()
        requests = some_requests(["adam", "sgd"])
        found = {outcome.trial: outcome for outcome in evaluator.evaluate(requests, 2)}
    finally:
        evaluator.close()
    assert done is not None
    assert (done[0] != os.getpid()) is elsewhere
    assert done[1] == float(a_problem().dataset.train.inputs[0, 0])
    for request in requests:
        assert_as_alone(found[request.member.trial], request, 2)


@pytest.mark.parametrize("heard", [False, True])
def test_what_is_asked_of_a_dying_worker_is_done_here(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, *, heard: bool
) -> None:
    sent = racing(1, monkeypatch, pieces.done_with, heard=heard)
    evaluator = Population(Deadly(tmp_path, os.getpid()), executors(2), 1000.0)
    try:
        done = evaluator.beside(first_input, [FINE])()
        (outcome,) = evaluator.evaluate(some_requests(["adam"]), 2)
    finally:
        evaluator.close()
    assert sent
    assert done is not None
    assert done[0] == os.getpid()
    assert_as_alone(outcome, some_requests(["adam"])[0], 2)


@pytest.mark.parametrize("jobs", [1, 2])
def test_who_asks_to_stop_waits_for_nothing_beside(tmp_path: Path, jobs: int) -> None:
    stop: list[int] = []
    evaluator = Population(Deadly(tmp_path), executors(jobs), 1000.0, stop=lambda: bool(stop))
    result = evaluator.beside(first_input, [FINE])
    stop.append(1)
    assert result() is None
    evaluator.close()


@pytest.mark.parametrize(("jobs", "called"), [(1, []), (2, [2])])
def test_what_can_be_done_meanwhile_is_done_once_while_others_train(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, jobs: int, called: list[int]
) -> None:
    monkeypatch.setattr(population, "_SECONDS_BUSY", 0.0)
    found: list[int] = []
    evaluator = Population(Deadly(tmp_path, os.getpid()), executors(jobs), 1000.0, meanwhile=lambda: found.append(len(sent)))
    sent: list[object] = []
    submit = evaluator._executor.submit
    evaluator._executor.submit = lambda *work: sent.append(work) or submit(*work)  # type: ignore[method-assign,func-returns-value]
    try:
        first = list(evaluator.evaluate(some_requests(["adam"] * 4), 2))
        rest = list(evaluator.evaluate(some_requests(["sgd"] * 4, first=4), 2))
    finally:
        evaluator.close()
    assert len(first) == len(rest) == 4
    assert found == called, "after all pieces were sent"
