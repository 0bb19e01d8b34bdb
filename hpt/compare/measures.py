"""What each optimizer took in a comparison: luck, tuning, time."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpt.compare.best_after import BestAfter, best_after, doublings
from hpt.compare.distributions import clopper_pearson
from hpt.compare.records import RunRecord
from hpt.compare.scores import Evidence
from hpt.compare.setup import Terms
from hpt.compare.statistics import Floats
from hpt.training.cohort import batch_rows
from hpt.training.objective import Objective

NEAR_BEST = 0.05
"""How far from the overall best, as a share of the way to the constant predictor, a trial still counts as near it."""


@dataclass(frozen=True, slots=True)
class Divergence:
    """How many of `runs` in the search diverged, from `low` to `high` the rate's Clopper-Pearson interval.

    ended_above_start: how many of the others ended with more training loss than in their first epoch.
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
    return costs if Objective(metric).direction == "minimize" else -costs


def divergence(search: Sequence[RunRecord]) -> Divergence:
    """How often the runs of a search diverged, or ended worse than they began."""
    diverged = sum(run.state == "diverged" for run in search)
    losses = [run.history.get("train_loss", ()) for run in search if run.state == "completed"]
    above = sum(values[-1] is not None and values[0] is not None and values[-1] > values[0] for values in losses if values)
    return Divergence(len(search), diverged, *clopper_pearson(diverged, len(search)), above)


def near_best(terms: Terms, evidence: Evidence, name: str) -> tuple[float, float | None]:
    """The share of the search's runs near the overall best of their study, and the decades their learning rates span."""
    protocol = terms.protocol
    metric = protocol.objective.metric
    best = np.min([evidence.costs(metric, "search", other).min(axis=1) for other in protocol.names], axis=0)
    limits = best + NEAR_BEST * (evidence.caps(metric) - best)
    near = evidence.costs(metric, "search", name) <= limits[:, None]
    path = f"{protocol.space.prefix(name)}.learning_rate"
    widths = []
    for study, hits in zip(evidence.runs("search", name), near, strict=True):
        rates = [run.parameters[path] for run, hit in zip(study, hits, strict=True) if hit and path in run.parameters]
        if rates and min(rates) > 0:
            widths.append(math.log10(max(rates) / min(rates)))
    return float(near.mean()), float(np.median(widths)) if widths else None


def best_after_k(terms: Terms, evidence: Evidence, name: str) -> BestAfter:
    """In the objective's own units."""
    metric = terms.protocol.objective.metric
    costs = evidence.costs(metric, "search", name)
    found = best_after(costs, doublings(costs.shape[1]), seed=terms.protocol.seed)
    if terms.protocol.objective.direction == "minimize":
        return found
    value, low, high = (tuple(-x for x in row) for row in (found.value, found.high, found.low))
    return BestAfter(found.k, value, low, high)


def _curve(terms: Terms, evidence: Evidence) -> str:
    """The validation metric whose curve is recorded: the objective, or the loss where that is measured at the end only."""
    metric = terms.protocol.objective.metric
    runs = (run for study in evidence.studies for run in study if run.history)
    first = next(runs, None)
    return metric if first is None or metric in first.history else "validation_loss"


def target_of(terms: Terms, evidence: Evidence, leader: str) -> float:
    """The one that was set, or the leader's median final value."""
    if terms.target is not None:
        return terms.target
    metric = _curve(terms, evidence)
    return float(np.median(in_units(metric, evidence.curve_costs(metric, terms.protocol.epochs, leader))))


def epochs_to(terms: Terms, evidence: Evidence, name: str, target: float) -> float:
    """The epoch by which half of the test runs have reached `target`; a miss is inf and stays in the count."""
    metric = _curve(terms, evidence)
    cost = Objective(metric).cost
    first = [
        next((epoch for epoch, value in enumerate(run.history.get(metric, ()), 1) if cost(value) <= cost(target)), math.inf)
        for study in evidence.runs("test", name)
        for run in study
    ]
    return float(sorted(first)[(len(first) - 1) // 2])


def order_at(terms: Terms, evidence: Evidence, share: float) -> tuple[str, ...]:
    """The order, as on the screen, after a share of the epochs."""
    epoch = max(1, round(share * terms.protocol.epochs))
    metric = _curve(terms, evidence)
    rows = {name: evidence.curve_costs(metric, epoch, name).mean(axis=1) for name in terms.protocol.names}
    centre = np.mean(list(rows.values()), axis=0)
    return tuple(sorted(rows, key=lambda name: float(np.median(rows[name] - centre))))


def updates_of(terms: Terms, evidence: Evidence, name: str) -> int:
    """Updates of one run, the mean over the search."""
    rows = terms.rows["train"]
    sizes = [
        batch_rows(terms.protocol.settings(run.parameters), rows) for study in evidence.runs("search", name) for run in study
    ]
    return round(float(np.mean([-(-rows // size) for size in sizes])) * terms.protocol.epochs)
