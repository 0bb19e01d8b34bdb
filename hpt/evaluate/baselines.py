"""What any trial has to beat, where a trial may be a mean over several problems."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hpt.evaluate.repeated import mean
from hpt.foundation.finite import finite
from hpt.training.baselines import constant_metrics, linear_metrics
from hpt.training.problem import Problem

CONSTANT = "constant"
LINEAR = "linear"

Baselines = Mapping[str, Mapping[str, float | None]]
"""By baseline, its metrics; non-finite ones are None. Empty where none was trained."""


def baselines(problems: Iterable[Problem], chosen: Mapping[str, Any] | None) -> Baselines:
    """The baselines, trained on the rows that trials train on, under the loss `chosen`; of several problems the means over them."""
    found: dict[str, list[Mapping[str, float]]] = {CONSTANT: [], LINEAR: []}
    for problem in problems:
        found[CONSTANT].append(constant_metrics(problem, chosen))
        found[LINEAR].append(linear_metrics(problem, chosen))
    return {
        name: {metric: finite(mean([metrics[metric] for metrics in each])) for metric in each[0]}
        for name, each in found.items()
    }
