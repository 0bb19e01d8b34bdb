"""Arithmetic on a stack, whose parameters are one C-contiguous (K, P) array, and its segments of like members."""

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
