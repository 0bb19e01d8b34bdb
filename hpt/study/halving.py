"""Synchronous successive halving: all of a generation meets at each rung, and the better part goes on."""

from __future__ import annotations

import math
from collections.abc import Mapping


def survivors(costs: Mapping[int, float], eta: int) -> frozenset[int]:
    """The ⌈n / eta⌉ trials of lowest cost among n; `costs` by trial number, which decides ties, not finite last."""
    order = sorted(costs, key=lambda trial: (costs[trial] if math.isfinite(costs[trial]) else math.inf, trial))
    return frozenset(order[: -(-len(order) // eta)])
