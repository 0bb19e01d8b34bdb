"""What training is estimated to cost: the time of a stack, corrected by what stacks took, and the memory of a member."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from hpt.training.cohort import architecture, batch_rows, optimizer_row, rule_key, slots_of, stack_key
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

_PRIOR_STACKS = 2.0
"""The estimate of a cost weighs as much as the times of so many stacks: one time is noisy."""
_SECONDS = 1e-6
"""What the unit of the estimates is thought to take before anything was timed."""


class Stacked(Protocol):
    """Trials that share a stack, trained up to `epoch`, wherever their arrays are."""

    @property
    def members(self) -> Sequence[Member]: ...

    @property
    def epoch(self) -> int: ...


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
    def of(cls, trials: Stacked, problem: Problem, until: int) -> Costs:
        """What it costs to train `trials` up to epoch `until`."""
        settings = trials.members[0].settings
        model = architecture(settings, problem)
        rows = len(problem.dataset.train.inputs)
        updates = -(-rows // batch_rows(settings, rows))
        epochs = until - trials.epoch
        computing = rows * (_VALUE * model.values + _FLOP * model.operations)
        width = 1 if settings.training["dtype"] == "float32" else 2
        passes = [optimizer_row(member.settings).passes for member in trials.members]
        each = [_START + epochs * (computing + updates * (_MEMBER + _PASS * width * model.size * p)) for p in passes]
        rules = tuple(rule_key(member.settings) for member in trials.members)
        fixed, rule = _STACK + epochs * (_EPOCH + updates * _CALL), epochs * updates * _RULE
        return cls(fixed, rule, rules, tuple(accumulate(each, initial=0.0)))

    def once(self, start: int, stop: int) -> float:
        """What the members `start:stop` cost as a stack of their own beside their own work, however many they are."""
        return self.fixed + self.rule * len(set(self.rules[start:stop]))

    def between(self, start: int, stop: int) -> float:
        """The cost of the members `start:stop` as a stack of their own."""
        return self.once(start, stop) + self.upto[stop] - self.upto[start]


class CostCalibration:
    """The seconds that stacks took over those that were estimated, by `stack_key`."""

    def __init__(self) -> None:
        self._took: dict[Hashable, float] = defaultdict(float)
        self._estimated: dict[Hashable, float] = defaultdict(float)
        self._stacks = 0

    def learn(self, trials: Stacked, problem: Problem, until: int, seconds: float) -> None:
        """Notes that it took so many CPU seconds to train `trials` up to epoch `until`."""
        key = stack_key(trials.members[0].settings, problem)
        self._took[key] += seconds
        self._estimated[key] += Costs.of(trials, problem, until).between(0, len(trials.members))
        self._stacks += 1

    @property
    def seconds(self) -> float:
        """The seconds that a unit of the estimated costs takes here, as far as is known."""
        took, estimated = sum(self._took.values()), sum(self._estimated.values())
        return took / estimated if took and estimated else _SECONDS

    def of(self, trials: Stacked, problem: Problem) -> float:
        """The factor by which stacks like `trials` cost more than estimated, relative to all stacks; 1 before any was timed."""
        took, estimated = sum(self._took.values()), sum(self._estimated.values())
        if not took or not estimated:
            return 1.0
        key = stack_key(trials.members[0].settings, problem)
        prior = _PRIOR_STACKS * estimated / self._stacks
        return (self._took.get(key, 0.0) * estimated / took + prior) / (self._estimated.get(key, 0.0) + prior)

    def cost(self, trials: Stacked, problem: Problem, until: int) -> float:
        """What training `trials` up to epoch `until` is estimated to cost, in proportion to the CPU time."""
        return self.of(trials, problem) * Costs.of(trials, problem, until).between(0, len(trials.members))


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
