"""What is said of the constraints of a study: who violates them, and how far."""

from __future__ import annotations

from collections import Counter

from hpt.runs.trial_record import TrialRecord
from hpt.study.advice import beyond
from hpt.study.leaderboard import Leaderboard

INFEASIBLE = "infeasible"
"""What a trial is called that violates a constraint, in place of its state."""


def state_of(record: TrialRecord) -> str:
    """How a trial ended, in one word for tables."""
    return INFEASIBLE if record.violates else record.state


def no_winner(board: Leaderboard) -> str:
    """Why there is no winner, without a verb for when."""
    return "no trial was completed" if board.nearest is None else "no trial keeps the constraints"


def constraint_sentence(board: Leaderboard) -> str | None:
    """How many trials violate which constraint; None where there are none."""
    known = {text for record in board.records for text in record.constraints}
    if not known:
        return None
    broken = Counter(text for record in board.records for text in record.violates)
    each = ", ".join(f"{text} ({broken[text]})" for text in sorted(known, key=lambda text: (-broken[text], text)))
    untrained = sum(bool(record.violates) and not record.epochs for record in board.records)
    rest = f"; {untrained} of them were not trained, as that was known before" if untrained else ""
    return f"Of {len(board.records)} trials {board.counts()[INFEASIBLE]} violate a constraint: {each}{rest}."


def violation_lines(record: TrialRecord) -> list[str]:
    """A line for each constraint that a trial violates."""
    return [f"violates {text} ({beyond(record.constraints[text])})" for text in record.violates]
