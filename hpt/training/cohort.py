"""A cohort: trials that share a stack, as far as they have been trained."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.randomness import generator
from hpt.models import MODELS
from hpt.models.family import Architecture, Family
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.optimizers.entry import OptimizerEntry
from hpt.numerics.types import Doubles, Floats, Integers
from hpt.training.options import TRAINING
from hpt.training.problem import Problem
from hpt.training.settings import Member, Settings


@dataclass(frozen=True, slots=True)
class NewCohort:
    """Trials that will share a stack, which is made where they are trained: small enough to be sent anywhere."""

    members: tuple[Member, ...]
    epoch: ClassVar[int] = 0

    def keep(self, indices: Sequence[int]) -> NewCohort:
        """The new cohort of the members at `indices`, in that order."""
        return NewCohort(tuple(self.members[i] for i in indices))

    @classmethod
    def joined(cls, groups: Sequence[NewCohort]) -> NewCohort:
        """All of several groups that agree in `stack_key`."""
        return cls(tuple(sorted((member for group in groups for member in group.members), key=stack_place)))


@dataclass(frozen=True, slots=True)
class Cohort:
    """K members after `epoch` epochs and `step` updates; axis 0 of every array, axis 1 of `history`, is the member.

    parameters: (K, P). slots: (n, K, P), optimizer state; an optimizer uses as many as its row names, from the first.
    numbers: (n, K, 1) float64, optimizer state of one number a member. history: name -> (epochs, K).
    best: (K,) lowest cost so far; since_best: (K,) epochs since.
    best_parameters: (K, P) those of the best epoch; (K, 0) where the last epoch's are wanted.

    `parameters`, `slots`, `numbers` and `best_parameters` are buffers that a `Stack` changes in place; whoever needs a cohort as it
    was trains a `copy`, as `advance` does. Nothing else of a cohort changes.
    """

    members: tuple[Member, ...]
    epoch: int
    step: int
    parameters: Floats
    slots: Floats
    numbers: Doubles
    history: Mapping[str, Doubles]
    best: Doubles
    since_best: Integers
    best_parameters: Floats

    def keep(self, indices: Sequence[int]) -> Cohort:
        """The cohort of the members at `indices`, in that order."""
        at = np.asarray(indices, dtype=np.intp)
        return replace(
            self,
            members=tuple(self.members[i] for i in indices),
            parameters=self.parameters[at],
            slots=self.slots[:, at],
            numbers=self.numbers[:, at],
            history={name: values[:, at] for name, values in self.history.items()},
            best=self.best[at],
            since_best=self.since_best[at],
            best_parameters=self.best_parameters[at],
        )

    def copy(self) -> Cohort:
        """The same cohort in memory of its own."""
        return self.keep(range(len(self.members)))

    @classmethod
    def joined(cls, cohorts: Sequence[Cohort]) -> Cohort:
        """One cohort of the members of several that agree in `stack_key` and have come as far.

        They may have been made apart, each with only the slots that its own optimizers need.
        """
        if len(cohorts) == 1:
            return cohorts[0]
        members = tuple(member for cohort in cohorts for member in cohort.members)
        together = replace(
            cohorts[0],
            members=members,
            parameters=np.concatenate([cohort.parameters for cohort in cohorts]),
            slots=_side_by_side([cohort.slots for cohort in cohorts]),
            numbers=_side_by_side([cohort.numbers for cohort in cohorts]),
            history={n: np.concatenate([cohort.history[n] for cohort in cohorts], axis=1) for n in cohorts[0].history},
            best=np.concatenate([cohort.best for cohort in cohorts]),
            since_best=np.concatenate([cohort.since_best for cohort in cohorts]),
            best_parameters=np.concatenate([cohort.best_parameters for cohort in cohorts]),
        )
        return together.keep(sorted(range(len(members)), key=lambda index: stack_place(members[index])))


def _side_by_side(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    """Arrays (n, K, ...) of different n and K as one with the largest n: zeros where there was nothing."""
    most = max(len(array) for array in arrays)
    grown = [np.concatenate([array, np.zeros((most - len(array), *array.shape[1:]), array.dtype)]) for array in arrays]
    return np.concatenate(grown, axis=1)


Trials = NewCohort | Cohort
"""Trials that share a stack, before or after it is made."""


def stack_place(member: Member) -> tuple[Any, ...]:
    """By what members are ordered in a stack: those that their family or their update rule works on at once are neighbours."""
    return (family_of(member.settings).place(member.settings.model), rule_key(member.settings), member.trial)


def optimizer_row(settings: Settings) -> OptimizerEntry:
    """The catalogue row of the optimizer."""
    return OPTIMIZERS[settings.optimizer["name"]]


def batch_rows(settings: Settings, rows: int) -> int:
    """Rows an update, of `rows` training rows."""
    size = settings.training["batch_size"]
    full = size == "full" or size >= rows or optimizer_row(settings).full_batch
    return rows if full else int(size)


def family_of(settings: Settings) -> Family:
    """The family of the model that `settings` name."""
    return MODELS[settings.model["type"]].family


def architecture(settings: Settings, problem: Problem) -> Architecture:
    """The model that `settings` name, for the inputs and outputs of `problem`."""
    outputs = problem.outputs(settings.training["loss"])
    return family_of(settings).architecture(problem.dataset.shapes, outputs, settings.model)


def stack_key(settings: Settings, problem: Problem) -> tuple[Any, ...]:
    """What trials must have in common to share a stack."""
    fixed = tuple(repr(settings.training[h.name]) for h in TRAINING if h.scope != "member" and h.name != "batch_size")
    rows = len(problem.dataset.train.inputs)
    return (architecture(settings, problem), batch_rows(settings, rows), *fixed)


def rule_key(settings: Settings) -> tuple[Any, ...]:
    """What neighbours in a stack must have in common to be updated by one call: the optimizer and its control flow."""
    row = optimizer_row(settings)
    return (row.name, *(str(settings.optimizer[h.name]) for h in row.hyperparameters if h.scope == "stack"))


def slots_of(members: Iterable[Member]) -> int:
    """How many arrays of optimizer state a stack of `members` has: as many as the optimizer with the most."""
    return max(len(optimizer_row(member.settings).state) for member in members)


def begin(members: Sequence[Member], problem: Problem) -> Cohort:
    """One stack of `members`, which must agree in `stack_key`, in the order of `stack_place`."""
    ordered = tuple(sorted(members, key=stack_place))
    first = ordered[0].settings
    model = architecture(first, problem)
    dtype = np.dtype(first.training["dtype"])
    count = len(ordered)
    parameters = np.empty((count, model.size), dtype)
    for row, member in zip(parameters, ordered, strict=True):
        row[:] = model.initial(generator("initialisation", *member.initial), member.settings.model)
    states = [optimizer_row(m.settings).state for m in ordered]
    numbers = [optimizer_row(m.settings).numbers for m in ordered]
    slots = np.zeros((slots_of(ordered), *parameters.shape), dtype)
    for index, (member, state) in enumerate(zip(ordered, states, strict=True)):
        for slot, initial in zip(slots, state.values(), strict=False):
            slot[index] = member.settings.optimizer[initial] if isinstance(initial, str) else initial
    scalars = np.zeros((max(len(n) for n in numbers), count, 1))
    for index, named in enumerate(numbers):
        scalars[: len(named), index, 0] = list(named.values())
    keeps = first.training["checkpoint"] == "best_validation"
    return Cohort(
        members=ordered,
        epoch=0,
        step=0,
        parameters=parameters,
        slots=slots,
        numbers=scalars,
        history={},
        best=np.full(count, np.inf),
        since_best=np.zeros(count, dtype=np.int64),
        best_parameters=np.zeros((count, model.size if keeps else 0), dtype),
    )
