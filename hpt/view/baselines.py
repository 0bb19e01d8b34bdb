"""What a winner had to beat, and in words whether it did."""

from __future__ import annotations

from collections.abc import Mapping

from hpt.evaluate.baselines import CONSTANT, LINEAR, Baselines
from hpt.study.baselines import unbeaten, worse_than_constant
from hpt.study.leaderboard import Leaderboard
from hpt.view.formats import number
from hpt.view.leaderboard import companion
from hpt.view.page import Emphasis, Facts, Sentence

_TITLES: Mapping[str, str] = {CONSTANT: "baseline: constant", LINEAR: "baseline: linear model"}


def baseline_lines(board: Leaderboard, known: Baselines) -> list[Facts]:
    """A line for each baseline: the objective, and the metric that says in plain terms how good it is."""
    return [Facts([_TITLES.get(name, name), *_measured(board, metrics)], "muted") for name, metrics in known.items()]


def verdict(board: Leaderboard, known: Baselines) -> Sentence | None:
    """A sentence where the winner is no better than a baseline."""
    best, losing = board.best, unbeaten(board, known)
    if best is None or not losing:
        return None
    metric = board.objective.metric
    emphasis: Emphasis = "warning"
    if CONSTANT in losing:
        against = f"{metric} {number(best.value)}, against {number(known[CONSTANT].get(metric))}"
        if worse_than_constant(board, known):
            emphasis = "error"
            text = f"The winner is worse than a model that answers the same for every row: {against}. This is no result."
        else:
            text = f"The winner is no better than a model that answers the same for every row: {against}."
    else:
        against = f"{metric} {number(best.value)}, against {number(known[LINEAR].get(metric))}"
        text = (
            f"The winner does not beat a linear model: {against}. Take the linear model (model: linear), "
            "or search longer: more epochs, trials or units."
        )
    return Sentence(text, emphasis)


def _measured(board: Leaderboard, metrics: Mapping[str, float | None]) -> list[str]:
    objective = board.objective.metric
    other = companion(metrics, objective)
    return [f"{name} {number(metrics.get(name))}" for name in (objective, other) if name]
