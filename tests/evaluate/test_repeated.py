"""A trial that is its mean over folds and initialisations, beside the copies trained one by one."""

from __future__ import annotations

import math
import statistics
from collections.abc import Hashable, Iterator, Sequence
from dataclasses import dataclass, replace

import pytest

from hpt.evaluate.executors import executors
from hpt.evaluate.function import FunctionEvaluator
from hpt.evaluate.population import Population
from hpt.evaluate.protocol import Evaluator, Failure, Outcome, Request, stopped
from hpt.evaluate.repeated import Repeated, RepeatedState, standard_error
from hpt.training.cohort import NewCohort
from hpt.training.loop import advance
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member
from tests.training.samples import a_problem, some_settings

METRIC = "validation_loss"
SETS = ("iris", "wine")


@dataclass(frozen=True)
class TwoSets:
    """Two folds that could not be less alike."""

    digest: str = "iris and wine"

    def __call__(self, key: Hashable) -> Problem:
        assert isinstance(key, str)
        return a_problem(key)


def requests(count: int, **training: object) -> list[Request]:
    settings = {"epochs": 6} | training
    rates = [0.001 * 3**index for index in range(count)]
    return [
        Request(Member(trial, some_settings("adam", settings, learning_rate=rate), (7, trial), (7,)))
        for trial, rate in enumerate(rates)
    ]


def repeated(evaluator: Evaluator, *keys: Hashable) -> Repeated:
    return Repeated(evaluator, keys, METRIC)


def population() -> Population:
    return Population(TwoSets(), executors(1), 1000.0)


def came_to(evaluator: Evaluator, asked: Sequence[Request], until: int) -> dict[int, Outcome]:
    return {outcome.trial: outcome for outcome in evaluator.evaluate(asked, until)}


def alone(request: Request, name: str, initial: tuple[int, ...]) -> TrainingResult:
    (result,) = advance(NewCohort((replace(request.member, initial=initial),)), a_problem(name), 6).ended
    return result


def test_a_trial_is_the_mean_of_its_copies() -> None:
    found = came_to(repeated(population(), *SETS, *SETS), requests(3), 6)
    for request in requests(3):
        trial = request.member.trial
        copies = [
            alone(request, name, (7, trial, index) if index else (7, trial)) for index, name in enumerate((*SETS, *SETS))
        ]
        result = found[trial].came_to
        assert isinstance(result, TrainingResult)
        for metric, value in result.metrics.items():
            assert value == pytest.approx(statistics.fmean(copy.metrics[metric] for copy in copies), rel=1e-12)
        for epoch, value in enumerate(result.history[METRIC]):
            assert value == pytest.approx(statistics.fmean(copy.history[METRIC][epoch] for copy in copies), rel=1e-12)
        spread = statistics.stdev(copy.metrics[METRIC] for copy in copies) / 2
        assert result.error == pytest.approx(spread, rel=1e-12)
        assert (result.trial, result.epochs, result.reason, result.weights) == (trial, 6, "epochs", {})


def test_rung_by_rung_it_comes_to_the_same() -> None:
    whole = came_to(repeated(population(), *SETS), requests(3), 6)
    evaluator = repeated(population(), *SETS)
    asked = requests(3)
    for until in (1, 2, 5):
        standing = came_to(evaluator, asked, until)
        asked = [replace(request, state=standing[request.member.trial].came_to) for request in asked]
        for request in asked:
            state = request.state
            assert isinstance(state, RepeatedState)
            assert state.epoch == until
            result = whole[request.member.trial].came_to
            assert isinstance(result, TrainingResult)
            assert state.history()[METRIC] == result.history[METRIC][:until]
            dropped = stopped(request.member.trial, state)
            assert dropped.metrics[METRIC] == result.history[METRIC][until - 1]
            assert dropped.error is not None
            assert dropped.error > 0
    assert {trial: outcome.came_to for trial, outcome in came_to(evaluator, asked, 6).items()} == {
        trial: outcome.came_to for trial, outcome in whole.items()
    }


def test_a_copy_that_stopped_waits_with_its_result() -> None:
    (request,) = requests(1, stop={"train_loss_below": 1.0})
    ends = {name: alone(request, name, (7, 0, index) if index else (7, 0)) for index, name in enumerate(SETS)}
    first, last = sorted(ends.values(), key=lambda result: result.epochs)
    assert first.epochs < last.epochs
    evaluator = repeated(population(), *SETS)
    (standing,) = came_to(evaluator, [request], first.epochs).values()
    assert isinstance(standing.came_to, RepeatedState)
    (ended,) = came_to(evaluator, [replace(request, state=standing.came_to)], 6).values()
    result = ended.came_to
    assert isinstance(result, TrainingResult)
    assert (result.epochs, result.reason) == (last.epochs, last.reason)
    assert result.metrics[METRIC] == (ends["iris"].metrics[METRIC] + ends["wine"].metrics[METRIC]) / 2
    assert (
        result.history["train_loss"][-1]
        == (ends["iris"].history["train_loss"][-1] + ends["wine"].history["train_loss"][-1]) / 2
    )
    assert [o.came_to for o in repeated(population(), *SETS).evaluate([request], 6)] == [result]


class Scripted:
    """A fake evaluator that gives each copy what a script says of its key, epoch by epoch."""

    def __init__(self, script: dict[Hashable, list[float]]) -> None:
        self.script = script
        self.asked: list[tuple[int, Hashable]] = []

    def evaluate(self, asked: Sequence[Request], until: int) -> Iterator[Outcome]:
        for request in asked:
            self.asked.append((request.member.trial, request.data))
            values = self.script[request.data]
            yield from FunctionEvaluator(lambda _, epoch, values=values: values[epoch - 1], METRIC).evaluate(
                [request], until
            )

    def close(self) -> None:
        pass


@pytest.mark.parametrize("rungs", [(6,), (2, 6), (1, 2, 3, 4, 5, 6)])
def test_a_trial_diverges_with_the_first_of_its_copies(rungs: tuple[int, ...]) -> None:
    script = {"a": [1.0] * 6, "b": [2.0, 2.0, 2.0, 2.0, math.nan], "c": [3.0, 3.0, math.inf]}
    evaluator = repeated(Scripted(script), "a", "b", "c")
    request, found = requests(1)[0], None
    for rung in rungs:
        (outcome,) = evaluator.evaluate([request], rung)
        found = outcome.came_to
        if isinstance(found, TrainingResult):
            break
        request = replace(request, state=found)
    assert isinstance(found, TrainingResult)
    assert (found.reason, found.epochs, found.error) == ("diverged", 3, None)
    assert found.history[METRIC][:2] == (2.0, 2.0)
    assert not math.isfinite(found.history[METRIC][2])
    assert not math.isfinite(found.metrics[METRIC])


def test_a_copy_that_fails_fails_the_trial() -> None:
    evaluator = repeated(Scripted({"a": [1.0] * 6, "b": []}), "a", "b")
    (outcome,) = evaluator.evaluate(requests(1), 6)
    assert isinstance(outcome.came_to, Failure)


def test_every_copy_has_a_number_and_data_of_its_own_in_one_call() -> None:
    scripted = Scripted({"a": [1.0] * 6, "b": [3.0] * 6})
    found = came_to(repeated(scripted, "a", "b"), requests(2), 6)
    assert scripted.asked == [(0, "a"), (1, "b"), (2, "a"), (3, "b")]
    assert [outcome.came_to.metrics[METRIC] for outcome in found.values()] == [2.0, 2.0]


def test_trials_that_were_given_up_are_not_told_of() -> None:
    class Stopping(Scripted):
        def evaluate(self, asked: Sequence[Request], until: int) -> Iterator[Outcome]:
            return super().evaluate(asked[:3], until)

    found = came_to(repeated(Stopping({"a": [1.0] * 6, "b": [3.0] * 6}), "a", "b"), requests(2), 6)
    assert found.keys() == {0}


def test_a_state_of_another_evaluator_is_refused() -> None:
    (outcome,) = population().evaluate([replace(requests(1)[0], data="iris")], 2)
    asked = [replace(requests(1)[0], state=outcome.came_to)]
    with pytest.raises(TypeError, match="another evaluator"):
        list(repeated(population(), *SETS).evaluate(asked, 3))


def test_one_value_has_no_error() -> None:
    assert standard_error([1.0]) is None
    assert standard_error([1.0, math.nan]) is None
    assert standard_error([1.0, 3.0]) == 1.0
