"""Stacks of trials for the jobs there are and the memory they may take. Where a stack is split changes no result."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from heapq import heapreplace
from itertools import pairwise
from math import ceil, inf, log
from typing import NamedTuple

from hpt.training.cohort import Cohort, NewCohort, Trials, stack_key
from hpt.training.costs import CostCalibration, Costs, member_bytes
from hpt.training.problem import Problem
from hpt.training.settings import Member

_WORTH = 0.99
"""A stack is split only where this lowers the load to this share or less: a smaller gain is within the error of the estimate."""
_POINTS = 64
"""About how many places to split a stack at are tried."""
_FEW_JOBS = 12
"""For up to so many jobs every split is weighed, for more only how finely all stacks are cut."""
_STEP = 0.93
"""The ratio of one limit that is tried for the cost of a piece to the one before, …"""
_FROM, _TO, _COARSE = -16, 32, 4
"""… of which each `_COARSE`-th from the power `_FROM` to `_TO` is, and then those around the best."""
_MORE = 0.03
"""By so much of its work a piece may become longer when it is cut for its size alone."""


@dataclass(frozen=True, slots=True)
class Dispatch:
    """What it takes to send pieces of work, in seconds.

    each: of the one who sends them, one after the other. idle: of a job between two pieces. size: what a piece should take at most:
    a longer one is lost with its worker, and all wait for it where that is slow.
    stays: whether a piece can be sent to where the one before it was done, and find there what that one left.
    """

    each: float = 0.0
    idle: float = 0.0
    size: float = inf
    stays: bool = False


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


@dataclass(frozen=True, slots=True)
class _Packing:
    """Ways to cut stacks. costs: of each stack, with the factor that corrects it. mosts: members of each that fit the memory.

    each, idle: as in `Dispatch`, in the unit of the costs.
    """

    costs: Sequence[tuple[float, Costs]]
    mosts: Sequence[int]
    jobs: int
    each: float
    idle: float

    def piece(self, stack: int, start: int, stop: int) -> _Piece:
        factor, cost = self.costs[stack]
        return _Piece(factor * cost.between(start, stop) + self.idle, stack, start, stop)

    def plan(self, pieces: Iterable[_Piece]) -> _Plan:
        """Who does what when; no piece begins before those that are sent before it."""
        ordered = sorted(pieces, reverse=True)
        free = [(0.0, job) for job in range(self.jobs)]
        taken: list[list[_Piece]] = [[] for _ in free]
        for number, piece in enumerate(ordered):
            end, job = free[0]
            heapreplace(free, (max(end, number * self.each) + piece.cost, job))
            taken[job].append(piece)
        latest, last = max(free, key=lambda job: (job[0], -job[1]))
        load = latest * sum((end / latest) ** 16 for end, _ in free) ** (1 / 16) if latest else 0.0
        return _Plan(ordered, taken[last], load)

    def whole(self) -> _Plan:
        """As few pieces as fit the memory."""
        pieces: list[_Piece] = []
        for index, ((_, cost), most) in enumerate(zip(self.costs, self.mosts, strict=True)):
            count = len(cost.rules)
            pieces.extend(self.piece(index, start, min(start + most, count)) for start in range(0, count, most))
        return self.plan(pieces)

    def refined(self, plan: _Plan) -> _Plan:
        """`plan` with pieces of the job that ends last split, one after the other, while that is worth it.

        A piece is split in two at some place, or in up to `jobs` parts of one size. Tries all of them: its time grows with the
        square of the jobs.
        """

        def splits(old: _Piece) -> Iterator[list[_Piece]]:
            count = old.stop - old.start
            for point in range(old.start + 1, old.stop, 1 + count // _POINTS):
                yield [self.piece(old.stack, old.start, point), self.piece(old.stack, point, old.stop)]
            for parts in range(3, min(self.jobs, count) + 1):
                yield self._parts(old, parts)

        while True:
            ways = [
                self.plan([*(other for other in plan.pieces if other is not old), *split])
                for old in plan.last
                for split in splits(old)
            ]
            best = min(ways, key=lambda way: way.load, default=None)
            if best is None or best.load > _WORTH * plan.load:
                return plan
            plan = best

    def even(self, plan: _Plan) -> _Plan:
        """`plan`, or a better one where no piece costs more than some limit.

        Tries limits from all that a job would have on average down to a small part of it, coarsely, then around the best.
        """
        share = sum(piece.cost for piece in plan.pieces) / self.jobs
        tried: dict[int, _Plan] = {}

        def best_of(powers: Iterable[int]) -> int:
            for power in powers:
                if power not in tried:
                    tried[power] = self.plan(self._within(share * _STEP**power))
            return min(tried, key=lambda power: tried[power].load)

        # Where sending takes time, fewer pieces than jobs may be the best.
        first = ceil(log(self.jobs) / log(_STEP)) if self.each else _FROM
        best = best_of(range(first, _TO, _COARSE))
        best = best_of(range(best - _COARSE + 1, best + _COARSE))
        return min(plan, tried[best], key=lambda way: way.load)

    def sized(self, plan: _Plan, size: float) -> _Plan:
        """`plan` with the pieces that cost more than `size` in parts, as far as their work hardly becomes more."""
        pieces: list[_Piece] = []
        for piece in plan.pieces:
            factor, cost = self.costs[piece.stack]
            again = factor * cost.once(piece.start, piece.stop) + self.idle
            wanted = min(ceil(piece.cost / size), 1 + int(_MORE * piece.cost / again), piece.stop - piece.start)
            pieces += self._parts(piece, wanted) if wanted > 1 else [piece]
        return self.plan(pieces)

    def _parts(self, piece: _Piece, parts: int) -> list[_Piece]:
        """`piece` in so many parts of about one size."""
        count = piece.stop - piece.start
        ends = [piece.start + count * part // parts for part in range(parts + 1)]
        return [self.piece(piece.stack, *pair) for pair in pairwise(ends)]

    def _within(self, limit: float) -> list[_Piece]:
        """Each stack in as few pieces of about the same cost as cost `limit` at most, and have so many members at most as fit."""
        found = []
        for index, ((factor, cost), most) in enumerate(zip(self.costs, self.mosts, strict=True)):
            count, total = len(cost.rules), cost.upto[-1]
            room = (limit - self.idle) / factor - cost.fixed - cost.rule
            parts = count if room <= 0 else min(count, max(1, ceil(total / room)))
            ends = [0, *(bisect(cost.upto, total * (part / parts + 0.5 / count)) - 1 for part in range(1, parts)), count]
            for start, stop in pairwise(ends):
                found += [self.piece(index, at, min(at + most, stop)) for at in range(start, stop, most)]
        return found


def cut(
    stacks: Sequence[Trials],
    problem: Problem,
    until: int,
    jobs: int,
    megabytes: float,
    calibration: CostCalibration,
    dispatch: Dispatch = Dispatch(),
) -> list[Trials]:
    """The same members in stacks to be trained up to epoch `until`, costliest first, the order in which to start them.

    `jobs` of the stacks fit into `megabytes` together. They are split further where the last job then ends sooner, and where they
    would take longer than `dispatch` wants.
    """
    whole = joined(stacks, problem)
    unit = calibration.seconds
    packing = _Packing(
        costs=[(calibration.of(stack, problem), Costs.of(stack, problem, until)) for stack in whole],
        mosts=[fitting(stack, problem, jobs, megabytes) for stack in whole],
        jobs=jobs,
        each=dispatch.each / unit,
        idle=dispatch.idle / unit,
    )
    plan = packing.whole()
    if jobs > _FEW_JOBS:
        plan = packing.even(plan)
    elif jobs > 1:
        plan = packing.refined(plan)
    plan = packing.sized(plan, dispatch.size / unit)
    return [whole[p.stack].keep(range(p.start, p.stop)) for p in plan.pieces]


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
