"""Several objectives of a study: metrics, and what a trial costs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from hpt.foundation.catalogue import Entry, table
from hpt.models.family import Architecture
from hpt.numerics.metrics import Direction, MeasuredMetric

OBJECTIVES = "objectives"
"""The key under which the section `study`, once it is read, has all of several objectives; `objective` is the first."""


@dataclass(frozen=True, slots=True, kw_only=True)
class CostEntry(Entry):
    """What a trial costs, the same in each run, and minimised: an objective that is no metric.

    function: the cost, by the model, the rows of an epoch and the epochs trained. untrained: whether it asks for no epochs, so that it
    is known before a trial trains.
    """

    function: Callable[[Architecture, int, int], int]
    untrained: bool = False


COSTS = table(
    CostEntry(
        "parameters", "weights and biases of the model", function=lambda model, rows, epochs: model.size, untrained=True
    ),
    CostEntry("epochs", "epochs that were trained", function=lambda model, rows, epochs: epochs),
    CostEntry(
        "flops",
        "floating-point operations of a training on all rows that train what is kept",
        function=lambda model, rows, epochs: model.operations * rows * epochs,
        formula="6 * parameters * rows * epochs: a product and a sum forward, twice as many back",
        reference="Kaplan et al. 2020",
    ),
)
"""The costs by name. Seconds are none of them: they differ from run to run."""


def objectives_of(study: Mapping[str, Any]) -> tuple[str, ...]:
    """The objectives where there are several, else none."""
    return tuple(study.get(OBJECTIVES, ()))


def direction_of(objective: str) -> Direction:
    """Which way an objective is better."""
    return "minimize" if objective in COSTS else MeasuredMetric.parse(objective).direction


def directions_of(study: Mapping[str, Any]) -> list[Direction]:
    """Which way each of several objectives is better."""
    return [direction_of(objective) for objective in objectives_of(study)]


def cost_of(objective: str, value: float | None) -> float:
    """A value as a number to minimise, infinite where there is none."""
    if value is None:
        return float("inf")
    return value if direction_of(objective) == "minimize" else -value
