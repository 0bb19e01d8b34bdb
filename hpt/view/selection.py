"""What the winner is worth, and how much of the first place was luck."""

from __future__ import annotations

from hpt.analysis.outlook import More, outlook
from hpt.study.leaderboard import Leaderboard
from hpt.study.rising_curve import turning_point
from hpt.study.selection import Expected, standings
from hpt.view.formats import ESTIMATE_DIGITS, interval, number


def luck_sentence(board: Leaderboard) -> str:
    """How much of the first place was luck, as far as it is known; there must be a best trial."""
    chosen, lowest = board.chosen, board.lowest
    if chosen is None or chosen.expected is None or lowest is None:
        again = standings(board.objective, board.records)
        why = "none that was trained again may win" if again else "no setting was trained again"
        if any(standing.expected for standing in again):
            why = "more trials came after settings were trained again"
        return f"It was chosen by the best value seen, luck included: {why}."
    seen = f"The best value seen was {number(lowest.value)}, of trial {lowest.trial}"
    expected = chosen.expected
    promise = number(expected.value)
    if expected.unsure:
        promise += f" ({interval((expected.low, expected.high))})"
    if not chosen.expected.runs:
        return f"{seen}. By a model of the search, trial {chosen.setting.trial} is best: expect {promise} when it is trained again."
    again = standings(board.objective, board.records)
    first = next((standing for standing in again if standing.setting == lowest), None)
    if chosen.setting == lowest:
        return f"{seen}: trained again it is worth {promise}, the best of {len(again)} settings, {_luck(board, chosen.expected)}."
    if first is None:
        return f"{seen}, where a model of the search finds luck. Of {len(again)} settings trained again trial {chosen.setting.trial} \
is best: expect {promise}."
    if first.expected is None:
        ended = "violated a constraint" if any(run.violates for run in first.runs) else "did not end well"
        return f"{seen}, which {ended} when trained again. Trial {chosen.setting.trial} did: expect {promise}."
    worth = f"trained again it is worth {number(first.expected.value)}, {_luck(board, first.expected)}"
    return f"{seen}: {worth}. Trial {chosen.setting.trial} is worth more: expect {promise}."


def _luck(board: Leaderboard, expected: Expected) -> str:
    """How far the lowest value seen was better than what its setting is worth."""
    assert board.lowest is not None, "it is what was trained again"
    luck = board.objective.cost(expected.value) - board.objective.cost(board.lowest.value)
    # What differs by rounding alone is no luck.
    some = luck > 1e-12 * abs(expected.value)
    return f"{number(luck, ESTIMATE_DIGITS)} of it was luck" if some else "none of it was luck"


def kept_sentence(networks: int) -> str | None:
    """What is kept of the winner's setting, None where that is one network."""
    if networks == 1:
        return None
    return f"Kept are {networks} networks of the winner's setting, each from its own initialisation; a prediction averages them."


def turned(board: Leaderboard) -> str | None:
    """A sentence where the winner's curve turned, None where it did not."""
    at, best, metric = turning_point(board), board.best, board.objective.metric
    if at is None or best is None:
        return None
    return (
        f"The winner was better before it ended: {metric} {number(best.history[metric][at])} at epoch {at + 1}, "
        f"{number(best.value)} at the end. training.checkpoint: best_validation keeps the best epoch."
    )


def outlook_sentence(board: Leaderboard, matters: str | None) -> str:
    """Whether the study is enough. matters: the hyperparameter that matters most among its best settings."""
    found = outlook(board)
    said = [_more(found.more, found.unsure)] if found.more is not None else []
    if len(found.alike) > 1:
        said.append(f"The first {len(found.alike)} settings cannot be told apart.")
    if matters is not None:
        said.append(f"Among the best, {matters} matters most.")
    return " ".join(said)


def _more(more: More, unsure: float | None) -> str:
    gain = f"{number(more.gain, ESTIMATE_DIGITS)} (0 to {number(more.high, ESTIMATE_DIGITS)})"
    start = f"{more.trials} trials more would better the value seen by about {gain}"
    if not unsure:
        return f"{start}."
    less, verdict = ("less", "it is enough") if more.gain < unsure else ("more", "they may pay")
    return f"{start}, {less} than what is unsure about the winner ({number(unsure, ESTIMATE_DIGITS)}): {verdict}."
