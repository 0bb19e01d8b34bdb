"""Stacks that stay where they were trained: their arrays do not travel, and the bits are those of a trial alone."""

from __future__ import annotations

import pickle
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from hpt.evaluate import pieces
from hpt.evaluate.executors import FixedExecutors, Inline, one_blas_thread
from hpt.evaluate.population import Population, StackedState
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Outcome, Request
from hpt.evaluate.resting import Rested, Resting
from hpt.training.cohort import Cohort, NewCohort
from hpt.training.loop import advance
from hpt.training.packing import Dispatch
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member
from tests.training.samples import a_problem, some_settings

LARGE, SMALL = [400, 700], [8]
PLENTY = 1000.0


@pytest.fixture(scope="module")
def problem() -> Problem:
    return a_problem()


def requests(hidden: Sequence[int]) -> list[Request]:
    found = []
    for trial, name in enumerate(("adam", "sgd", "adam", "adam")):
        settings = some_settings(name, {"epochs": 6, "batch_size": 64})
        settings = replace(settings, model={**settings.model, "hidden": list(hidden)})
        found.append(Request(Member(trial, settings, (7, trial), (7,))))
    return found


def evaluated(problem: Problem, asked: Sequence[Request], until: int, megabytes: float = PLENTY) -> dict[int, Outcome]:
    executors = FixedExecutors(1, Inline, dispatch=Dispatch(stays=True))
    with one_blas_thread():
        return {o.trial: o for o in Population(OneProblem(problem), executors, megabytes).evaluate(asked, until)}


def cohort(outcome: Outcome) -> Cohort | Resting:
    assert isinstance(outcome.came_to, StackedState)
    return outcome.came_to.cohort


@pytest.mark.parametrize("forgotten", [False, True])
def test_what_goes_on_from_a_stack_that_stayed_has_the_bits_of_a_trial_alone(
    problem: Problem, monkeypatch: pytest.MonkeyPatch, *, forgotten: bool
) -> None:
    """Also in a process that never had it, or has it no more."""
    asked = requests(LARGE)
    first = evaluated(problem, asked, 2)
    left = cohort(first[0])
    assert isinstance(left, Resting)
    assert len(pickle.dumps(left)) < 20_000
    going = [replace(asked[trial], state=first[trial].came_to) for trial in (3, 1)]
    if forgotten:
        monkeypatch.setattr(pieces, "_RESTED", Rested())
    trained = []
    monkeypatch.setattr(pieces, "advance", lambda trials, *rest: trained.append(trials) or advance(trials, *rest))
    second = evaluated(problem, going, 4)
    assert [isinstance(trials, NewCohort) for trials in trained] == [forgotten]
    assert {trial for trial, _ in second.items()} == {1, 3}
    last = evaluated(problem, [replace(r, state=second[r.member.trial].came_to) for r in going], 6)
    for request in going:
        trial = request.member.trial
        with one_blas_thread():
            (alone,) = advance(NewCohort((request.member,)), problem, 6).ended
            halfway = advance(NewCohort((request.member,)), problem, 4).cohort
        assert halfway is not None
        state = second[trial].came_to
        assert isinstance(state, StackedState)
        assert state.history() == {name: tuple(values[:, 0].tolist()) for name, values in halfway.history.items()}
        result = last[trial].came_to
        assert isinstance(result, TrainingResult)
        assert (result.metrics, result.history) == (alone.metrics, alone.history)
        for name, weight in result.weights.items():  # of the best of the two alone
            np.testing.assert_array_equal(weight, alone.weights[name])


def test_small_stacks_travel_so_that_what_is_left_of_them_is_joined(problem: Problem) -> None:
    assert isinstance(cohort(evaluated(problem, requests(SMALL), 2)[0]), Cohort)


def test_a_stack_that_does_not_fit_the_memory_travels(problem: Problem) -> None:
    assert isinstance(cohort(evaluated(problem, requests(LARGE), 2, megabytes=0.1)[0]), Cohort)


def test_the_latest_stay_while_there_is_room(problem: Problem) -> None:
    with one_blas_thread():
        stacks = [advance(NewCohort((r.member,)), problem, 1).cohort for r in requests(LARGE) if r.member.trial != 1]
    sizes = [s.parameters.nbytes + s.slots.nbytes + s.numbers.nbytes for s in stacks if s is not None]
    rested = Rested()
    left = [rested.rest(s, "digest", None, int(2.5 * sizes[0])) for s in stacks if s is not None]
    held = [isinstance(rested.trials(each), Cohort) for each in left if isinstance(each, Resting)]
    assert held == [False, True, True]


def test_what_was_trained_on_other_data_is_another_stack(problem: Problem) -> None:
    (member,) = (request.member for request in requests(LARGE)[:1])
    with one_blas_thread():
        stack = advance(NewCohort((member,)), problem, 1).cohort
    assert stack is not None
    rested = Rested()
    keys = {getattr(rested.rest(stack, *of, 10**9), "key", None) for of in (("a", None), ("b", None), ("a", 1))}
    assert len(keys) == 3
    assert None not in keys
