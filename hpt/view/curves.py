"""Curves as plain data, and the scales on which they are drawn."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

# Where the largest value is more than this many times the smallest, a linear scale shows nothing but the first points.
_LOG_FROM = 100.0


@dataclass(frozen=True, slots=True)
class Series:
    """A line through (x, y); None and numbers that are not finite leave a gap."""

    label: str
    xs: Sequence[float]
    ys: Sequence[float | None]


@dataclass(frozen=True, slots=True)
class Mark:
    """A labelled place on the x axis."""

    x: float
    label: str


@dataclass(frozen=True, slots=True)
class Scale:
    """Maps `low` to `high` to 0 to 1, linearly or by the logarithm."""

    low: float
    high: float
    log: bool

    @classmethod
    def over(cls, values: Sequence[float | None], *, log: bool | None) -> Scale:
        """The scale over the finite `values`. log: None takes the logarithm where positive values span over two decades."""
        finite = [value for value in values if value is not None and math.isfinite(value) and (value > 0 or not log)]
        if not finite:
            return cls(1.0, 1.0, log=bool(log))
        low, high = min(finite), max(finite)
        return cls(low, high, log=log if log is not None else low > 0 and high > _LOG_FROM * low)

    def share(self, value: float) -> float:
        """Where `value` lies, 0 at `low` and 1 at `high`; a half where they are one."""
        low, high, value = (math.log(v) for v in (self.low, self.high, value)) if self.log else (self.low, self.high, value)
        return (value - low) / (high - low) if high > low else 0.5

    def at(self, share: float) -> float:
        """The value at `share`."""
        if self.log:
            return math.exp(math.log(self.low) * (1 - share) + math.log(self.high) * share)
        return self.low * (1 - share) + self.high * share

    def shows(self, value: float | None) -> bool:
        """Whether `value` has a place: it is finite, and positive on a logarithmic scale."""
        return value is not None and math.isfinite(value) and (value > 0 or not self.log)
