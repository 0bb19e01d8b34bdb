"""The tables of a run's trials and of the runs there are."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from rich.console import Group

from hpt.numerics.metrics import MeasuredMetric
from hpt.runs.trial_record import State, TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.terminal.formats import aligned, number
from hpt.terminal.grid import Column, Fitted, grid
from hpt.terminal.parameters import parameter_columns
from hpt.terminal.text import clean, plain

STATE_STYLES: dict[State, str] = {"completed": "", "pruned": "dim", "diverged": "yellow", "failed": "red"}


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in the list of runs: `kind` is tune or compare, `value` its best trial's, `changed` in local time."""

    name: str
    kind: str
    status: str
    done: int
    total: int
    objective: str
    value: float | None
    changed: datetime


def leaderboard_table(leaderboard: Leaderboard, top: int, metrics: Sequence[str] = ()) -> Fitted:
    """The first `top` trials in the order of `leaderboard`, with a column for each of `metrics`."""
    records = leaderboard.records[:top]
    if not records:
        return Fitted(lambda _: clean("no trials yet", "dim"))
    columns = leaderboard_columns(records, metrics, leaderboard.objective.part)
    styles = row_styles(records)
    left_out = len(leaderboard.records) - len(records)
    more = [clean(f"and {left_out} more", "dim")] if left_out else []
    return Fitted(lambda width: Group(*grid(columns, width, styles), *more))


def leaderboard_columns(records: Sequence[TrialRecord], metrics: Sequence[str] = (), part: str = "") -> list[Column]:
    """The columns of ranked `records`, the first of rank 1. A metric of the `part` whose rows rank them is named without it."""
    return [
        Column("#", [str(rank) for rank in range(1, len(records) + 1)], "right", importance=1),
        Column("trial", [str(record.trial) for record in records], "right", importance=2),
        Column("value", aligned([number(record.value) for record in records]), "right", importance=0),
        *(
            Column(
                plain(shown.name if shown.part == part else metric),
                aligned([number(record.metrics.get(metric)) for record in records]),
                "right",
                importance=3,
            )
            for metric, shown in zip(metrics, map(MeasuredMetric.parse, metrics), strict=True)
        ),
        Column("epochs", [str(record.epochs) for record in records], "right", importance=5),
        Column("state", [record.state for record in records], importance=4),
        *parameter_columns([record.parameters for record in records]),
    ]


def row_styles(records: Sequence[TrialRecord]) -> list[str]:
    """The style of each row: that of its state, the winner's in bold."""
    won = bool(records) and records[0].state == "completed"
    return ["bold" if won and index == 0 else STATE_STYLES[record.state] for index, record in enumerate(records)]


def counts_text(leaderboard: Leaderboard) -> list[str]:
    """How many trials ended in each state that occurs: `12 pruned`."""
    counts = leaderboard.counts()
    return [f"{counts[state]} {state}" for state in STATE_STYLES if counts[state]]


def companion(record: TrialRecord, objective: str) -> str | None:
    """The metric that says in plain terms how good `record` is: accuracy or rmse on the objective's rows."""
    names = (str(MeasuredMetric.parse(objective).beside(name)) for name in ("accuracy", "rmse"))
    return next((name for name in names if name != objective and record.metrics.get(name) is not None), None)


def runs_table(rows: Sequence[RunRow]) -> Fitted:
    """One line a run, in the order given."""
    if not rows:
        return Fitted(lambda _: clean("no runs yet", "dim"))
    columns = [
        Column("run", [plain(row.name) for row in rows], importance=0, shrinks_to=24),
        Column("kind", [plain(row.kind) for row in rows], importance=6),
        Column("status", [plain(row.status) for row in rows], importance=2),
        Column("trials", [f"{row.done}/{row.total}" for row in rows], "right", importance=3),
        Column("objective", [plain(row.objective) for row in rows], importance=4),
        Column("best", aligned([number(row.value) for row in rows]), "right", importance=1),
        Column("when", [f"{row.changed:%m-%d %H:%M}" for row in rows], importance=5),
    ]
    return Fitted(lambda width: Group(*grid(columns, width)))
