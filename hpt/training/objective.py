"""What a run is judged by."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

from hpt.numerics.metrics import METRICS


@dataclass(frozen=True, slots=True)
class Objective:
    """The metric a run is judged by, with its prefix, such as `validation_loss`."""

    metric: str

    @property
    def prefix(self) -> str:
        return self.metric.partition("_")[0]

    @property
    def direction(self) -> Literal["minimize", "maximize"]:
        """Which way is better."""
        return METRICS[self.metric.partition("_")[2]].direction

    def cost(self, value: float | None) -> float:
        """`value` as a number to minimise; what is missing or not finite is +inf."""
        if value is None or not math.isfinite(value):
            return math.inf
        return value if self.direction == "minimize" else -value
