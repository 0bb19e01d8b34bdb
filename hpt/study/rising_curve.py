"""Whether the winner was better before it ended."""

from __future__ import annotations

import math
from itertools import pairwise
from statistics import pstdev

from hpt.study.leaderboard import Leaderboard

_DEVIATIONS = 3
_LEAST_SHARE = 0.02
_FEWEST = 6


def turning_point(board: Leaderboard) -> int | None:
    """The index of the best epoch of a winner that ended worse than it by more than its curve jumps from one epoch to the next.

    Where the best epoch is kept, a trial is worth what that was, and there is none.
    """
    best, objective = board.best, board.objective
    costs = [objective.cost(value) for value in (best.history.get(objective.metric, ()) if best is not None else ())]
    if best is None or len(costs) < _FEWEST or not all(map(math.isfinite, costs)):
        return None
    lowest = min(range(len(costs)), key=costs.__getitem__)
    rise = objective.cost(best.value) - costs[lowest]
    noise = pstdev([after - before for before, after in pairwise(costs[len(costs) // 2 :])])
    return lowest if rise > max(_DEVIATIONS * noise, _LEAST_SHARE * abs(costs[lowest])) else None
