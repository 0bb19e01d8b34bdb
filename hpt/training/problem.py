"""What every member of a study trains on, in the form the stack reads it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from hpt.data.dataset import Dataset, Part
from hpt.foundation.errors import InputError
from hpt.numerics.losses import LOSSES, LossEntry
from hpt.numerics.types import Floats
from hpt.training.objective import Objective


@dataclass(frozen=True, slots=True, eq=False, weakref_slot=True)
class Problem:
    """A split data set, the objective, and the parts (`train`, `validation`, `test`) measured each epoch and at the end."""

    dataset: Dataset
    objective: Objective
    every_epoch: tuple[str, ...]
    at_end: tuple[str, ...]

    def part(self, prefix: str) -> Part:
        """The rows of `train`, `validation` or `test`. Raises LookupError where the split has none."""
        part: Part | None = getattr(self.dataset, prefix)
        if part is None:
            raise LookupError(f"the data set has no {prefix} rows")
        return part

    @property
    def classes(self) -> int:
        """How many classes, 0 for regression."""
        return len(self.dataset.classes or ())

    def loss(self, chosen: Mapping[str, Any] | None) -> LossEntry:
        """The row of the loss that `chosen` names by its `type`, of the task's own where it is None.

        Raises InputError where the loss is for another number of classes.
        """
        if chosen is None:
            return next(entry for entry in LOSSES.values() if entry.default_for == self.dataset.task)
        entry = LOSSES[chosen["type"]]
        if entry.classes not in (None, self.classes):
            raise InputError(
                f"training.loss: {entry.name} is for {entry.classes} classes, found {self.classes}. Take cross_entropy."
            )
        return entry

    def outputs(self, chosen: Mapping[str, Any] | None) -> int:
        """How many outputs a model has under the loss `chosen`."""
        return self.loss(chosen).outputs or self.classes or 1


@dataclass(frozen=True, slots=True)
class Arrays:
    """The rows of one part with input, 1 and target side by side, so that one gather fetches a batch.

    rows: (n, D + 1 + C), row-major. columns: (D + 1 + C, n), its transpose, in memory too. inputs: D + 1.
    """

    rows: Floats
    columns: Floats
    inputs: int


@lru_cache(maxsize=16)
def arrays(problem: Problem, prefix: str, outputs: int, dtype: str, label_smoothing: float) -> Arrays:
    """The part `prefix` of `problem` as arrays of `dtype`, its classes one-hot and smoothed: q = (1 - s) onehot + s / C.

    With fewer `outputs` than classes the last ones are kept: one output speaks of the second of two classes.
    """
    part = problem.part(prefix)
    targets: np.ndarray[Any, Any]
    if problem.classes:
        targets = np.eye(problem.classes)[part.targets] * (1 - label_smoothing) + label_smoothing / problem.classes
        targets = targets[:, -outputs:]
    else:
        targets = part.targets[:, None]
    rows = np.concatenate([part.inputs, np.ones((len(part.inputs), 1)), targets], axis=1).astype(dtype)
    return Arrays(rows, np.ascontiguousarray(rows.T), part.inputs.shape[1] + 1)
