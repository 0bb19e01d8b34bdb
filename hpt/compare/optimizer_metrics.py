"""What is measured of each optimizer beside its score: divergence, ease of tuning, speed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpt.compare.best_after import BestAfter, best_after, doublings
from hpt.compare.records import RunRecord
from hpt.compare.scores import Scores
from hpt.compare.setup import ComparisonSetup
from hpt.compare.statistics import Floats
from hpt.foundation.distributions import clopper_pearson
from hpt.training.cohort import batch_rows
from hpt.training.objective import Objective

NEAR_BEST = 0.05
"""A trial is near the best if its cost is at most this share of the way from the best cost to the baseline's."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """How many of the `runs` of a search diverged; `low` to `high` is the Clopper-Pearson interval of the rate.

    ended_above_start: how many of the others had a higher training loss in their last epoch than in their first.
    """

    runs: int
    diverged: int
    low: float
    high: float
    ended_above_start: int

    @property
    def rate(self) -> float:
        """The share that diverged."""
        return self.diverged / self.runs


def in_units(metric: str, costs: Floats) -> Floats:
    """Costs in the units of `metric`; its own inverse."""
    return costs if Objective.parse(metric).direction == "minimize" else -costs


def divergence(search: Sequence[RunRecord]) -> Divergence:
    """How many runs of a search diverged, or had a higher training loss at their end than at their start."""
    diverged = sum(run.state == "diverged" for run in search)
    losses = [run.history.get("train_loss", ()) for run in search if run.state == "completed"]
    above = sum(values[-1] is not None and values[0] is not None and values[-1] > values[0] for values in losses if values)
    return Divergence(len(search), diverged, *clopper_pearson(diverged, len(search)), above)


def near_best(setup: ComparisonSetup, scores: Scores, name: str) -> tuple[float, float | None]:
    """The share of the search's runs that are near the best of their study, of any optimizer, and the decades of their learning rates."""
    protocol = setup.protocol
    metric = protocol.objective.metric
    best = np.min([scores.costs(metric, "search", other).min(axis=1) for other in protocol.names], axis=0)
    limits = best + NEAR_BEST * (scores.baseline_costs(metric) - best)
    near = scores.costs(metric, "search", name) <= limits[:, None]
    path = f"{protocol.space.prefix(name)}.learning_rate"
    widths = []
    for study, hits in zip(scores.runs("search", name), near, strict=True):
        rates = [run.parameters[path] for run, hit in zip(study, hits, strict=True) if hit and path in run.parameters]
        if rates and min(rates) > 0:
            widths.append(math.log10(max(rates) / min(rates)))
    return float(near.mean()), float(np.median(widths)) if widths else None


def best_after_k(setup: ComparisonSetup, scores: Scores, name: str) -> BestAfter:
    """The expected best value after k trials, in the objective's own units."""
    metric = setup.protocol.objective.metric
    costs = scores.costs(metric, "search", name)
    found = best_after(costs, doublings(costs.shape[1]), seed=setup.protocol.seed)
    if setup.protocol.objective.direction == "minimize":
        return found
    value, low, high = (tuple(-x for x in row) for row in (found.value, found.high, found.low))
    return BestAfter(found.k, value, low, high)


def _curve(setup: ComparisonSetup, scores: Scores) -> str:
    """The validation metric whose curve is recorded: the objective, or the loss where that is measured at the end only."""
    metric = setup.protocol.objective.metric
    runs = (run for study in scores.studies for run in study if run.history)
    first = next(runs, None)
    return metric if first is None or metric in first.history else "validation_loss"


def target_of(setup: ComparisonSetup, scores: Scores, leader: str) -> float:
    """The value that runs should reach: the one configured, or the median final value of the optimizer `leader`."""
    if setup.target is not None:
        return setup.target
    metric = _curve(setup, scores)
    return float(np.median(in_units(metric, scores.curve_costs(metric, setup.protocol.epochs, leader))))


def epochs_to(setup: ComparisonSetup, scores: Scores, name: str, target: float) -> float:
    """The median over the test runs of the epoch that first reaches `target`; a run that never does counts as inf."""
    metric = _curve(setup, scores)
    cost = Objective.parse(metric).cost
    first = [
        next((epoch for epoch, value in enumerate(run.history.get(metric, ()), 1) if cost(value) <= cost(target)), math.inf)
        for study in scores.runs("test", name)
        for run in study
    ]
    return float(sorted(first)[(len(first) - 1) // 2])


def order_at(setup: ComparisonSetup, scores: Scores, share: float) -> tuple[str, ...]:
    """The names in the order of a leaderboard, by the values after this share of the epochs."""
    epoch = max(1, round(share * setup.protocol.epochs))
    metric = _curve(setup, scores)
    rows = {name: scores.curve_costs(metric, epoch, name).mean(axis=1) for name in setup.protocol.names}
    centre = np.mean(list(rows.values()), axis=0)
    return tuple(sorted(rows, key=lambda name: float(np.median(rows[name] - centre))))


def updates_of(setup: ComparisonSetup, scores: Scores, name: str) -> int:
    """The number of updates of one run, the mean over the search."""
    rows = setup.rows["train"]
    sizes = [
        batch_rows(setup.protocol.settings(run.parameters), rows) for study in scores.runs("search", name) for run in study
    ]
    return round(float(np.mean([-(-rows // size) for size in sizes])) * setup.protocol.epochs)
