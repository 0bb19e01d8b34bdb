"""Cohorts are cut for jobs and memory: every member stays, once, and nothing is cut without need."""

from __future__ import annotations

import pytest

from hpt.training.cohort import Cohort, cohorts
from hpt.training.problem import Problem
from hpt.training.settings import Member
from hpt.training.splitting import cost, cut, fitting, member_bytes
from tests.training.samples import a_problem, some_settings

PLENTY = 1e6


@pytest.fixture(scope="module")
def problem() -> Problem:
    return a_problem("digits")


def mixed(problem: Problem, members: int) -> list[Cohort]:
    """A generation with three batch sizes, the smallest, which costs most, the most frequent."""
    sizes = (16, 16, 16, 64, 128)
    settings = [some_settings("adam", {"batch_size": sizes[i % len(sizes)]}) for i in range(members)]
    return cohorts([Member(i, s, (7, i), (7,)) for i, s in enumerate(settings)], problem)


def trials(pieces: list[Cohort]) -> list[int]:
    return sorted(member.trial for piece in pieces for member in piece.members)


@pytest.mark.parametrize("jobs", [1, 2, 5])
@pytest.mark.parametrize("megabytes", [0.001, 2.0, PLENTY])
def test_every_member_stays_once(problem: Problem, jobs: int, megabytes: float) -> None:
    pieces = cut(mixed(problem, 40), problem, jobs, megabytes)
    assert trials(pieces) == list(range(40))
    assert len({len({m.settings.training["batch_size"] for m in piece.members}) for piece in pieces}) == 1
    costs = [cost(piece, problem) for piece in pieces]
    assert costs == sorted(costs, reverse=True)


def test_one_job_with_room_is_not_cut(problem: Problem) -> None:
    assert len(cut(mixed(problem, 40), problem, 1, PLENTY)) == 3


def test_two_jobs_end_at_about_the_same_time(problem: Problem) -> None:
    pieces = cut(mixed(problem, 40), problem, 2, PLENTY)
    ends = [0.0, 0.0]
    for piece in pieces:
        ends[ends.index(min(ends))] += cost(piece, problem)
    assert max(ends) < 1.15 * sum(ends) / 2


def test_pieces_fit_the_memory(problem: Problem) -> None:
    (whole,) = cut(mixed(problem, 3), problem, 1, PLENTY)
    bytes_of_one = member_bytes(whole.members[0].settings, problem, len(whole.slots))
    megabytes = 2.5 * bytes_of_one / 1e6
    assert fitting(whole, problem, 1, megabytes) == 2
    assert [len(piece.members) for piece in cut([whole], problem, 1, megabytes)] == [2, 1]
    assert fitting(whole, problem, 2, megabytes) == 1


def test_what_was_cut_is_joined_before_it_is_cut_again(problem: Problem) -> None:
    pieces = cut(mixed(problem, 40), problem, 5, PLENTY)
    assert len(pieces) > 3
    again = cut(pieces, problem, 1, PLENTY)
    assert len(again) == 3
    assert trials(again) == list(range(40))


def test_nothing_is_cut_to_nothing(problem: Problem) -> None:
    assert cut([], problem, 2, PLENTY) == []
