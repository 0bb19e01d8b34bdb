"""Is a study enough? What as many trials again would bring, and which settings cannot be told apart."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import Standing, searching, standings

FEWEST = 10
"""Fewer completed trials have no curve of the best after so many."""
CONFIDENCE = 0.95


@dataclass(frozen=True, slots=True)
class More:
    """How much better the best value seen gets by `trials` more, about, and the upper end of a one-sided 95% interval from 0.

    It is what the second half of the trials brought, over all orders in which they might have come: the curve of the best after k trials
    flattens, so as many again bring no more, unless the search has only now found where to look.
    """

    trials: int
    gain: float
    high: float


@dataclass(frozen=True, slots=True)
class Outlook:
    """What can be said of going on.

    alike: the trials of the settings trained again that cannot be told from the winner, which is the first of them.
    unsure: half of the interval of what the winner is worth, None where that is not known.
    """

    more: More | None
    alike: tuple[int, ...]
    unsure: float | None = None

    @property
    def enough(self) -> bool | None:
        """Whether more trials would bring less than what is unsure anyway; None where one of the two is not known.

        Where all runs came to the same, how unsure it is is not known.
        """
        return None if self.more is None or not self.unsure else self.more.gain < self.unsure


def outlook(board: Leaderboard) -> Outlook:
    """That of the study on `board`."""
    again = standings(board.objective, board.records) if board.chosen else ()
    searched = searching(board.records)
    costs = [board.objective.cost(record.value) for record in searched if record.eligible]
    worth = board.chosen.expected if board.chosen else None
    return Outlook(_more(costs, len(searched)), _alike(again), worth.unsure if worth else None)


def _more(costs: Sequence[float], trials: int) -> More | None:
    """From the costs of the completed ones among `trials` trials."""
    ascending = sorted(costs)
    if len(ascending) < FEWEST:
        return None
    # A trial that was not completed, or came to nothing, is no worse than the median: how bad it was says nothing of the best.
    worst = ascending[len(ascending) // 2]
    ascending = [min(cost, worst) for cost in ascending]
    half = trials // 2
    # The chance that the best of half of the trials is the i-th of all (Dodge et al. 2019, without replacement).
    chance, known, gain, high = half / trials, 0.0, 0.0, worst - ascending[0]
    for index, cost in enumerate(ascending, 1):
        gain += chance * (cost - ascending[0])
        if known < CONFIDENCE <= known + chance:
            high = cost - ascending[0]
        known += chance
        chance *= max(trials - index - half + 1, 0) / max(trials - index, 1)
    return More(trials, gain + max(1 - known, 0.0) * (worst - ascending[0]), high)


def _alike(again: Sequence[Standing]) -> tuple[int, ...]:
    """The leading settings whose mean differs from the first by less than the interval of the difference."""
    if not again or again[0].expected is None:
        return ()
    first = again[0].expected
    alike = []
    for standing in again:
        other = standing.expected
        if other is None:
            break
        half = math.hypot(first.unsure, other.unsure)
        if abs(other.value - first.value) > half:
            break
        alike.append(standing.setting.trial)
    return tuple(alike)
