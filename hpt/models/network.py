"""Forward and backward through a stack of networks, feature-major: a layer's values are (K, width, rows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.stack import Layout, Segment
from hpt.numerics.types import Floats, Integers


class Network:
    """The buffers of `members` networks of one layout for batches of `rows` rows; nothing is allocated after construction.

    activations: the segments of members by activation. train: whether there is to be room for what `backward` needs.
    slopes: a (K, width, rows) array a hidden layer.
    outputs: (K, C, rows), filled by `forward`. `gradient`: the same shape, where the loss leaves the gradient of the
    outputs. `masks`, where dropout is on: one (K, width, rows) array a hidden layer, by which values and slopes are
    multiplied.
    """

    def __init__(
        self,
        layout: Layout,
        activations: Sequence[Segment],
        members: int,
        rows: int,
        dtype: np.dtype,
        *,
        train: bool,
        dropout: bool = False,
    ) -> None:
        *_, outputs = layout.widths
        hidden = layout.widths[1:-1]
        values = [np.ones((members, width + 1, rows), dtype) for width in hidden]
        self.slopes = [np.empty((members, width, rows) if train else 0, dtype) for width in hidden]
        self.masks = [np.ones((members, width, rows), dtype) for width in hidden] if dropout else []
        self.outputs, self.gradient = (_class_first(members, outputs, rows, dtype) for _ in range(2))
        self.row_losses = np.empty((members, rows), dtype)
        self.row_scratch = np.empty((members, rows), dtype)
        arrays = max((ACTIVATIONS[segment.row].scratch for segment in activations), default=0)
        scratch = np.empty(arrays * members * max(hidden, default=0) * rows, dtype)
        # Views are cut once: at these sizes to cut one costs as much as a pass over it.
        self._values = values
        self._turned = [array.swapaxes(1, 2) for array in values]
        self._units = [array[:, :-1] for array in values]
        self._blocks = [
            [_Block.of(segment, units[segment.slice], slopes[segment.slice], scratch) for segment in activations]
            for units, slopes in zip(self._units, self.slopes, strict=True)
        ]

    def forward(self, layers: Sequence[Floats], inputs: Floats, *, train: bool) -> Floats:
        """The outputs (K, C, rows) for `inputs` (1 or K, in + 1, rows), whose last feature is 1.

        `train` keeps the slopes that `backward` needs and applies the dropout masks.
        """
        for index, units in enumerate(self._units):
            np.matmul(layers[index], inputs, out=units)
            for block in self._blocks[index]:
                block.activate(block.units, block.slopes if train else None, block.scratch)
            if train and self.masks:
                for array in (units, self.slopes[index]):
                    np.multiply(array, self.masks[index], out=array)
            inputs = self._values[index]
        return np.matmul(layers[-1], inputs, out=self.outputs)

    def backward(self, turned: Sequence[Floats], gradients: Sequence[Floats], rows: Floats) -> None:
        """Fills `gradients`, views like the layers, from `self.gradient`; `rows` (1 or K, rows, in + 1) is the batch.

        turned: the layers as `Layout.turned` gives them.
        The gradient of a layer's values takes the place of its slopes.
        """
        above = self.gradient
        for index in range(len(turned) - 1, -1, -1):
            below = self._turned[index - 1] if index else rows
            np.matmul(above, below, out=gradients[index])
            if index:
                # The values are spent once their product is taken: they make room for the gradient from above.
                units = self._units[index - 1]
                np.matmul(turned[index], above, out=units)
                np.multiply(units, self.slopes[index - 1], out=self.slopes[index - 1])
                above = self.slopes[index - 1]


def _class_first(members: int, outputs: int, rows: int, dtype: np.dtype) -> Floats:
    """An array (members, outputs, rows) in which each class has its values together: sums over classes run in long rows.

    Not for one row, whose few numbers NumPy would sum in another order in a stack than alone.
    """
    if rows == 1:
        return np.empty((members, outputs, rows), dtype)
    return np.empty((outputs, members, rows), dtype).swapaxes(0, 1)


def largest(outputs: Floats) -> Integers:
    """The class (K, rows) whose output is the largest of `outputs` (K, C, rows), the first of equals; 0 where one is nan.

    NumPy's argmax turns the outputs to have the classes of a row together, which takes longer for a stack.
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


@dataclass(frozen=True, slots=True)
class _Block:
    """What one activation works on: its members' units of one layer (k, width, rows), and room for as much."""

    activate: Callable[[Floats, Floats | None, Floats], None]
    units: Floats
    slopes: Floats
    scratch: Floats

    @classmethod
    def of(cls, segment: Segment, units: Floats, slopes: Floats, scratch: Floats) -> _Block:
        """scratch: room for the whole stack, of which the block takes what its activation asks for."""
        row = ACTIVATIONS[segment.row]
        room = scratch[: row.scratch * units.size].reshape(-1, *units.shape)
        return cls(row.function, units, slopes, room)
