"""One searched number or choice, and its coordinate: what a sampler sees of it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from decimal import Decimal
from types import NoneType
from typing import TYPE_CHECKING, Any

from hpt.foundation.catalogue import Range, Values

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

PLAIN = (NoneType, bool, int, float, str)
"""What a value is that holds no others."""
_CLOSE = 1e-9
"""A coordinate so near to a step of a range is one."""


@dataclass(frozen=True, slots=True)
class Dimension:
    """One searched number or choice, by its dotted path.

    Its *coordinate* is what the sampler sees: in a range the scale's, such as 1 - x for reverse_log; an index where members
    of `values` are lists or compare equal (1, 1.0, true), which Optuna could not tell apart; else the value itself.
    given: the path of the choice and the index in it without which its value is of no use, as of a width in `values` of lists.
    """

    path: str
    search: Range | Values
    given: tuple[str, int] | None = None

    @property
    def may_step(self) -> bool:
        """Whether it is a range that may have a step."""
        return isinstance(self.search, Range) and self.search.scaling.steps

    def distribution(self) -> BaseDistribution:
        """The Optuna distribution of the coordinate."""
        from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

        if isinstance(self.search, Values):
            return CategoricalDistribution(self._choices(self.search))
        return (IntDistribution if self.search.integer else FloatDistribution)(**_interval(self.search))

    def value(self, coordinate: Any) -> Any:
        """What a user reads for `coordinate`."""
        search = self.search
        if isinstance(search, Values):
            return search.values[coordinate] if by_index(search) else coordinate
        if search.step is not None:
            return _stepped(search, round((coordinate - search.min) / search.step))
        # A value and its coordinate can differ by a rounding, as x and 1 - (1 - x) do, and that leave the range.
        return min(max(search.scaling.value(coordinate), search.min), search.max)

    def middle(self) -> Any:
        """A typical value: the first of `values`, the middle of a range on its scale."""
        search = self.search
        if isinstance(search, Values):
            return search.values[0]
        middle = search.scaling.middle(*search.scaling.ends(search.min, search.max))
        return self.value(round(middle) if search.integer else middle)

    def countable(self) -> bool:
        """Whether a grid can be laid along it: `values`, or a range with a step."""
        return isinstance(self.search, Values) or self.search.step is not None

    def count(self) -> int:
        """How many points a grid has along it. Raises ValueError for a range without a step."""
        if isinstance(self.search, Values):
            return len(self.search.values)
        if self.search.step is None:
            raise ValueError(f"{self.path} has no step")
        return round((self.search.max - self.search.min) / self.search.step) + 1

    def has(self, coordinate: Any) -> bool:
        """Whether it is the coordinate of one of its values."""
        search = self.search
        if isinstance(search, Values):
            return any(type(coordinate) is type(choice) and coordinate == choice for choice in self._choices(search))
        if isinstance(coordinate, bool) or not isinstance(coordinate, (int, float)):
            return False
        low, high = search.scaling.ends(search.min, search.max)
        if not low <= coordinate <= high or (search.integer and coordinate != int(coordinate)):
            return False
        return search.step is None or math.isclose(
            coordinate, self.point(round((coordinate - search.min) / search.step)), rel_tol=_CLOSE, abs_tol=_CLOSE
        )

    def described(self) -> str:
        """Its coordinates in words."""
        search = self.search
        if isinstance(search, Values):
            return f"one of {', '.join(map(repr, self._choices(search)))}"
        low, high = search.scaling.ends(search.min, search.max)
        step = f" in steps of {search.step!r}" if search.step is not None else ""
        return f"{'a whole number' if search.integer else 'a number'} from {low!r} to {high!r}{step}"

    def point(self, index: int) -> Any:
        """The coordinate of point `index` of a grid."""
        return self._choices(self.search)[index] if isinstance(self.search, Values) else _stepped(self.search, index)

    def _choices(self, search: Values) -> list[Any]:
        return list(range(len(search.values))) if by_index(search) else list(search.values)


def by_index(values: Values) -> bool:
    """Whether the coordinate of one of `values` is its index."""
    members = values.values
    return not all(isinstance(v, PLAIN) for v in members) or len(set(members)) < len(members)


def _stepped(search: Range, index: int) -> float:
    """The number `index` steps from min, in decimal: steps of 0.1 from 0 pass 0.3 and not 0.30000000000000004."""
    value = Decimal(repr(search.min)) + index * Decimal(repr(search.step))
    return int(value) if search.integer else float(value)


def _interval(search: Range) -> dict[str, Any]:
    """The keywords of Optuna's distributions, in coordinates."""
    low, high = search.scaling.ends(search.min, search.max)
    step = {} if search.step is None else {"step": search.step}
    return {"low": low, "high": high, "log": search.scaling.log, **step}
