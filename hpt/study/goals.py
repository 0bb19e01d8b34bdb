"""Several objectives of a study: their values for a trial, and the trials that no other dominates."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, replace

from hpt.foundation.finite import finite
from hpt.runs.trial_record import TrialRecord
from hpt.search.dominance import front
from hpt.study.leaderboard import Leaderboard
from hpt.training.objectives import COSTS, cost_of
from hpt.training.result import TrainingResult
from hpt.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Goals:
    """names: the objectives, none where there is one only. weights: how many weights a model with some settings has."""

    names: tuple[str, ...] = ()
    weights: Callable[[Settings], int] = lambda settings: 0

    def values(self, settings: Settings, result: TrainingResult) -> tuple[float | None, ...]:
        """The value of each objective for a trial with `settings` that came to `result`."""
        costs = {"parameters": float(self.weights(settings)), "epochs": float(result.epochs)} if self.names else {}
        return tuple(costs[name] if name in COSTS else finite(result.metrics.get(name, float("nan"))) for name in self.names)


def front_of(names: tuple[str, ...], records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """The completed trials that no other dominates in the objectives `names`, by the first of these; none where there is one only."""
    completed = [record for record in records if record.state == "completed" and len(record.values) == len(names) > 0]
    costs = [[cost_of(name, value) for name, value in zip(names, record.values, strict=True)] for record in completed]
    return [completed[index] for index in front(costs)]


def front_board(board: Leaderboard, names: tuple[str, ...]) -> Leaderboard:
    """The front as a leaderboard, whose trials have all objectives among their metrics."""
    records = [
        replace(r, metrics={**r.metrics, **dict(zip(names, r.values, strict=True))}) for r in front_of(names, board.records)
    ]
    return Leaderboard(board.objective, tuple(records))
