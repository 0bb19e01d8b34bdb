"""Rows of dense numbers, side by side with their targets, and batches of them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.numerics.types import Doubles, Floats


@dataclass(frozen=True, slots=True)
class SideBySide:
    """The rows of one part with input, 1 and target side by side, so that one gather fetches a batch.

    rows: (n, D + 1 + C), row-major. columns: (D + 1 + C, n), its transpose, in memory too. inputs: D + 1.
    """

    rows: Floats
    columns: Floats
    inputs: int

    @classmethod
    def of(cls, inputs: Doubles, targets: Doubles, dtype: np.dtype[Any]) -> SideBySide:
        """`inputs` (n, D) and `targets` (n, C) in `dtype`."""
        rows = np.concatenate([inputs, np.ones((len(inputs), 1)), targets], axis=1).astype(dtype)
        return cls(rows, np.ascontiguousarray(rows.T), inputs.shape[1] + 1)

    def __len__(self) -> int:
        return len(self.rows)

    @property
    def targets(self) -> Floats:
        """(C, n)."""
        return self.columns[self.inputs :]

    def chunk(self, rows: slice) -> Floats:
        """The inputs (1, D + 1, B) of the rows `rows`, each ending in 1."""
        return self.columns[None, : self.inputs, rows]


class Batch:
    """Room for batches of `size` rows of `source`, gathered in one order for all members or in one for each.

    inputs: (1 or K, D + 1, B), each row ending in 1; targets: (1 or K, C, B); input_rows: `inputs` transposed, which lies in
    memory as it is read. A batch of all rows is the source itself, in its own order.
    """

    def __init__(self, source: SideBySide, size: int, orders: int) -> None:
        self._source = source
        self._whole = size == len(source)
        if self._whole:
            self._rows, columns = source.rows[None], source.columns[None]
        else:
            width = source.rows.shape[1]
            self._rows = np.empty((orders, size, width), source.rows.dtype)
            columns = np.empty((orders, width, size), source.rows.dtype)
        self._columns = columns
        self.inputs, self.targets = columns[:, : source.inputs], columns[:, source.inputs :]
        self.input_rows = self._rows[:, :, : source.inputs]

    def gather(self, order: NDArray[np.intp]) -> None:
        """Fetches the rows at `order` (1 or K, B)."""
        if not self._whole:
            self._source.rows.take(order, axis=0, out=self._rows, mode="clip")
            np.copyto(self._columns, self._rows.swapaxes(1, 2))
