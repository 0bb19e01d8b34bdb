"""Axes of a figure: from values to places in a box, and the ticks beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from hpt.view.curves import Scale
from hpt.view.formats import literal

_STEPS = (1, 2, 2.5, 5, 10)
_MOST_TICKS = 6
_MARGIN = 0.04


@dataclass(frozen=True, slots=True)
class Axis:
    """Places on one axis of a box, from `start` to `end` in the units of the drawing."""

    scale: Scale
    start: float
    end: float

    def at(self, value: float) -> float:
        """Where `value` lies."""
        return self.start + (self.end - self.start) * self.scale.share(value)

    def ticks(self) -> list[tuple[float, str]]:
        """Values in round numbers and how they are spelled."""
        values = _decades(self.scale) if self.scale.log else _round(self.scale.low, self.scale.high)
        return [(value, literal(float(f"{value:.12g}"), 4)) for value in values]


def axis(values: Iterable[float | None], start: float, end: float, *, log: bool | None) -> Axis:
    """The axis over `values`, with a little room at both ends."""
    scale = Scale.over(list(values), log=log)
    low, high = scale.low, scale.high
    if low == high:
        low, high = (low / 2, high * 2) if scale.log else (low - 0.5, high + 0.5)
    elif scale.log:
        room = (high / low) ** _MARGIN
        low, high = low / room, high * room
    else:
        room = (high - low) * _MARGIN
        low, high = low - room, high + room
    return Axis(Scale(low, high, log=scale.log), start, end)


def _round(low: float, high: float) -> list[float]:
    """Multiples of a round step between `low` and `high`."""
    raw = (high - low) / _MOST_TICKS
    power = 10.0 ** math.floor(math.log10(raw))
    step = next(factor * power for factor in _STEPS if factor * power >= raw * (1 - 1e-9))
    first = math.ceil(low / step - 1e-9)
    return [index * step for index in range(first, math.floor(high / step + 1e-9) + 1)]


def _decades(scale: Scale) -> list[float]:
    """Powers of ten between the ends, not too many; where there are fewer than two, 1, 2 and 5 times them too."""
    low, high = math.log10(scale.low), math.log10(scale.high)
    exponents = range(math.ceil(low - 1e-9), math.floor(high + 1e-9) + 1)
    every = max(1, math.ceil(len(exponents) / _MOST_TICKS))
    powers = [10.0**exponent for exponent in exponents if exponent % every == 0]
    if len(powers) >= 2:
        return powers
    finer = [factor * 10.0**exponent for exponent in range(math.floor(low), math.ceil(high) + 1) for factor in (1, 2, 5)]
    inside = [value for value in finer if scale.low <= value <= scale.high]
    return inside if len(inside) >= 2 else _round(scale.low, scale.high)
