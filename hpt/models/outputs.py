"""What the members of a stack give for a batch, with room for the loss; and the classes that their outputs name."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np

from hpt.numerics.types import Floats, Integers


class Outputs:
    """The outputs of K members for B rows, and room for their loss.

    values, gradient: (K, C, B), filled by a network and by the loss. losses: (K, B), of each row. scratch: (K, B).
    """

    def __init__(self, members: int, outputs: int, rows: int, dtype: np.dtype[Any]) -> None:
        self.values, self.gradient = (_class_first(members, outputs, rows, dtype) for _ in range(2))
        self.losses = np.empty((members, rows), dtype)
        self.scratch = np.empty((members, rows), dtype)

    def apply(self, loss: Callable[..., None], targets: Floats, *, with_gradient: bool) -> None:
        """Fills `losses` and, where `with_gradient` says so, `gradient`; the values are used up. targets: (1 or K, C, B)."""
        loss(self.values, targets, self.losses, self.gradient, self.scratch, with_gradient=with_gradient)


def _class_first(members: int, outputs: int, rows: int, dtype: np.dtype[Any]) -> Floats:
    """An array (members, outputs, rows) in which each class has its values together: sums over classes run in long rows.

    Not for one row, whose few numbers NumPy would sum in another order in a stack than alone.
    """
    if rows == 1:
        return np.empty((members, outputs, rows), dtype)
    return np.empty((outputs, members, rows), dtype).swapaxes(0, 1)


def largest(outputs: Floats) -> Integers:
    """The class (K, rows) whose output is the largest of `outputs` (K, C, rows), the first of equals; 0 where one is nan.

    NumPy's argmax copies the outputs to have the classes of a row together, which takes longer for a stack.
    """
    places, classes = _places(outputs.shape[1])
    hit = np.equal(outputs, np.maximum.reduce(outputs, axis=1)[:, None])
    # The first class that is hit has the highest place.
    return np.asarray(classes.take(np.maximum.reduce(np.multiply(hit.view(np.uint8), places), axis=1)))


@cache
def _places(count: int) -> tuple[Integers, Integers]:
    """A place (C, 1) for each class, 1 for the last and C for the first; and the class of each place, 0 of none."""
    places = np.arange(count, 0, -1, dtype=np.min_scalar_type(count))[:, None]
    return places, np.append(0, np.arange(count - 1, -1, -1))
