"""How cohorts are cut for the jobs there are and the memory they may take. Cuts change no result, only where it is computed."""

from __future__ import annotations

import heapq
from collections.abc import Sequence

from hpt.training.cohort import Cohort, batch_rows, layout, stack_key
from hpt.training.problem import Problem
from hpt.training.settings import Settings

MEASURED_ROWS = 256
"""Rows measured at once: their values stay in cache. Fixed, since the last bits may depend on it."""

# The cost of one update in microseconds: so much a call of the stack, so much a member, and a member's arithmetic and traffic. Only
# the proportions matter.
_CALL, _MEMBER = 60.0, 1.0
_FLOPS, _BYTES = 5e4, 2e4
_PASSES = 13


def cost(cohort: Cohort, problem: Problem) -> float:
    """What an epoch of `cohort` costs, in microseconds of a typical core."""
    settings = cohort.members[0].settings
    rows = len(problem.dataset.train.inputs)
    batch = batch_rows(settings, rows)
    parameters = cohort.parameters.shape[1]
    arithmetic: float = 6 * parameters * batch / _FLOPS + _PASSES * parameters * cohort.parameters.itemsize / _BYTES
    updates = -(-rows // batch)
    return updates * (_CALL + len(cohort.members) * (_MEMBER + arithmetic))


def member_bytes(settings: Settings, problem: Problem, slots: int) -> int:
    """What one member of a stack takes while it trains: parameters and what is shaped like them, and the values of its layers.

    slots: how many arrays of optimizer state it has.
    """
    shape = layout(settings, problem)
    item = 4 if settings.training["dtype"] == "float32" else 8
    rows = batch_rows(settings, len(problem.dataset.train.inputs)) + MEASURED_ROWS
    # Twice the state: an advance works on a copy. Gradient, two scratch arrays, the kept epoch.
    return item * (shape.size * (2 * (1 + slots) + 4) + 3 * sum(shape.widths[1:]) * rows)


def cut(cohorts: Sequence[Cohort], problem: Problem, jobs: int, megabytes: float) -> list[Cohort]:
    """The same members in cohorts that fit `megabytes` over `jobs` at once, split further where that ends them sooner.

    Costliest first, the order in which to start them.
    """
    pieces: list[Cohort] = []
    for cohort in joined(cohorts, problem):
        most = fitting(cohort, problem, jobs, megabytes)
        members = range(len(cohort.members))
        pieces.extend(cohort.keep(members[start : start + most]) for start in members[::most])
    while pieces:
        pieces.sort(key=lambda cohort: -cost(cohort, problem))
        half = len(pieces[0].members) // 2
        if jobs == 1 or half == 0:
            break
        count = range(len(pieces[0].members))
        split = [pieces[0].keep(count[:half]), pieces[0].keep(count[half:]), *pieces[1:]]
        if _makespan(split, problem, jobs) >= _makespan(pieces, problem, jobs):
            break
        pieces = split
    return pieces


def fitting(cohort: Cohort, problem: Problem, jobs: int, megabytes: float) -> int:
    """How many members like those of `cohort` train at once in `megabytes` over `jobs`; at least one."""
    one = member_bytes(cohort.members[0].settings, problem, len(cohort.slots))
    return max(1, int(megabytes * 1e6 / jobs / one))


def joined(cohorts: Sequence[Cohort], problem: Problem) -> list[Cohort]:
    """The same members in as few cohorts as can be."""
    groups: dict[object, list[Cohort]] = {}
    for cohort in cohorts:
        groups.setdefault(stack_key(cohort.members[0].settings, problem), []).append(cohort)
    return [Cohort.joined(group) for group in groups.values()]


def _makespan(cohorts: Sequence[Cohort], problem: Problem, jobs: int) -> float:
    """When the last of `jobs` ends if each takes the costliest cohort left."""
    ends = [0.0] * jobs
    for each in sorted((cost(cohort, problem) for cohort in cohorts), reverse=True):
        heapq.heapreplace(ends, ends[0] + each)
    return max(ends)
