"""Stacks of trials for the jobs there are and the memory they may take. Where a stack is split changes no result."""

from __future__ import annotations

from bisect import bisect
from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from itertools import accumulate, pairwise
from math import ceil
from typing import NamedTuple

from hpt.training.cohort import (
    Cohort,
    NewCohort,
    Trials,
    architecture,
    batch_rows,
    optimizer_row,
    rule_key,
    slots_of,
    stack_key,
)
from hpt.training.measuring import MEASURED_ROWS
from hpt.training.problem import Problem
from hpt.training.settings import Member

# Microseconds on a typical core, fitted over stacks of 1 to 48 members of four small architectures; only the proportions matter.
# Once: for a stack, and for each member of it.
_STACK, _START = 1900.0, 180.0
# For each epoch of a stack; for each update of it, of each group of members with one update rule, and of each member.
_EPOCH, _CALL, _RULE, _MEMBER = 115.0, 22.0, 8.7, 0.75
# For a pass of an update rule over one float32 parameter; for a value, and an operation, that one row takes.
_PASS, _VALUE, _FLOP = 1.4e-4, 1.5e-3, 1e-5

_WORTH = 0.99
"""A stack is split only where this lowers the load to this share or less: a smaller gain is within the error of the estimate."""
_PRIOR_STACKS = 2.0
"""The estimate of a cost weighs as much as the times of so many stacks: one time is noisy."""
_POINTS = 64
"""About how many places to split a stack at are tried."""
_FEW_JOBS = 12
"""For up to so many jobs every split is weighed, for more only how finely all stacks are cut."""
_STEP, _STEPS = 0.93, 32
"""The ratio of one limit that is tried for the cost of a piece to the one before, and how many are below the average of a job."""


@dataclass(frozen=True, slots=True)
class Costs:
    """The estimated cost, in microseconds, of training the members of one stack for some epochs.

    fixed: of the stack, whatever its members. rule: of each update rule in it. rules: that of each member.
    upto: of the members' own work, summed over the members before each, and last over all.
    """

    fixed: float
    rule: float
    rules: tuple[Hashable, ...]
    upto: tuple[float, ...]

    @classmethod
    def of(cls, trials: Trials, problem: Problem, until: int) -> Costs:
        """What it costs to train `trials` up to epoch `until`."""
        settings = trials.members[0].settings
        model = architecture(settings, problem)
        rows = len(problem.dataset.train.inputs)
        updates = -(-rows // batch_rows(settings, rows))
        epochs = until - (trials.epoch if isinstance(trials, Cohort) else 0)
        computing = rows * (_VALUE * model.values + _FLOP * model.operations)
        width = 1 if settings.training["dtype"] == "float32" else 2
        passes = [optimizer_row(member.settings).passes for member in trials.members]
        each = [_START + epochs * (computing + updates * (_MEMBER + _PASS * width * model.size * p)) for p in passes]
        rules = tuple(rule_key(member.settings) for member in trials.members)
        fixed, rule = _STACK + epochs * (_EPOCH + updates * _CALL), epochs * updates * _RULE
        return cls(fixed, rule, rules, tuple(accumulate(each, initial=0.0)))

    def between(self, start: int, stop: int) -> float:
        """The cost of the members `start:stop` as a stack of their own."""
        return self.fixed + self.rule * len(set(self.rules[start:stop])) + self.upto[stop] - self.upto[start]


class _Piece(NamedTuple):
    """Members `start:stop` of the stack `stack`, and what they cost."""

    cost: float
    stack: int
    start: int
    stop: int


@dataclass(frozen=True, slots=True)
class _Plan:
    """Pieces over jobs, where each job that is free takes the costliest piece left.

    pieces: costliest first. last: those of the job that ends last.
    load: what a better plan lowers. The 16-norm of the times at which the jobs end is close to the latest of them, and
    unlike that one it also falls when only one of two jobs that end last ends sooner.
    """

    pieces: list[_Piece]
    last: list[_Piece]
    load: float

    @classmethod
    def of(cls, pieces: Iterable[_Piece], jobs: int) -> _Plan:
        ordered = sorted(pieces, reverse=True)
        free = [(0.0, job) for job in range(jobs)]
        taken: list[list[_Piece]] = [[] for _ in free]
        for piece in ordered:
            end, job = free[0]
            heapreplace(free, (end + piece.cost, job))
            taken[job].append(piece)
        latest, last = max(free, key=lambda job: (job[0], -job[1]))
        load = latest * sum((end / latest) ** 16 for end, _ in free) ** (1 / 16) if latest else 0.0
        return cls(ordered, taken[last], load)


def member_bytes(members: Sequence[Member], problem: Problem) -> int:
    """The memory of each of `members`, which share a stack, while it trains: the flat arrays and the networks' buffers."""
    settings = members[0].settings
    model = architecture(settings, problem)
    models = [member.settings.model for member in members]
    item = 4 if settings.training["dtype"] == "float32" else 8
    rows = len(problem.dataset.train.inputs)
    batch = batch_rows(settings, rows)
    # Twice the state: an advance works on a copy. Gradient, two scratch arrays, the best epoch.
    flat = model.size * (2 * (1 + slots_of(members)) + 4)
    trained = sum(model.entries(models, size, train=True) for size in (batch, rows % batch))
    left = [len(problem.part(part).inputs) % MEASURED_ROWS for part in problem.every_epoch]
    measured = sum(model.entries(models, size, train=False) for size in (MEASURED_ROWS, *left))
    return item * (flat + trained + measured)


class CostCalibration:
    """The seconds that stacks took over those that were estimated, by `stack_key`."""

    def __init__(self) -> None:
        self._took: dict[Hashable, float] = defaultdict(float)
        self._estimated: dict[Hashable, float] = defaultdict(float)
        self._stacks = 0

    def learn(self, trials: Trials, problem: Problem, until: int, seconds: float) -> None:
        """Notes that it took so many CPU seconds to train `trials` up to epoch `until`."""
        key = stack_key(trials.members[0].settings, problem)
        self._took[key] += seconds
        self._estimated[key] += Costs.of(trials, problem, until).between(0, len(trials.members))
        self._stacks += 1

    def of(self, trials: Trials, problem: Problem) -> float:
        """The factor by which stacks like `trials` cost more than estimated, relative to all stacks; 1 before any was timed."""
        took, estimated = sum(self._took.values()), sum(self._estimated.values())
        if not took or not estimated:
            return 1.0
        key = stack_key(trials.members[0].settings, problem)
        prior = _PRIOR_STACKS * estimated / self._stacks
        return (self._took.get(key, 0.0) * estimated / took + prior) / (self._estimated.get(key, 0.0) + prior)

    def cost(self, trials: Trials, problem: Problem, until: int) -> float:
        """What training `trials` up to epoch `until` is estimated to cost, in proportion to the CPU time."""
        return self.of(trials, problem) * Costs.of(trials, problem, until).between(0, len(trials.members))


def cut(
    stacks: Sequence[Trials], problem: Problem, until: int, jobs: int, megabytes: float, calibration: CostCalibration
) -> list[Trials]:
    """The same members in stacks to be trained up to epoch `until`, costliest first, the order in which to start them.

    `jobs` of the stacks fit into `megabytes` together. They are split further where the last job then ends sooner.
    """
    whole = joined(stacks, problem)
    costs = [(calibration.of(stack, problem), Costs.of(stack, problem, until)) for stack in whole]

    def piece(stack: int, start: int, stop: int) -> _Piece:
        factor, cost = costs[stack]
        return _Piece(factor * cost.between(start, stop), stack, start, stop)

    mosts = [fitting(stack, problem, jobs, megabytes) for stack in whole]
    pieces: list[_Piece] = []
    for index, (stack, most) in enumerate(zip(whole, mosts, strict=True)):
        count = len(stack.members)
        pieces.extend(piece(index, start, min(start + most, count)) for start in range(0, count, most))
    plan = _Plan.of(pieces, jobs)
    if jobs > _FEW_JOBS:
        ways = [_Plan.of(_evenly(costs, mosts, piece, limit), jobs) for limit in _limits(plan, jobs)]
        plan = min([plan, *ways], key=lambda way: way.load)
    elif jobs > 1:
        plan = _refined(plan, jobs, piece)
    return [whole[p.stack].keep(range(p.start, p.stop)) for p in plan.pieces]


def _refined(plan: _Plan, jobs: int, piece: Callable[[int, int, int], _Piece]) -> _Plan:
    """`plan` with pieces of the job that ends last split, one after the other, while that is worth it.

    A piece is split in two at some place, or in up to `jobs` parts of one size. Tries all of them: its time grows with the square
    of the jobs.
    """

    def splits(old: _Piece) -> Iterator[list[_Piece]]:
        count = old.stop - old.start
        for point in range(old.start + 1, old.stop, 1 + count // _POINTS):
            yield [piece(old.stack, old.start, point), piece(old.stack, point, old.stop)]
        for parts in range(3, min(jobs, count) + 1):
            ends = [old.start + count * part // parts for part in range(parts + 1)]
            yield [piece(old.stack, *pair) for pair in pairwise(ends)]

    while True:
        ways = [
            _Plan.of([*(other for other in plan.pieces if other is not old), *split], jobs)
            for old in plan.last
            for split in splits(old)
        ]
        best = min(ways, key=lambda way: way.load, default=None)
        if best is None or best.load > _WORTH * plan.load:
            return plan
        plan = best


def _limits(plan: _Plan, jobs: int) -> Iterator[float]:
    """What a piece may cost at most, to be tried: from all that one job would have on average down to a small part of it."""
    share = sum(piece.cost for piece in plan.pieces) / jobs
    return (share * _STEP**step for step in range(-_STEPS // 2, _STEPS))


def _evenly(
    costs: Sequence[tuple[float, Costs]],
    mosts: Sequence[int],
    piece: Callable[[int, int, int], _Piece],
    limit: float,
) -> list[_Piece]:
    """Each stack in as few pieces of about the same cost as cost `limit` at most, and have so many members at most."""
    found = []
    for index, ((factor, cost), most) in enumerate(zip(costs, mosts, strict=True)):
        count, total = len(cost.rules), cost.upto[-1]
        room = limit / factor - cost.fixed - cost.rule
        parts = count if room <= 0 else min(count, max(1, ceil(total / room)))
        ends = [0, *(bisect(cost.upto, total * (part / parts + 0.5 / count)) - 1 for part in range(1, parts)), count]
        for start, stop in pairwise(ends):
            found += [piece(index, at, min(at + most, stop)) for at in range(start, stop, most)]
    return found


def fitting(trials: Trials, problem: Problem, jobs: int, megabytes: float) -> int:
    """How many members like those of `trials` train at once in `megabytes` over `jobs`; at least one."""
    return max(1, int(megabytes * 1e6 / jobs / member_bytes(trials.members, problem)))


def joined(stacks: Sequence[Trials], problem: Problem) -> list[Trials]:
    """The same members in as few stacks as possible."""
    new: dict[Hashable, list[NewCohort]] = {}
    trained: dict[Hashable, list[Cohort]] = {}
    for stack in stacks:
        key = stack_key(stack.members[0].settings, problem)
        if isinstance(stack, NewCohort):
            new.setdefault(key, []).append(stack)
        else:
            trained.setdefault(key, []).append(stack)
    return [*map(NewCohort.joined, new.values()), *map(Cohort.joined, trained.values())]


def new_cohorts(members: Iterable[Member], problem: Problem) -> list[Trials]:
    """The members, untrained, in as few stacks as possible."""
    return joined([NewCohort((member,)) for member in members], problem)
