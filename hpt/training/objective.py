"""What a run is judged by."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hpt.numerics.metrics import MeasuredMetric


@dataclass(frozen=True, slots=True)
class Objective(MeasuredMetric):
    """The metric a run is judged by."""

    @property
    def metric(self) -> str:
        """The metric as it is written, which is its key among those of a trial."""
        return str(self)

    def cost(self, value: float | None) -> float:
        """`value` as a number to minimise; what is missing or not finite is +inf."""
        if value is None or not math.isfinite(value):
            return math.inf
        return value if self.direction == "minimize" else -value

    def value(self, cost: float) -> float:
        """The value whose cost is `cost`."""
        return cost if self.direction == "minimize" else -cost
