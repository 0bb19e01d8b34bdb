"""What a result must reach: the gate of `--require`."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.numerics.metrics import METRICS, PARTS, MeasuredMetric

_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    ">=": operator.ge,
    "<=": operator.le,
    ">": operator.gt,
    "<": operator.lt,
}
_FORM = re.compile(r"\s*([A-Za-z0-9_]+)\s*(>=|<=|>|<)\s*([-+]?[0-9.]+(?:[eE][-+]?[0-9]+)?)\s*")


@dataclass(frozen=True, slots=True)
class Requirement:
    """A bound on a metric, such as `validation_accuracy>=0.95`."""

    metric: str
    comparison: str
    bound: float

    def __str__(self) -> str:
        return f"{self.metric}{self.comparison}{self.bound:.15g}"

    @classmethod
    def parse(cls, text: str) -> Requirement:
        """The requirement that `text` spells. Raises InputError with the nearest valid spelling."""
        found = _FORM.fullmatch(text)
        try:
            metric, comparison, bound = found.groups() if found else ("", "", "")
            value = float(bound)
        except ValueError as error:
            example = "METRIC>=NUMBER, such as validation_accuracy>=0.95"
            raise InputError(f"--require {text}: expected {example}, with one of {' '.join(_COMPARISONS)}.") from error
        if not MeasuredMetric.parse(metric).known:
            near = nearest(metric, [f"{part}_{name}" for part in PARTS for name in METRICS])
            hint = f"Did you mean {near}?" if near else f"It is {' or '.join(PARTS)}, _, and one of {', '.join(METRICS)}."
            raise InputError(f"--require {text}: expected a metric, found {metric}. {hint}")
        return cls(metric, comparison, value)


@dataclass(frozen=True, slots=True)
class Verdict:
    """A requirement and what was found: `value` is None where the metric was not measured, which misses it."""

    requirement: Requirement
    value: float | None

    @property
    def met(self) -> bool:
        return self.value is not None and _COMPARISONS[self.requirement.comparison](self.value, self.requirement.bound)

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.requirement}: missed, {self.requirement.metric} was not measured"
        return f"{self.requirement}: {'met' if self.met else 'missed'}, {self.requirement.metric} is {self.value:.6g}"


def parsed(texts: Iterable[str]) -> tuple[Requirement, ...]:
    """The requirements that `texts` spell. Raises InputError with everything that is wrong."""
    found: list[Requirement] = []
    wrong: list[str] = []
    for text in texts:
        try:
            found.append(Requirement.parse(text))
        except InputError as error:
            wrong += error.complaints
    if wrong:
        raise InputError(wrong)
    return tuple(found)


def judged(requirements: Sequence[Requirement], metrics: Mapping[str, float | None]) -> tuple[Verdict, ...]:
    """Each requirement with what `metrics`, by their prefixed names, say of it."""
    return tuple(Verdict(requirement, metrics.get(requirement.metric)) for requirement in requirements)
