"""Cohorts are cut for jobs and memory: every member stays, once, and nothing is cut without need."""

from __future__ import annotations

import sys
import time
import tracemalloc
from collections.abc import Callable, Sequence
from dataclasses import replace
from types import FrameType

import numpy as np
import pytest

from hpt.training.cohort import Cohort, NewCohort, Trials, begin
from hpt.training.costs import CostCalibration, Costs, member_bytes
from hpt.training.loop import advance
from hpt.training.packing import Dispatch, cut, fitting, new_cohorts
from hpt.training.problem import Problem
from hpt.training.settings import Member
from tests.training.samples import a_problem, some_settings

PLENTY = 1e6
EPOCHS = 20


@pytest.fixture(scope="module")
def problem() -> Problem:
    return a_problem("digits")


def mixed(problem: Problem, members: int, sizes: tuple[int, ...] = (16, 16, 16, 64, 128)) -> list[Trials]:
    """A generation that takes batches of `sizes` in turn; the smallest cost most."""
    settings = [some_settings("adam", {"batch_size": sizes[i % len(sizes)]}) for i in range(members)]
    return new_cohorts([Member(i, s, (7, i), (7,)) for i, s in enumerate(settings)], problem)


def trials(pieces: Sequence[Trials]) -> list[int]:
    return sorted(member.trial for piece in pieces for member in piece.members)


def cost(piece: Trials, problem: Problem) -> float:
    return Costs.of(piece, problem, EPOCHS).between(0, len(piece.members))


@pytest.mark.parametrize("jobs", [1, 2, 5, 30])
@pytest.mark.parametrize("megabytes", [0.001, 2.0, PLENTY])
def test_every_member_stays_once(problem: Problem, jobs: int, megabytes: float) -> None:
    pieces = cut(mixed(problem, 40), problem, EPOCHS, jobs, megabytes, CostCalibration())
    assert trials(pieces) == list(range(40))
    assert len({len({m.settings.training["batch_size"] for m in piece.members}) for piece in pieces}) == 1
    costs = [cost(piece, problem) for piece in pieces]
    assert costs == sorted(costs, reverse=True)


def test_one_job_with_room_is_not_cut(problem: Problem) -> None:
    assert len(cut(mixed(problem, 40), problem, EPOCHS, 1, PLENTY, CostCalibration())) == 3


@pytest.mark.parametrize(("members", "jobs"), [(40, 2), (40, 3), (64, 5), (65, 8), (1500, 40)])
@pytest.mark.parametrize("sizes", [(16,), (16, 16, 16, 64, 128), (64, 32)])
def test_jobs_end_at_about_the_same_time(problem: Problem, members: int, jobs: int, sizes: tuple[int, ...]) -> None:
    ends = [0.0] * jobs
    for piece in cut(mixed(problem, members, sizes), problem, EPOCHS, jobs, PLENTY, CostCalibration()):
        ends[ends.index(min(ends))] += cost(piece, problem)
    assert max(ends) < 1.25 * sum(ends) / jobs


def test_a_thousand_jobs_are_planned_at_once(problem: Problem) -> None:
    """No job can end before the costliest member does; and the time of the planning does not grow with the square."""
    stacks = mixed(problem, 1000)
    began = time.thread_time()
    pieces = cut(stacks, problem, EPOCHS, 1000, PLENTY, CostCalibration())
    assert time.thread_time() - began < 2
    costliest = max(cost(stack.keep([0]), problem) for stack in stacks)
    assert len(pieces) == 1000
    assert max(cost(piece, problem) for piece in pieces) == pytest.approx(costliest)


def test_the_work_of_planning_grows_with_the_trials(problem: Problem) -> None:
    """Lines that are run, which unlike seconds are the same on every machine: a loop over pieces in one over pieces is seen."""

    def lines(count: int) -> int:
        stacks = mixed(problem, 2 * count)
        run = 0

        def trace(frame: FrameType, event: str, argument: object) -> Callable[..., object]:
            nonlocal run
            run += event == "line"
            return trace

        before = sys.gettrace()
        sys.settrace(trace)
        try:
            cut(stacks, problem, EPOCHS, count, PLENTY, CostCalibration())
        finally:
            sys.settrace(before)
        return run

    assert lines(1000) < 5 * lines(250)


def test_trials_that_take_less_than_sending_them_share_pieces(problem: Problem) -> None:
    """A thousand jobs cannot be sent a piece each before the first of them are done again."""
    stacks = mixed(problem, 1000)
    slowly = cut(stacks, problem, 1, 1000, PLENTY, CostCalibration(), Dispatch(each=3e-3, idle=0.01))
    assert trials(slowly) == list(range(1000))
    assert 10 < len(slowly) < 200


@pytest.mark.parametrize("jobs", [1, 4, 40])
def test_long_pieces_are_cut_to_their_size_where_that_costs_little(problem: Problem, jobs: int) -> None:
    settings = some_settings("adam", {"batch_size": 64})
    large = replace(settings, model={**settings.model, "hidden": [500, 500]})
    for of_large, setting in ((True, large), (False, settings)):
        stacks = new_cohorts([Member(i, setting, (7, i), (7,)) for i in range(160)], problem)
        pieces = cut(stacks, problem, EPOCHS, jobs, PLENTY, CostCalibration(), Dispatch(size=4.0))
        whole = sum(cost(piece, problem) for piece in cut(stacks, problem, EPOCHS, jobs, PLENTY, CostCalibration()))
        assert trials(pieces) == list(range(160))
        assert sum(cost(piece, problem) for piece in pieces) < 1.04 * whole
        if of_large:
            one = cost(stacks[0].keep([0]), problem)
            assert max(cost(piece, problem) for piece in pieces) < max(4e6, 1.01 * one) + one


def test_what_stacks_took_moves_the_cuts(problem: Problem) -> None:
    """Stacks that take three times what was thought, beside another that does not, in the end are cut as if thought so."""
    stacks = mixed(problem, 64, (16, 16, 16, 128))
    slow, other = sorted(stacks, key=lambda s: s.members[0].settings.training["batch_size"])
    calibration = CostCalibration()
    assert calibration.of(slow, problem) == 1
    seen = []
    for _ in range(100):
        for stack, factor in ((slow, 3), (other, 1)):
            calibration.learn(stack, problem, EPOCHS, 1e-6 * factor * cost(stack, problem))
        seen.append(calibration.of(slow, problem) / calibration.of(other, problem))
    assert 1 < seen[0] < 2
    assert seen == sorted(seen)
    assert seen[-1] == pytest.approx(3, rel=0.1)
    ends = [0.0, 0.0]
    for piece in cut(stacks, problem, EPOCHS, 2, PLENTY, calibration):
        is_slow = piece.members[0].settings.training["batch_size"] == 16
        ends[ends.index(min(ends))] += (3 if is_slow else 1) * cost(piece, problem)
    assert max(ends) < 1.05 * sum(ends) / 2


def test_what_was_never_trained_keeps_its_estimate(problem: Problem) -> None:
    slow, other = mixed(problem, 8, (16, 128))
    calibration = CostCalibration()
    calibration.learn(slow, problem, EPOCHS, 7.0)
    assert calibration.of(other, problem) == pytest.approx(1)


def test_pieces_fit_the_memory(problem: Problem) -> None:
    (whole,) = cut(mixed(problem, 3), problem, EPOCHS, 1, PLENTY, CostCalibration())
    bytes_of_one = member_bytes(whole.members, problem)
    megabytes = 2.5 * bytes_of_one / 1e6
    assert fitting(whole, problem, 1, megabytes) == 2
    assert [len(piece.members) for piece in cut([whole], problem, EPOCHS, 1, megabytes, CostCalibration())] == [2, 1]
    assert fitting(whole, problem, 2, megabytes) == 1


@pytest.mark.parametrize(
    ("model", "training"),
    [
        ({"hidden": [600]}, {"batch_size": 512}),
        ({"hidden": [400], "activation": "gelu"}, {"batch_size": 700, "checkpoint": "best_validation"}),
        ({"hidden": [200, 200], "dropout": 0.2, "activation": "silu"}, {"batch_size": 300, "dtype": "float64"}),
        ({"hidden": [300, 300]}, {"batch_size": 64}),
        ({"hidden": [100], "activation": "tanh"}, {"batch_size": "full"}),
    ],
)
@pytest.mark.parametrize("begun", [False, True])
def test_a_stack_takes_what_was_estimated(problem: Problem, model: dict, training: dict, begun: bool) -> None:
    settings = some_settings("adam", {"epochs": 1, **training})
    settings = replace(settings, model={**settings.model, **model})
    members = [Member(i, settings, (7, i), (7,)) for i in range(6)]
    stack = begin(members, problem) if begun else NewCohort(tuple(members))
    advance(NewCohort((members[0],)), problem, 1)  # the rows, and what is loaded when it is first used
    tracemalloc.start()
    try:
        advance(stack, problem, 1)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert 0.6 < peak / 6 / member_bytes(members, problem) < 1


def test_what_was_cut_is_joined_before_it_is_cut_again(problem: Problem) -> None:
    pieces = cut(mixed(problem, 40), problem, EPOCHS, 5, PLENTY, CostCalibration())
    assert len(pieces) > 3
    again = cut(pieces, problem, EPOCHS, 1, PLENTY, CostCalibration())
    assert len(again) == 3
    assert trials(again) == list(range(40))


def test_trained_stacks_are_joined_and_cut_as_new_ones_are(problem: Problem) -> None:
    pieces = cut(mixed(problem, 40), problem, EPOCHS, 2, PLENTY, CostCalibration())
    begun = [begin(piece.members, problem) for piece in pieces]
    again = cut(begun, problem, EPOCHS, 2, PLENTY, CostCalibration())
    assert [piece.members for piece in again] == [piece.members for piece in pieces]
    assert all(isinstance(piece, Cohort) and len(piece.parameters) == len(piece.members) for piece in again)


def test_stacks_of_different_optimizers_that_were_begun_apart_are_joined(problem: Problem) -> None:
    names = ("gd", "rmsprop", "nadam", "sgd")
    members = [Member(i, some_settings(name, {"batch_size": "full"}), (7, i), (7,)) for i, name in enumerate(names)]
    apart = [advance(NewCohort((member,)), problem, 2).cohort for member in members]
    (joined,) = cut([cohort for cohort in apart if cohort is not None], problem, EPOCHS, 1, PLENTY, CostCalibration())
    there, together = advance(joined, problem, 4).cohort, advance(NewCohort(tuple(members)), problem, 4).cohort
    assert there is not None
    assert together is not None
    assert there.members == together.members
    np.testing.assert_array_equal(there.parameters, together.parameters)
    np.testing.assert_array_equal(there.slots, together.slots)
    np.testing.assert_array_equal(there.numbers, together.numbers)


def test_nothing_is_cut_to_nothing(problem: Problem) -> None:
    assert cut([], problem, EPOCHS, 2, PLENTY, CostCalibration()) == []
