"""Whether the winner of a study beats what it has to beat."""

from __future__ import annotations

from collections.abc import Mapping

from hpt.evaluate.baselines import CONSTANT, Baselines
from hpt.study.leaderboard import Leaderboard


def unbeaten(board: Leaderboard, known: Baselines) -> tuple[str, ...]:
    """The baselines that the winner is no better than, by the objective; none where there is no winner."""
    if board.best is None:
        return ()
    won = board.objective.cost(board.best.value)
    return tuple(name for name, metrics in known.items() if won >= _cost(board, metrics))


def worse_than_constant(board: Leaderboard, known: Baselines) -> bool:
    """Whether there is a winner, and it is worse than a model that has learned nothing."""
    if board.best is None or CONSTANT not in known:
        return False
    return board.objective.cost(board.best.value) > _cost(board, known[CONSTANT])


def _cost(board: Leaderboard, metrics: Mapping[str, float | None]) -> float:
    """Infinite where the objective is not defined for a baseline, which any winner then beats."""
    return board.objective.cost(metrics.get(board.objective.metric))
