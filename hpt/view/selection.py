"""What the winner is worth, and how much of the first place was luck."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hpt.study.leaderboard import Leaderboard
from hpt.study.rising_curve import turning_point
from hpt.study.selection import Expected, standings
from hpt.view.formats import ESTIMATE_DIGITS, interval, number


def selection_fields(board: Leaderboard) -> dict[str, Any]:
    """What a document says of the winner beside its own trial.

    seen: the lowest value of its setting in the search. setting: the trial that had it. expected: what the setting is worth with fresh
    initialisations, None where it was not trained again.
    """
    chosen, best = board.chosen, board.best
    if chosen is None or chosen.expected is None:
        return {"seen": best.value if best else None, "setting": best.trial if best else None, "expected": None}
    return {"seen": chosen.setting.value, "setting": chosen.setting.trial, "expected": asdict(chosen.expected)}


def luck_sentence(board: Leaderboard) -> str:
    """How much of the first place was luck, as far as it is known; there must be a best trial."""
    chosen, lowest = board.chosen, board.lowest
    if chosen is None or chosen.expected is None or lowest is None:
        return "It was chosen by the best value seen, luck included: no setting was trained again."
    seen = f"The best value seen was {number(lowest.value)}, of trial {lowest.trial}"
    promise = _promise(chosen.expected)
    if not chosen.expected.runs:
        return f"{seen}. By a model of all trials, trial {chosen.setting.trial} is best: expect {promise}."
    again = standings(board.objective, board.records)
    first = next((standing for standing in again if standing.setting == lowest), None)
    if chosen.setting == lowest:
        return f"{seen}: trained again it is worth {promise}, the best of {len(again)} settings, {_luck(board, chosen.expected)}."
    if first is None:
        return f"{seen}, where a model of all trials finds luck. Of {len(again)} settings trained again trial {chosen.setting.trial} \
is best: expect {promise}."
    if first.expected is None:
        return f"{seen}, which did not end well when trained again. Trial {chosen.setting.trial} did: expect {promise}."
    worth = f"trained again it is worth {number(first.expected.value)}, {_luck(board, first.expected)}"
    return f"{seen}: {worth}. Trial {chosen.setting.trial} is worth more: expect {promise}."


def _promise(expected: Expected) -> str:
    return f"{number(expected.value)} ({interval((expected.low, expected.high))})"


def _luck(board: Leaderboard, expected: Expected) -> str:
    """How far the lowest value seen was better than what its setting is worth."""
    assert board.lowest is not None, "it is what was trained again"
    luck = board.objective.cost(expected.value) - board.objective.cost(board.lowest.value)
    return f"{number(luck, ESTIMATE_DIGITS)} of it was luck" if luck > 0 else "none of it was luck"


def turned(board: Leaderboard) -> str | None:
    """A sentence where the winner's curve turned, None where it did not."""
    at, best, metric = turning_point(board), board.best, board.objective.metric
    if at is None or best is None:
        return None
    return (
        f"The winner was better before it ended: {metric} {number(best.history[metric][at])} at epoch {at + 1}, "
        f"{number(best.value)} at the end. training.checkpoint: best_validation keeps the best epoch."
    )
