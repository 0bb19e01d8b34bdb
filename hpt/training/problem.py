"""What every member of a study trains on, in the form the stack reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from hpt.data.dataset import Dataset, Part
from hpt.foundation.errors import InputError
from hpt.models.family import Family, Rows
from hpt.numerics.losses import LOSSES, LossEntry
from hpt.numerics.types import Doubles
from hpt.training.objective import Objective


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Problem:
    """A split data set, the objective, and the parts (`train`, `validation`, `test`) measured each epoch and at the end."""

    dataset: Dataset
    objective: Objective
    every_epoch: tuple[str, ...]
    at_end: tuple[str, ...]

    def part(self, name: str) -> Part:
        """The rows of `train`, `validation` or `test`. Raises LookupError where the split has none."""
        part: Part | None = getattr(self.dataset, name)
        if part is None:
            raise LookupError(f"the data set has no {name} rows")
        return part

    @property
    def classes(self) -> int:
        """How many classes, 0 for regression."""
        return len(self.dataset.classes or ())

    def loss(self, chosen: Mapping[str, Any] | None) -> LossEntry:
        """As `loss_of`, for this data."""
        return loss_of(chosen, self.classes)

    def outputs(self, chosen: Mapping[str, Any] | None) -> int:
        """How many outputs a model has under the loss `chosen`."""
        return outputs_of(self.loss(chosen), self.classes)

    def targets(self, part: str, outputs: int, label_smoothing: float) -> Doubles:
        """The targets (n, C) of the part `part`; classes one-hot and smoothed: q = (1 - s) onehot + s / C.

        With fewer `outputs` than classes the last ones are taken: one output speaks of the second of two classes.
        """
        targets = self.part(part).targets
        if not self.classes:
            return np.asarray(targets[:, None], np.float64)
        shares = np.eye(self.classes)[targets] * (1 - label_smoothing) + label_smoothing / self.classes
        return np.asarray(shares[:, -outputs:])


def loss_of(chosen: Mapping[str, Any] | None, classes: int) -> LossEntry:
    """The row of the loss that `chosen` names by its `type`, of the task's own where it is None. classes: 0 for regression.

    Raises InputError where the loss is for another number of classes.
    """
    if chosen is None:
        task = "classification" if classes else "regression"
        return next(entry for entry in LOSSES.values() if entry.default_for == task)
    entry = LOSSES[chosen["type"]]
    if entry.classes not in (None, classes):
        raise InputError(f"training.loss: {entry.name} is for {entry.classes} classes, found {classes}. Take cross_entropy.")
    return entry


def outputs_of(loss: LossEntry, classes: int) -> int:
    """How many outputs a model has under `loss`. classes: 0 for regression."""
    return loss.outputs or classes or 1


@lru_cache(maxsize=16)
def laid_out(family: Family, problem: Problem, part: str, outputs: int, dtype: str, label_smoothing: float) -> Rows:
    """The part `part` of `problem` as `family` gathers batches of it; shared by all stacks that train on it."""
    targets = problem.targets(part, outputs, label_smoothing)
    return family.lay_out(problem.part(part).inputs, targets, np.dtype(dtype))
