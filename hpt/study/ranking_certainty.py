"""Whether the rows that rank trials are enough to tell the first ones apart."""

from __future__ import annotations

import json
import math
from collections.abc import Callable, Mapping

from hpt.data.drawing import fold_count
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import REFIT
from hpt.study.study_data import StudyData

FIRST = 10
FEW_ROWS = 30
"""Below so many rows that validate, over all folds, a ranking says little whatever it shows."""


def _share(value: float, rows: int) -> float:
    return math.sqrt(max(value * (1 - value), 0.0) / rows)


_ERRORS: Mapping[tuple[str, str], Callable[[float, int], float]] = {
    ("classification", "loss"): lambda value, rows: value / math.sqrt(rows),
    ("classification", "accuracy"): _share,
    ("classification", "balanced_accuracy"): _share,
    ("classification", "macro_f1"): _share,
    ("regression", "loss"): lambda value, rows: value * math.sqrt(2 / rows),
    ("regression", "rmse"): lambda value, rows: value / math.sqrt(2 * rows),
    ("regression", "mae"): lambda value, rows: value * math.sqrt((math.pi / 2 - 1) / rows),
    ("regression", "r2"): lambda value, rows: (1 - value) * math.sqrt(2 / rows),
}
"""By task and metric, the standard error of a value over so many rows, from the value alone.

Of shares it is the binomial's, in regression that of normal errors. The losses of rows in classification spread at least as an exponential
distribution, whose standard deviation is its mean.
"""


def doubtful_ranking(board: Leaderboard, data: StudyData) -> str | None:
    """What is said where the first trials cannot be told apart by the rows that validate; None where they can, or none validate."""
    counts = [len(part.inputs) for problem in data.each() if (part := problem.dataset.validation) is not None]
    first = _first_settings(board)
    if not counts or board.objective.part != "validation" or len(first) < 2:
        return None
    rows, folds = sum(counts), fold_count(data.config.data)
    judged = f"{rows} validation row{'s' if rows > 1 else ''}" + (f" in {folds} folds" if folds > 1 else "")
    if rows < FEW_ROWS:
        return f"trials are ranked by {judged}: too few to tell which settings are better. Look for more rows."
    spread = board.objective.cost(first[-1].value) - board.objective.cost(first[0].value)
    error = _error(board, data, first[0], rows)
    if error is None or spread >= error:
        return None
    remedy = "look for more rows" if folds > 1 else "let more rows validate (data.folds)"
    return (
        f"the first {len(first)} settings cannot be told apart: they differ by {spread:.2g} in {board.objective.metric}, whose standard"
        f" error over {judged} is about {error:.2g}. Take any of them, or {remedy}."
    )


def _first_settings(board: Leaderboard) -> list[TrialRecord]:
    """The first trials that were completed, of equal settings the first."""
    found: dict[str, TrialRecord] = {}
    for record in board.records:
        if record.eligible and record.phase != REFIT:
            found.setdefault(json.dumps(dict(record.coordinates), sort_keys=True), record)
    return list(found.values())[:FIRST]


def _error(board: Leaderboard, data: StudyData, record: TrialRecord, rows: int) -> float | None:
    """The standard error of the value of `record`: measured over folds where there are any, else estimated from the value."""
    if fold_count(data.config.data) > 1:
        return record.value_error
    estimate = _ERRORS.get((data.problem.dataset.task, board.objective.name))
    return estimate(record.value, rows) if estimate is not None and record.value is not None else None
