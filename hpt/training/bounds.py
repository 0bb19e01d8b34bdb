"""Bounds on what a trial is worth or costs, such as `validation_accuracy>=0.95` and `parameters<=5000`."""

from __future__ import annotations

import operator
import re
import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_LEAST, _MOST = sys.float_info.min, sys.float_info.max
_FORM = re.compile(r"\s*([A-Za-z0-9_]+)\s*(>=|<=|>|<)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")


@dataclass(frozen=True, slots=True)
class Bound:
    """What a metric, or what a trial costs, must reach or not exceed."""

    metric: str
    comparison: str
    limit: float

    def __str__(self) -> str:
        return f"{self.metric}{self.comparison}{self.limit:.15g}"

    @classmethod
    def parse(cls, text: str) -> Bound:
        """The bound that `text` spells, whatever its metric. Raises ValueError, with what was expected, where it spells none."""
        found = _FORM.fullmatch(text)
        try:
            metric, comparison, limit = found.groups() if found else ("", "", "")
            return cls(metric, comparison, float(limit))
        except ValueError as error:
            example = "METRIC>=NUMBER, such as validation_accuracy>=0.95"
            raise ValueError(f"expected {example}, with one of {' '.join(_COMPARISONS)}") from error

    def met(self, value: float | None) -> bool:
        """Whether `value` keeps the bound; what was not measured does not."""
        return value is not None and _COMPARISONS[self.comparison](value, self.limit)

    def excess(self, value: float) -> float:
        """How far `value` is beyond the bound, as a share of the limit (of 1 where that is 0): above 0 exactly where it is not met."""
        beyond = value - self.limit if "<" in self.comparison else self.limit - value
        share = max(-_MOST, min(beyond / (abs(self.limit) or 1.0), _MOST))
        return min(share, 0.0) if self.met(value) else max(share, _LEAST)
