"""How cohorts are cut for the jobs there are and the memory they may take. Cuts change no result, only where it is computed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise
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

# Microseconds of a typical core, fitted over stacks of 1 to 48 of four small layouts; only the proportions matter. To begin and
# to end costs so much for a stack and for each member; an epoch so much; an update so much, more for each rule in the stack,
# and for a member of it with its size.
_STACK, _START, _EPOCH, _CALL, _RULE, _MEMBER = 1900.0, 180.0, 115.0, 22.0, 8.7, 0.75
_PASS, _VALUE, _FLOP = 1.4e-4, 1.5e-3, 1e-5

_WORTH = 0.99
"""A stack is split where that ends the last job at this share of the time or sooner: what is gained is an estimate."""
_DOUBT = 2.0
"""How many stacks of a kind must have been timed to count as much as what was thought: times are noisy."""
_POINTS = 64
"""About how many places to split a stack at are tried."""


@dataclass(frozen=True, slots=True)
class Costs:
    """What some epochs of members of one stack cost, in microseconds: `fixed`, `rule` for each of their rules, and their own.

    upto: of the members before each, and of all.
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
    """Pieces, costliest first; `last`, those of the job that ends last if each takes the costliest piece left.

    load: a norm of the times at which the jobs end that is near the largest, but is less too where one of two that are
    as late ends sooner.
    """

    pieces: list[_Piece]
    last: list[_Piece]
    load: float

    @classmethod
    def of(cls, pieces: Iterable[_Piece], jobs: int) -> _Plan:
        ordered = sorted(pieces, reverse=True)
        ends = [0.0] * jobs
        taken: list[list[_Piece]] = [[] for _ in ends]
        for piece in ordered:
            job = ends.index(min(ends))
            ends[job] += piece.cost
            taken[job].append(piece)
        latest = max(ends)
        load = latest * sum((end / latest) ** 16 for end in ends) ** (1 / 16) if latest else 0.0
        return cls(ordered, taken[ends.index(latest)], load)


def member_bytes(members: Sequence[Member], problem: Problem) -> int:
    """What each of `members`, a stack, takes while it trains: parameters and what is shaped like them, and its layers' values."""
    settings = members[0].settings
    model = architecture(settings, problem)
    models = [member.settings.model for member in members]
    item = 4 if settings.training["dtype"] == "float32" else 8
    rows = len(problem.dataset.train.inputs)
    batch = batch_rows(settings, rows)
    # Twice the state: an advance works on a copy. Gradient, two scratch arrays, the best epoch.
    flat = model.size * (2 * (1 + slots_of(members)) + 4)
    trained = sum(model.entries(models, size, train=True) for size in (batch, rows % batch))
    left = [len(problem.part(prefix).inputs) % MEASURED_ROWS for prefix in problem.every_epoch]
    measured = sum(model.entries(models, size, train=False) for size in (MEASURED_ROWS, *left))
    return item * (flat + trained + measured)


class Pace:
    """How the seconds that stacks took compare with what they were thought to cost, by `stack_key`."""

    def __init__(self) -> None:
        self._took: dict[Hashable, float] = defaultdict(float)
        self._thought: dict[Hashable, float] = defaultdict(float)
        self._stacks = 0

    def learn(self, trials: Trials, problem: Problem, until: int, seconds: float) -> None:
        """Takes in that `trials` were trained up to epoch `until` in so many CPU seconds."""
        key = stack_key(trials.members[0].settings, problem)
        self._took[key] += seconds
        self._thought[key] += Costs.of(trials, problem, until).between(0, len(trials.members))
        self._stacks += 1

    def of(self, trials: Trials, problem: Problem) -> float:
        """By how much `trials` cost more than thought, beside all others; 1 of what nothing is known."""
        took, thought = sum(self._took.values()), sum(self._thought.values())
        if not took or not thought:
            return 1.0
        key = stack_key(trials.members[0].settings, problem)
        trust = _DOUBT * thought / self._stacks
        return (self._took.get(key, 0.0) * thought / took + trust) / (self._thought.get(key, 0.0) + trust)


def cut(stacks: Sequence[Trials], problem: Problem, until: int, jobs: int, megabytes: float, pace: Pace) -> list[Trials]:
    """The same members, to be trained up to epoch `until`, in stacks that fit `megabytes` over `jobs` at once.

    They are split further where that ends them sooner, and come costliest first, the order in which to start them.
    """
    whole = joined(stacks, problem)
    costs = [(pace.of(stack, problem), Costs.of(stack, problem, until)) for stack in whole]

    def piece(stack: int, start: int, stop: int) -> _Piece:
        factor, cost = costs[stack]
        return _Piece(factor * cost.between(start, stop), stack, start, stop)

    def splits(old: _Piece) -> Iterator[list[_Piece]]:
        """In two anywhere, or in as many like parts as there are jobs or fewer."""
        count = old.stop - old.start
        for point in range(old.start + 1, old.stop, 1 + count // _POINTS):
            yield [piece(old.stack, old.start, point), piece(old.stack, point, old.stop)]
        for parts in range(3, min(jobs, count) + 1):
            ends = [old.start + count * part // parts for part in range(parts + 1)]
            yield [piece(old.stack, *pair) for pair in pairwise(ends)]

    pieces: list[_Piece] = []
    for index, stack in enumerate(whole):
        most, count = fitting(stack, problem, jobs, megabytes), len(stack.members)
        pieces.extend(piece(index, start, min(start + most, count)) for start in range(0, count, most))
    plan = _Plan.of(pieces, jobs)
    while jobs > 1:
        ways = [
            _Plan.of([*(other for other in plan.pieces if other is not old), *split], jobs)
            for old in plan.last
            for split in splits(old)
        ]
        best = min(ways, key=lambda way: way.load, default=None)
        if best is None or best.load > _WORTH * plan.load:
            break
        plan = best
    return [whole[p.stack].keep(range(p.start, p.stop)) for p in plan.pieces]


def fitting(trials: Trials, problem: Problem, jobs: int, megabytes: float) -> int:
    """How many members like those of `trials` train at once in `megabytes` over `jobs`; at least one."""
    return max(1, int(megabytes * 1e6 / jobs / member_bytes(trials.members, problem)))


def joined(stacks: Sequence[Trials], problem: Problem) -> list[Trials]:
    """The same members in as few stacks as can be."""
    new: dict[Hashable, list[NewCohort]] = {}
    begun: dict[Hashable, list[Cohort]] = {}
    for stack in stacks:
        key = stack_key(stack.members[0].settings, problem)
        if isinstance(stack, NewCohort):
            new.setdefault(key, []).append(stack)
        else:
            begun.setdefault(key, []).append(stack)
    return [*map(NewCohort.joined, new.values()), *map(Cohort.joined, begun.values())]


def new_cohorts(members: Iterable[Member], problem: Problem) -> list[Trials]:
    """The members in as few stacks as can be, untrained."""
    return joined([NewCohort((member,)) for member in members], problem)
