"""What the winner of a study has to beat, and whether it does."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from hpt.evaluate.repeated import mean
from hpt.foundation.finite import finite
from hpt.study.leaderboard import Leaderboard
from hpt.training.baselines import constant_metrics, linear_metrics
from hpt.training.problem import Problem

CONSTANT = "constant"
LINEAR = "linear"

Baselines = Mapping[str, Mapping[str, float | None]]
"""By baseline, its metrics; non-finite ones are None. Empty where none was trained."""


def baselines(problems: Iterable[Problem], chosen: Mapping[str, Any] | None) -> Baselines:
    """The baselines, trained on the rows that trials train on, under the loss `chosen`; of several problems the means over them."""
    found: dict[str, list[Mapping[str, float]]] = {CONSTANT: [], LINEAR: []}
    for problem in problems:
        found[CONSTANT].append(constant_metrics(problem, chosen))
        found[LINEAR].append(linear_metrics(problem, chosen))
    return {
        name: {metric: finite(mean([metrics[metric] for metrics in each])) for metric in each[0]}
        for name, each in found.items()
    }


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
