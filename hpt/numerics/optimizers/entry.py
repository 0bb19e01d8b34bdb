"""What the catalogue knows of an optimizer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from hpt.foundation.catalogue import Entry
from hpt.numerics.types import Rule


@dataclass(frozen=True, slots=True, kw_only=True)
class OptimizerEntry(Entry):
    """An optimizer.

    state: the arrays (K, P) it keeps, with what they start from: a number, or the name of the hyperparameter that says it.
    numbers: what it keeps of one number a member, (K, 1), with what that starts from.
    scratch: how many arrays (K, P) it overwrites, at most 2.
    passes: NumPy calls on arrays of that size an update, which its cost is estimated from.
    full_batch: whether each update sees all training rows, whatever the batch size.
    """

    function: Rule
    state: Mapping[str, float | str] = field(default_factory=dict)
    numbers: Mapping[str, float] = field(default_factory=dict)
    scratch: int = 2
    passes: int = 10
    full_batch: bool = False
