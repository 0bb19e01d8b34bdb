"""What a trained model is worth on the test rows, and how sure that is."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt.foundation.errors import InputError
from hpt.foundation.finite import finite
from hpt.foundation.randomness import generator
from hpt.numerics.metrics import MeasuredMetric, measure
from hpt.numerics.types import Floats
from hpt.training.problem import Problem
from hpt.training.settings import Member
from hpt.training.trained_model import measured_on_test_rows, outcomes_on_test_rows

CONFIDENCE = 0.95
_NORMAL_QUANTILE = 1.959963984540054
_RESAMPLES = 1000
_MOST_CELLS = 20_000_000
_LEAST_RESAMPLES = 100

Interval = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Tested:
    """The winner on the test rows.

    metric: what says in plain terms how good it is, accuracy or rmse. metrics: all, with their part. intervals: 95% of those.
    optimistic: whether the same metric on the validation rows was better than the interval.
    """

    trial: int
    metric: str
    rows: int
    metrics: Mapping[str, float | None]
    intervals: Mapping[str, Interval | None]
    optimistic: bool
    validation: float | None

    def document(self) -> dict[str, Any]:
        """As `run.json` and `--json` have it: the metrics, and of the one in plain terms its short name and its interval."""
        shown = f"test_{self.metric}"
        told = {name: list(bounds) if bounds else None for name, bounds in self.intervals.items()}
        return {
            **self.metrics,
            self.metric: self.metrics[shown],
            "interval": told[shown],
            "rows": self.rows,
            "intervals": told,
            "metric": self.metric,
            "optimistic": self.optimistic,
            "validation": self.validation,
            "trial": self.trial,
        }


def check_test_rows(problem: Problem) -> None:
    """Raises InputError where there are no test rows to open."""
    if problem.dataset.test is None:
        raise InputError("--test: expected test rows, found data.test: 0. Give it a share, such as --set data.test=0.2.")


def opened(
    problem: Problem, member: Member, weights: Mapping[str, Floats], before: Mapping[str, float | None], seed: int
) -> Tested:
    """The model of `member` with these weights on the test rows of `problem`. before: its metrics on the other rows."""
    values = measured_on_test_rows(problem, member, weights)
    rows = len(problem.part("test").inputs)
    intervals = _bootstrapped(problem, member, weights, values, seed)
    metric = "accuracy" if problem.classes else "rmse"
    shown = f"test_{metric}"
    if problem.classes:
        intervals[shown] = wilson(round(values[shown] * rows), rows)
    validation = before.get(f"validation_{metric}")
    return Tested(
        trial=member.trial,
        metric=metric,
        rows=rows,
        metrics={name: finite(value) for name, value in values.items()},
        intervals=intervals,
        optimistic=_better(shown, validation, intervals[shown]),
        validation=validation,
    )


def wilson(hits: int, rows: int) -> Interval:
    """Wilson's interval (1927) for a share of which `hits` of `rows` were seen."""
    square = _NORMAL_QUANTILE**2
    share = hits / rows
    middle = (share + square / (2 * rows)) / (1 + square / rows)
    half = _NORMAL_QUANTILE / (1 + square / rows) * math.sqrt(share * (1 - share) / rows + square / (4 * rows * rows))
    return max(0.0, min(middle - half, share)), min(1.0, max(middle + half, share))


def _better(metric: str, validation: float | None, interval: Interval | None) -> bool:
    if validation is None or interval is None:
        return False
    return validation > interval[1] if MeasuredMetric.parse(metric).direction == "maximize" else validation < interval[0]


def _bootstrapped(
    problem: Problem, member: Member, weights: Mapping[str, Floats], values: Mapping[str, float], seed: int
) -> dict[str, Interval | None]:
    """The interval of each metric between the quantiles of its values on rows drawn with replacement; None where undefined."""
    outcome = outcomes_on_test_rows(problem, member, weights)
    rows = len(problem.part("test").inputs)
    random = generator("bootstrap", seed)
    resamples = max(_LEAST_RESAMPLES, min(_RESAMPLES, _MOST_CELLS // rows))
    drawn = [measure(outcome(random.integers(rows, size=rows)), "test", every_epoch=False) for _ in range(resamples)]
    found: dict[str, Interval | None] = {}
    for name, value in values.items():
        seen = np.array([float(metrics[name][0]) for metrics in drawn])
        seen = seen[np.isfinite(seen)]
        if not len(seen) or not math.isfinite(value):
            found[name] = None
            continue
        low, high = np.quantile(seen, [(1 - CONFIDENCE) / 2, (1 + CONFIDENCE) / 2])
        found[name] = (min(float(low), value), max(float(high), value))
    return found
