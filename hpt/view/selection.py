"""What the winner is worth, and how much of the first place was luck."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import standings
from hpt.view.formats import interval, number


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
    again = standings(board.objective, board.records)
    first = next((standing.expected for standing in again if standing.setting == lowest), None)
    seen, expected = number(lowest.value), chosen.expected
    promise = f"{number(expected.value)} ({interval((expected.low, expected.high))})"
    if first is None:
        fate = f"The best value seen was {seen}, of trial {lowest.trial}, which did not end well when trained again"
    else:
        luck = board.objective.cost(first.value) - board.objective.cost(lowest.value)
        share = f"{number(luck, 2)} of it was luck" if luck > 0 else "none of it was luck"
        fate = f"The best value seen was {seen}, of trial {lowest.trial}: trained again it is worth {number(first.value)}, {share}"
    if chosen.setting == lowest:
        return f"{fate}. It is the best all the same: expect {promise}."
    return f"{fate}. Trial {chosen.setting.trial} is worth more: expect {promise}."
