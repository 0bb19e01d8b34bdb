"""Forward and backward through a stack of dense networks, feature-major: a layer's values are (K, width, rows)."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.models.batches import Batch, SideBySide
from hpt.models.outputs import Outputs
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.stack import Segment
from hpt.numerics.types import Doubles, Floats


@dataclass(frozen=True, slots=True)
class Layers:
    """A flat array (K, P) as the layers of a network, all views.

    blocks: (K, out, in + 1) a layer. transposed: (K, in, out) a layer, without the biases; they take gradients back.
    """

    blocks: list[Floats]
    transposed: list[Floats]


class DenseNetwork:
    """The buffers of K dense networks for batches of `rows` rows.

    widths: of inputs, hidden layers and outputs. activations: the segments of members by activation. dropout: (K,), the
    share of hidden values that training sets to 0.
    batch, derivatives, masks: for training, where there is a `source`. A derivative is (K, width, rows) a hidden layer; so is a
    mask, by which values and derivatives are multiplied, and there are none where no member has dropout.
    """

    def __init__(
        self,
        widths: Sequence[int],
        activations: Sequence[Segment],
        dropout: Doubles,
        rows: int,
        dtype: np.dtype[Any],
        source: SideBySide | None,
        orders: int,
    ) -> None:
        members = len(dropout)
        *hidden, outputs = widths[1:]
        train = source is not None
        self.outputs = Outputs(members, outputs, rows, dtype)
        self.batch = None if source is None else Batch(source, rows, orders)
        self.random = train and bool(dropout.any())
        self.derivatives = [np.empty((members, width, rows) if train else 0, dtype) for width in hidden]
        self.masks = [np.ones((members, width, rows), dtype) for width in hidden] if self.random else []
        self._dropout = dropout
        arrays = max((ACTIVATIONS[segment.row].scratch for segment in activations), default=0)
        scratch = np.empty(arrays * members * max(hidden, default=0) * rows, dtype)
        # Views are cut once: at these sizes to cut one costs as much as a pass over it.
        self._values = [np.ones((members, width + 1, rows), dtype) for width in hidden]
        self._transposed = [array.swapaxes(1, 2) for array in self._values]
        self._units = [array[:, :-1] for array in self._values]
        self._activations = [
            [_Activation.of(segment, units[segment.slice], derivatives[segment.slice], scratch) for segment in activations]
            for units, derivatives in zip(self._units, self.derivatives, strict=True)
        ]

    def forward_backward(
        self,
        weights: Layers,
        gradients: Layers,
        order: NDArray[np.intp],
        loss: Callable[..., None],
        streams: Sequence[np.random.Generator],
    ) -> None:
        """As `Network.forward_backward`."""
        batch = self.batch
        assert batch is not None
        batch.gather(order)
        if self.masks:
            self._draw_masks(streams)
        self._forward(weights.blocks, batch.inputs, train=True)
        self.outputs.apply(loss, batch.targets, with_gradient=True)
        self._backward(weights.transposed, gradients.blocks, batch.input_rows)

    def forward(self, weights: Layers, rows: SideBySide, chunk: slice) -> None:
        """As `Network.forward`."""
        self._forward(weights.blocks, rows.chunk(chunk), train=False)

    def _forward(self, blocks: Sequence[Floats], inputs: Floats, *, train: bool) -> None:
        """The outputs for `inputs` (1 or K, in + 1, rows), whose last feature is 1.

        `train` keeps the derivatives that `_backward` needs and applies the dropout masks.
        """
        for index, units in enumerate(self._units):
            np.matmul(blocks[index], inputs, out=units)
            for part in self._activations[index]:
                part.function(part.units, part.derivatives if train else None, part.scratch)
            if train and self.masks:
                for array in (units, self.derivatives[index]):
                    np.multiply(array, self.masks[index], out=array)
            inputs = self._values[index]
        np.matmul(blocks[-1], inputs, out=self.outputs.values)

    def _backward(self, transposed: Sequence[Floats], gradients: Sequence[Floats], rows: Floats) -> None:
        """Fills `gradients`, views like the blocks, from the gradient of the outputs; `rows` (1 or K, rows, in + 1) is the batch.

        The gradient of a layer's values takes the place of its derivatives.
        """
        above = self.outputs.gradient
        for index in range(len(transposed) - 1, -1, -1):
            below = self._transposed[index - 1] if index else rows
            np.matmul(above, below, out=gradients[index])
            if index:
                # The values are not needed after this product: the gradient from above takes their place.
                units, derivatives = self._units[index - 1], self.derivatives[index - 1]
                np.matmul(transposed[index], above, out=units)
                np.multiply(units, derivatives, out=derivatives)
                above = derivatives

    def _draw_masks(self, streams: Sequence[np.random.Generator]) -> None:
        """Draws the dropout masks: 0 with probability `dropout`, else 1 / (1 - dropout)."""
        for member, random in enumerate(streams):
            share = self._dropout[member]
            for mask in self.masks:
                random.random(out=mask[member], dtype=mask.dtype.type)
                np.greater_equal(mask[member], share, out=mask[member], casting="unsafe")
                mask[member] *= 1 / (1 - share)


@dataclass(frozen=True, slots=True)
class _Activation:
    """One activation and what it works on: its members' units of one layer (k, width, rows), and room for as much."""

    function: Callable[[Floats, Floats | None, Floats], None]
    units: Floats
    derivatives: Floats
    scratch: Floats

    @classmethod
    def of(cls, segment: Segment, units: Floats, derivatives: Floats, scratch: Floats) -> _Activation:
        """scratch: room for the whole stack, of which the activation takes what it asks for."""
        row = ACTIVATIONS[segment.row]
        room = scratch[: row.scratch * units.size].reshape(-1, *units.shape)
        return cls(row.function, units, derivatives, room)
