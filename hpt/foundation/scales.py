"""Scales: how the numbers of a range are spaced when it is searched. A new one is a class and a line in SCALES.

A *value* is what a user reads. Its *coordinate* is the number that Optuna draws and that records hold. A *level* is a number
that grows with the value and along which draws are uniform.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Protocol

_DECADE = 10
# An end to type: without the noise of floating point.
_DECIMALS = 12


class Scale(Protocol):
    """One scale.

    name: as it is written in a file. log: whether the logarithm of a coordinate is uniform, else it is the coordinate itself.
    steps: whether a range on it may have a step. integers: whether its values may be integers.
    above, below: what `min` must be above and `max` below; None where any number will do.
    """

    @property
    def name(self) -> str: ...

    @property
    def log(self) -> bool: ...

    @property
    def steps(self) -> bool: ...

    @property
    def integers(self) -> bool: ...

    @property
    def above(self) -> float | None: ...

    @property
    def below(self) -> float | None: ...

    def value(self, coordinate: float) -> float:
        """The value at a coordinate."""
        ...

    def ends(self, low: float, high: float) -> tuple[float, float]:
        """The coordinates from the lower to the higher of a range of values from `low` to `high`."""
        ...

    def level(self, value: float) -> float:
        """The level of a value."""
        ...

    def coordinate(self, level: float) -> float:
        """The coordinate at a level."""
        ...

    def middle(self, low: float, high: float) -> float:
        """The coordinate in the middle of two, by level."""
        ...

    def end_chance(self, low: int, high: int, share: float) -> float:
        """How likely an integer that is drawn from `low` to `high` lies in the outer `share` of the range, at one end of it."""
        ...

    def wider(self, low: float, high: float, step: float | None) -> tuple[float, float]:
        """Ends that leave more room on both sides: integers for integers, whole steps away where there is a step."""
        ...


@dataclass(frozen=True, slots=True)
class Linear:
    """Values are uniform."""

    name: str = "linear"
    log: bool = False
    steps: bool = True
    integers: bool = True
    above: float | None = None
    below: float | None = None

    def value(self, coordinate: float) -> float:
        return coordinate

    def ends(self, low: float, high: float) -> tuple[float, float]:
        return low, high

    def level(self, value: float) -> float:
        return float(value)

    def coordinate(self, level: float) -> float:
        return level

    def middle(self, low: float, high: float) -> float:
        return low + (high - low) / 2

    def end_chance(self, low: int, high: int, share: float) -> float:
        return (math.floor(share * (high - low)) + 1) / (high - low + 1)

    def wider(self, low: float, high: float, step: float | None) -> tuple[float, float]:
        """Half the width more."""
        room = (high - low) / 2
        if step is not None:
            room = math.ceil(room / step) * step
        elif isinstance(low, int):
            room = math.ceil(room)
        return round(low - room, _DECIMALS), round(high + room, _DECIMALS)


@dataclass(frozen=True, slots=True)
class Log:
    """Logarithms of values are uniform."""

    name: str = "log"
    log: bool = True
    steps: bool = False
    integers: bool = True
    above: float | None = 0
    below: float | None = None

    def value(self, coordinate: float) -> float:
        return coordinate

    def ends(self, low: float, high: float) -> tuple[float, float]:
        return low, high

    def level(self, value: float) -> float:
        return math.log(value)

    def coordinate(self, level: float) -> float:
        return math.exp(level)

    def middle(self, low: float, high: float) -> float:
        return math.sqrt(low) * math.sqrt(high)

    def end_chance(self, low: int, high: int, share: float) -> float:
        """The lowest integer is the likeliest; it owns the half on either side of it."""
        return max(share, math.log((low + 0.5) / (low - 0.5)) / math.log((high + 0.5) / (low - 0.5)))

    def wider(self, low: float, high: float, step: float | None) -> tuple[float, float]:
        """A decade more."""
        if isinstance(low, int):
            return max(1, int(low / _DECADE)), int(high * _DECADE)
        return low / _DECADE, high * _DECADE


@dataclass(frozen=True, slots=True)
class ReverseLog:
    """Logarithms of 1 - x are uniform, for an x that approaches 1; the coordinate is 1 - x."""

    name: str = "reverse_log"
    log: bool = True
    steps: bool = False
    integers: bool = False
    above: float | None = None
    below: float | None = 1

    def value(self, coordinate: float) -> float:
        return 1 - coordinate

    def ends(self, low: float, high: float) -> tuple[float, float]:
        return 1 - high, 1 - low

    def level(self, value: float) -> float:
        return -math.log1p(-value)

    def coordinate(self, level: float) -> float:
        return math.exp(-level)

    def middle(self, low: float, high: float) -> float:
        return math.sqrt(low) * math.sqrt(high)

    def end_chance(self, low: int, high: int, share: float) -> float:
        """There are no integers on it. Raises ValueError."""
        raise ValueError(f"a range of integers is never {self.name}")

    def wider(self, low: float, high: float, step: float | None) -> tuple[float, float]:
        """A decade of 1 - x more, down to 0."""
        return round(1 - min(1.0, (1 - low) * _DECADE), _DECIMALS), round(1 - (1 - high) / _DECADE, _DECIMALS)


LINEAR, LOG = Linear(), Log()
SCALES: dict[str, Scale] = {scale.name: scale for scale in (LINEAR, LOG, ReverseLog())}
DEFAULT_SCALE = LINEAR.name
