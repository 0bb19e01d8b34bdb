"""Several runs side by side: how each stands, its winner, and how the winners learned."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from hpt.figures.figure import Plot
from hpt.figures.trial_curves import curve, curves_section
from hpt.runs.run_metadata import RunMetadata
from hpt.study.leaderboard import Leaderboard
from hpt.view.formats import metric_name, number
from hpt.view.leaderboard import companion
from hpt.view.page import BLANK, Column, Page, Sentence, Table
from hpt.view.parameters import parameter_columns


@dataclass(frozen=True, slots=True)
class Beside:
    """One of the runs."""

    name: str
    metadata: RunMetadata
    board: Leaderboard


def side_by_side_page(runs: Sequence[Beside], plot: Plot | None) -> Page:
    """A row a run, what keeps their values from being compared, and the winners' curves where they share a metric."""
    said = [Sentence(text, "warning") for text in incomparable(runs)]
    return Page([[_table(runs)], said, curves_section(plot) if plot else []])


def winners_plot(runs: Sequence[Beside], metric: str) -> Plot:
    """The curve of each run's winner by `metric`."""
    winners = [(run.name, run.board.best) for run in runs]
    series = [curve(name, best, metric) for name, best in winners if best is not None]
    return Plot(series, "epoch", metric_name(metric), log_y=None)


def incomparable(runs: Sequence[Beside]) -> list[str]:
    """Why the values of `runs` cannot be compared."""
    said = []
    if len({run.board.objective for run in runs}) > 1:
        said.append("They were judged by different metrics: their values cannot be compared.")
    if len({run.metadata.data for run in runs}) > 1:
        said.append("They were trained on different data: a difference need not come from the settings.")
    return said


def _table(runs: Sequence[Beside]) -> Table:
    best = [run.board.best for run in runs]
    metrics = [run.board.objective.metric for run in runs]
    parameters: list[Mapping[str, Any]] = [record.parameters if record else {} for record in best]
    names = dict.fromkeys(
        name for run, record in zip(runs, best, strict=True) if record and (name := _companion(run, record.metrics))
    )
    return Table(
        [
            Column("run", [run.name for run in runs], importance=0, shrinks_to=24),
            Column("status", [run.metadata.status for run in runs], importance=5),
            Column("trials", [len(run.board.records) for run in runs], "right", importance=4),
            Column("objective", metrics, importance=3 if len(set(metrics)) == 1 else 2),
            Column("best", [record.value if record else None for record in best], "point", number, importance=1),
            *(
                Column(
                    name, [record.metrics.get(name) if record else BLANK for record in best], "point", number, importance=2
                )
                for name in names
            ),
            Column("trial", [record.trial if record else BLANK for record in best], "right", importance=6),
            *parameter_columns(parameters),
        ]
    )


def _companion(run: Beside, metrics: Mapping[str, float | None]) -> str | None:
    return companion(metrics, run.board.objective.metric)
