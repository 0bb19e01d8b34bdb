"""Optima at the end of a range: where the best trials would rather have had more room."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from hpt.configuration.space import SearchSpace
from hpt.configuration.widening import row_of, widened
from hpt.foundation.catalogue import Hyperparameter, Range
from hpt.foundation.dimension import Dimension
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import searching

SHARE = 0.1
"""The outer share of a range, on its own scale, that counts as its end."""
BEST = 10
"""How many of the best trials are looked at."""


@dataclass(frozen=True, slots=True)
class Edge:
    """A hyperparameter whose best values lie at one end of its range.

    value: the winner's. among: how many of the `of` best trials that have it lie at that end. wider: the range to try.
    """

    path: str
    end: Literal["low", "high"]
    value: Any
    search: Range
    wider: Range
    among: int
    of: int


def edges_of(space: SearchSpace, board: Leaderboard) -> list[Edge]:
    """The edges of the winner of `board`: of the setting that was chosen, where promising ones were trained again."""
    first = board.chosen.setting if board.chosen is not None else None
    others = [record for record in searching(board.records) if first is None or record.trial != first.trial]
    return edges(space, others if first is None else [first, *others])


def edges(space: SearchSpace, best_first: Sequence[TrialRecord]) -> list[Edge]:
    """The edges of the winner, the first of `best_first`, which at least half of the best trials share."""
    completed = [record for record in best_first if record.eligible][:BEST]
    if not completed:
        return []
    label = space.label(completed[0].parameters)
    found = []
    for dimension in space.dimensions(label):
        values = [record.parameters[dimension.path] for record in completed if dimension.path in record.parameters]
        edge = _edge(dimension, values, row_of(space, label, dimension))
        if edge is not None and edge.among * 2 >= edge.of:
            found.append(edge)
    return found


def _edge(dimension: Dimension, values: Sequence[Any], row: Hyperparameter) -> Edge | None:
    search = dimension.search
    if not isinstance(search, Range) or not values:
        return None
    ends = [_end(search, value) for value in values]
    end = ends[0]
    if end is None:
        return None
    wider = widened(search, end, row)
    return None if wider is None else Edge(dimension.path, end, values[0], search, wider, ends.count(end), len(ends))


def _end(search: Range, value: float) -> Literal["low", "high"] | None:
    """The end of `search` at which `value` lies, None in between."""
    low, high, at = (search.scaling.level(number) for number in (search.min, search.max, value))
    share = (at - low) / (high - low)
    return "low" if share <= SHARE else "high" if share >= 1 - SHARE else None
