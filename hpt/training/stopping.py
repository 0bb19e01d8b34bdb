"""When a member ends before its last epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping
from functools import cache

from hpt.numerics.metrics import MeasuredMetric
from hpt.training.objective import Objective
from hpt.training.result import Reason
from hpt.training.settings import Settings


def watched(criterion: str) -> tuple[str, bool] | None:
    """The metric that `<metric>_below` or `<metric>_above` watches, and whether it is met below; None for `patience`."""
    metric, _, side = criterion.rpartition("_")
    return (metric, side == "below") if side in ("below", "above") else None


@cache
def _is_loss(name: str) -> bool:
    return MeasuredMetric.parse(name).name == "loss"


def ending(
    settings: Settings, objective: Objective, epoch: int, metrics: Mapping[str, float], since_best: int
) -> tuple[Reason, str | None] | None:
    """Why a member ends after `epoch`, with the criterion that was met; None if it goes on.

    metrics: those of this epoch by prefixed name, with `gradient_norm` of its last batch where a criterion watches it, and any other
    `…_loss` that must be finite. since_best: epochs
    without a better objective.
    """
    judged = [value for name, value in metrics.items() if _is_loss(name) or name == objective.metric]
    if not all(map(math.isfinite, judged)):
        return "diverged", None
    stop = settings.training["stop"]
    for criterion, bound in stop.items():
        watch = watched(criterion)
        if bound is None or watch is None:
            continue
        metric, below = watch
        if metrics[metric] < bound if below else metrics[metric] > bound:
            return "converged", criterion
    if epoch >= settings.training["epochs"]:
        return "epochs", None
    patience = stop.get("patience")
    if patience is not None and since_best >= patience:
        return "patience", "patience"
    return None
