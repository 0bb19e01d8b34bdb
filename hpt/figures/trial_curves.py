"""One metric of several trials, epoch by epoch, in one picture."""

from __future__ import annotations

from collections.abc import Sequence

from hpt.configuration.space import BRANCH
from hpt.figures.figure import Plot
from hpt.runs.trial_record import TrialRecord
from hpt.view.curves import Series
from hpt.view.formats import metric_name, number
from hpt.view.leaderboard import STATE_EMPHASIS
from hpt.view.page import Chart, Column, Line, Page, Section, Sentence, Table
from hpt.view.parameters import parameter_columns

_LEAST_LINES = 16
_AROUND = 4
"""Lines of a chart beside those for the names of its curves."""


def curves_page(name: str, records: Sequence[TrialRecord], metric: str, left_out: Sequence[TrialRecord] = ()) -> Page:
    """The curves of `records` of the run `name` by `metric`, and what each was trained with.

    left_out: the best of branches that are not drawn.
    """
    table = Table(
        [
            Column("trial", [record.trial for record in records], "right", importance=0),
            Column(metric, [_last(record, metric) for record in records], "point", number, importance=1),
            Column("epochs", [record.epochs for record in records], "right", importance=3),
            Column("state", [record.state for record in records], importance=2),
            *parameter_columns([record.parameters for record in records]),
        ],
        [STATE_EMPHASIS[record.state] for record in records],
    )
    said = [Sentence(_left_out(len(records), left_out), "warning")] if left_out else []
    return Page([[Line(f"{name} · {metric}", "strong"), curves_chart(curves_plot(records, metric))], [table], said])


def curves_plot(records: Sequence[TrialRecord], metric: str) -> Plot:
    """A curve for each of `records`, by its trial and branch."""
    return Plot([curve(_label(record), record, metric) for record in records], "epoch", metric_name(metric), log_y=None)


def curve(label: str, record: TrialRecord, metric: str) -> Series:
    """`metric` of one trial, empty where it was not followed."""
    values = record.history.get(metric, ())
    return Series(label, range(1, 1 + len(values)), values)


def curves_chart(plot: Plot) -> Chart:
    """`plot` as it is drawn in text, with room for the names of its curves."""
    lines = max(_LEAST_LINES, len(plot.series) + _AROUND)
    return Chart(plot.series, plot.x_name, log_x=plot.log_x, log_y=plot.log_y, size=(120, lines))


def curves_section(plot: Plot) -> Section:
    """`plot` under its name, where a curve has points."""
    return [Line(plot.y_name, "muted"), curves_chart(plot)] if any(series.ys for series in plot.series) else []


def _left_out(drawn: int, left_out: Sequence[TrialRecord]) -> str:
    names = ", ".join(str(record.parameters.get(BRANCH)) for record in left_out)
    trials = ",".join(str(record.trial) for record in left_out)
    return f"Drawn are the best {drawn} of {drawn + len(left_out)} branches, not {names}: --curves {trials}."


def _label(record: TrialRecord) -> str:
    branch = record.parameters.get(BRANCH)
    return f"trial {record.trial}" if branch is None else f"trial {record.trial} {branch}"


def _last(record: TrialRecord, metric: str) -> float | None:
    values = record.history.get(metric) or (None,)
    return values[-1]
