"""What is said of a winner that was better before it ended."""

from __future__ import annotations

from hpt.study.leaderboard import Leaderboard
from hpt.study.turning import turning_point
from hpt.view.formats import number


def turned(board: Leaderboard) -> str | None:
    """A sentence where the winner's curve turned, None where it did not."""
    at, best, metric = turning_point(board), board.best, board.objective.metric
    if at is None or best is None:
        return None
    return (
        f"The winner was better before it ended: {metric} {number(best.history[metric][at])} at epoch {at + 1}, "
        f"{number(best.value)} at the end. training.checkpoint: best_validation keeps the best epoch."
    )
