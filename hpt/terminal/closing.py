"""What stands on the screen when a study has ended, and when a run is shown again."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from hpt.study.leaderboard import Leaderboard
from hpt.terminal.grid import Fitted
from hpt.terminal.tables import RunRow, companion, counts_text, leaderboard_table
from hpt.terminal.text import clean, joined, plain

_TOP = 5


def closing(folder: str, status: str, leaderboard: Leaderboard, resume: str, *, test: bool) -> RenderableType:
    """The end of `hpt tune`: the best trials, and in the last line what the best is worth and what to do next.

    resume: the command that goes on with a study that was cut short. test: whether there are test rows to open.
    """
    best = leaderboard.best
    count = len(leaderboard.records)
    if best is None:
        rows: RenderableType = clean(f"No trial was completed. {folder}", "bold")
    else:
        metric = companion(best, leaderboard.objective.metric)
        rows = leaderboard_table(leaderboard, _TOP, [metric] if metric else [])
    if status in ("interrupted", "timeout") or (best is not None and status != "completed"):
        last = f"{status.capitalize()} after {count} trials. Go on: {resume}"
    elif best is None:
        return rows
    else:
        promise = f"Best of {count} on {leaderboard.objective.part}: expect worse on new data."
        last = f"{promise} Next: hpt train {shlex.quote(f'{folder}/best.yaml')}{' --test' if test else ''}"
    # Neither cut nor broken: it holds a command to copy.
    return Group(rows, clean(""), Text(plain(last), no_wrap=True, overflow="ignore"))


def run_view(
    name: str, status: str, leaderboard: Leaderboard, top: int, metrics: Sequence[str], total: int
) -> RenderableType:
    """A run as it stands: its state, then its leaderboard."""
    count = len(leaderboard.records)
    # A comparison counts its studies.
    done = f"{count} trials" if status == "completed" else f"{count}/{total} trials"
    parts = [name, status, done, *counts_text(leaderboard), f"by {leaderboard.objective.metric}"]
    best = leaderboard.best
    usual = companion(best, leaderboard.objective.metric) if best is not None and not metrics else None
    columns = [usual] if usual else list(metrics)
    return Group(
        Fitted(lambda width: clean(joined(parts, width), "bold")),
        clean(""),
        leaderboard_table(leaderboard, top, columns),
    )


def run_rows(facts: Sequence[Mapping[str, Any]]) -> list[RunRow]:
    """Rows for the list of runs, from what `run.json` holds of each."""
    return [
        RunRow(
            name=run["name"],
            kind=run["kind"],
            status=run["status"],
            done=run["records"],
            total=run["records" if run["status"] == "completed" else "trials"],
            objective=run["objective"],
            value=run.get("best"),
            changed=datetime.fromisoformat(run["changed"]).astimezone(),
        )
        for run in facts
    ]
