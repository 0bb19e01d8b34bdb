"""When a member ends before its last epoch."""

from __future__ import annotations

import math
from collections.abc import Mapping

from hpt.training.objective import Objective
from hpt.training.result import Reason
from hpt.training.settings import Settings


def ending(
    settings: Settings, objective: Objective, epoch: int, metrics: Mapping[str, float], since_best: int
) -> tuple[Reason, str | None] | None:
    """Why a member ends after `epoch`, with the criterion that was met; None if it goes on.

    metrics: those of this epoch by prefixed name, with `gradient_norm` of its last batch where a criterion watches it, and any other
    `…_loss` that must be finite. A criterion `<metric>_below` or `<metric>_above` is named after what it watches. since_best: epochs
    without a better objective.
    """
    judged = [value for name, value in metrics.items() if name.endswith("_loss") or name == objective.metric]
    if not all(map(math.isfinite, judged)):
        return "diverged", None
    stop = settings.training["stop"]
    for criterion, bound in stop.items():
        metric, _, side = criterion.rpartition("_")
        if bound is None or side not in ("below", "above"):
            continue
        if metrics[metric] < bound if side == "below" else metrics[metric] > bound:
            return "converged", criterion
    if epoch >= settings.training["epochs"]:
        return "epochs", None
    patience = stop.get("patience")
    if patience is not None and since_best >= patience:
        return "patience", "patience"
    return None
