"""The list of runs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from hpt.runs.run_metadata import RunMetadata
from hpt.view.formats import number
from hpt.view.page import Column, Page, Table


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


def runs_page(runs: Sequence[RunMetadata]) -> Page:
    """A row a run, from what `run.json` holds of each."""
    rows = [
        RunRow(
            name=run.name,
            kind=run.kind,
            status=run.status,
            done=run.records,
            total=run.records if run.status == "completed" else run.trials,
            objective=run.objective,
            value=run.best,
            changed=datetime.fromisoformat(run.changed).astimezone(),
        )
        for run in runs
    ]
    return Page([[runs_table(rows)]])


def runs_table(rows: Sequence[RunRow]) -> Table:
    """One line a run, in the order given."""
    if not rows:
        return Table((), empty="no runs yet")
    return Table(
        [
            Column("run", [row.name for row in rows], importance=0, shrinks_to=24),
            Column("kind", [row.kind for row in rows], importance=1),
            Column("status", [row.status for row in rows], importance=3),
            Column("trials", [f"{row.done}/{row.total}" for row in rows], "right", importance=4),
            Column("objective", [row.objective for row in rows], importance=5),
            Column("best", [row.value for row in rows], "point", number, importance=2),
            Column("when", [row.changed for row in rows], spell=_moment, importance=6),
        ]
    )


def _moment(time: datetime) -> str:
    return f"{time:%m-%d %H:%M}"
