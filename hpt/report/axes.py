"""Axes of a figure: from values to places in a box, and the ticks beside it."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hpt.view.curves import Scale
from hpt.view.formats import literal

_STEPS = (1, 2, 2.5, 5, 10)
_MOST_TICKS = 6
_MARGIN = 0.04
_REACH = 20


@dataclass(frozen=True, slots=True)
class Axis:
    """Places on one axis of a box, from `start` to `end` in the units of the drawing. whole: whether its values are integers."""

    scale: Scale
    start: float
    end: float
    whole: bool = False

    def at(self, value: float) -> float:
        """Where `value` lies."""
        return self.start + (self.end - self.start) * self.scale.share(value)

    def ticks(self) -> list[tuple[float, str]]:
        """Values in round numbers and how they are spelled."""
        values = (
            _decades(self.scale) if self.scale.log else _round(self.scale.low, self.scale.high, 1.0 if self.whole else 0.0)
        )
        return [(value, literal(float(f"{value:.12g}"), 4)) for value in values]


def limits(values: Sequence[float]) -> tuple[float, float]:
    """The ends within which `values` are drawn: those of all of them, but for what lies far beyond the middle half.

    One trial that nearly diverged, with a loss of 1e20, would leave all others on one line.
    """
    finite = sorted(value for value in values if math.isfinite(value))
    if not finite:
        return -math.inf, math.inf
    lower, middle, upper = (finite[int((len(finite) - 1) * share)] for share in (0.25, 0.5, 0.75))
    reach = _REACH * max(upper - lower, abs(middle) / 10)
    return max(finite[0], lower - reach), min(finite[-1], upper + reach)


def axis(values: Iterable[float | None], start: float, end: float, *, log: bool | None) -> Axis:
    """The axis over `values`, with a little room at both ends."""
    known = list(values)
    scale = Scale.over(known, log=log)
    low, high = scale.low, scale.high
    whole = high > low and all(float(value).is_integer() for value in known if value is not None and math.isfinite(value))
    if low == high:
        low, high = (low / 2, high * 2) if scale.log else (low - 0.5, high + 0.5)
    elif scale.log:
        room = (high / low) ** _MARGIN
        low, high = low / room, high * room
    else:
        room = (high - low) * _MARGIN
        low, high = low - room, high + room
    return Axis(Scale(low, high, log=scale.log), start, end, whole)


def _round(low: float, high: float, least: float = 0.0) -> list[float]:
    """Multiples of a round step, `least` or more, between `low` and `high`."""
    raw = max(least, (high - low) / _MOST_TICKS)
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
