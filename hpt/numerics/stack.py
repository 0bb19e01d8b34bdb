"""The parameter stack: all parameters of K members in one C-contiguous (K, P) array, each layer a view of it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from hpt.numerics.types import Floats

_BUFFER = 512
"""Entries of NumPy's buffer, into which it copies operands whose rows are shorter than that; its own 8192 is more than the
rows of most layers, and the copies take as long as the arithmetic. No number depends on it."""


@contextmanager
def arithmetic() -> Iterator[None]:
    """NumPy's settings for work on a stack: a short buffer, and no warnings, since a member may leave the numbers."""
    with np.errstate(all="ignore"):
        np.setbufsize(_BUFFER)  # errstate restores it
        yield


@lru_cache(maxsize=1024)
def number(value: float, dtype: np.dtype[Any]) -> Floats:
    """`value` as an array without axes: a call with it starts sooner than one with a Python number."""
    array = np.array(value, dtype)
    array.flags.writeable = False
    return array


@dataclass(frozen=True, slots=True)
class Layout:
    """How P parameters make the layers of a network: `widths` are its inputs, hidden widths and outputs.

    Layer i is (out, in + 1) with the bias as last column, which folds it into the product, since every layer's input
    ends in a row of ones; (out, in) before a (in, rows) block is also the product order that BLAS runs fastest at these
    sizes.
    """

    widths: tuple[int, ...]

    @property
    def shapes(self) -> tuple[tuple[int, int], ...]:
        return tuple((out, into + 1) for into, out in zip(self.widths, self.widths[1:], strict=False))

    @property
    def size(self) -> int:
        """P, the number of parameters of one member."""
        return sum(out * columns for out, columns in self.shapes)

    def layers(self, flat: Floats) -> list[Floats]:
        """Views (K, out, in + 1) into `flat` (K, P)."""
        views, start = [], 0
        for out, columns in self.shapes:
            views.append(flat[:, start : start + out * columns].reshape(len(flat), out, columns))
            start += out * columns
        return views

    def turned(self, flat: Floats) -> list[Floats]:
        """Views (K, in, out) into `flat` (K, P), the layers without their biases: they take gradients back."""
        return [layer.swapaxes(1, 2)[:, :-1] for layer in self.layers(flat)]

    def named(self, flat: Floats) -> dict[str, Floats]:
        """Copies of one member's parameters (P,) as `layers.0.weight` (in, out), `layers.0.bias` (out,) and so on."""
        arrays: dict[str, Floats] = {}
        for index, layer in enumerate(self.layers(flat[None])):
            arrays[f"layers.{index}.weight"] = np.ascontiguousarray(layer[0, :, :-1].T)
            arrays[f"layers.{index}.bias"] = layer[0, :, -1].copy()
        return arrays


@dataclass(frozen=True, slots=True)
class Segment:
    """The neighbouring members `start:stop` of a stack, which share a row of a table (an optimizer, an activation)."""

    row: str
    start: int
    stop: int

    @property
    def slice(self) -> slice:
        return slice(self.start, self.stop)


def segments(rows: Sequence[str]) -> tuple[Segment, ...]:
    """The runs of equal names in `rows`, one name a member."""
    found: list[Segment] = []
    for index, row in enumerate(rows):
        if found and found[-1].row == row:
            found[-1] = Segment(row, found[-1].start, index + 1)
        else:
            found.append(Segment(row, index, index + 1))
    return tuple(found)
