"""What a result must reach: the gate of `--require`."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.numerics.metrics import METRICS, PARTS, MeasuredMetric
from hpt.training.bounds import Bound


@dataclass(frozen=True, slots=True)
class Verdict:
    """A requirement and what was found: `value` is None where the metric was not measured, which misses it."""

    requirement: Bound
    value: float | None

    @property
    def met(self) -> bool:
        return self.requirement.met(self.value)

    def __str__(self) -> str:
        if self.value is None:
            return f"{self.requirement}: missed, {self.requirement.metric} was not measured"
        return f"{self.requirement}: {'met' if self.met else 'missed'}, {self.requirement.metric} is {self.value:.6g}"


def parsed(texts: Iterable[str]) -> tuple[Bound, ...]:
    """The requirements that `texts` spell. Raises InputError with everything that is wrong, and the nearest valid spellings."""
    found: list[Bound] = []
    wrong: list[str] = []
    for text in texts:
        try:
            requirement = Bound.parse(text)
        except ValueError as error:
            wrong.append(f"--require {text}: {error}.")
            continue
        found.append(requirement)
        if not MeasuredMetric.parse(requirement.metric).known:
            near = nearest(requirement.metric, [f"{part}_{name}" for part in PARTS for name in METRICS])
            hint = f"Did you mean {near}?" if near else f"It is {' or '.join(PARTS)}, _, and one of {', '.join(METRICS)}."
            wrong.append(f"--require {text}: expected a metric, found {requirement.metric}. {hint}")
    if wrong:
        raise InputError(wrong)
    return tuple(found)


def judged(requirements: Sequence[Bound], metrics: Mapping[str, float | None]) -> tuple[Verdict, ...]:
    """Each requirement with what `metrics`, by their prefixed names, say of it."""
    return tuple(Verdict(requirement, metrics.get(requirement.metric)) for requirement in requirements)
