"""Several objectives of a study: metrics, and what a trial costs."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt.numerics.metrics import Direction, MeasuredMetric

OBJECTIVES = "objectives"
"""The key under which the section `study`, once it is read, has all of several objectives; `objective` is the first."""
COSTS = ("parameters", "epochs")
"""Objectives that are no metrics, and are minimised: the number of weights, and the epochs trained."""


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
