"""The leaderboard of a study, and what is said of its trials together."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from hpt.numerics.metrics import MeasuredMetric
from hpt.runs.trial_record import State, TrialRecord
from hpt.study import selection
from hpt.study.leaderboard import Leaderboard
from hpt.view.constraints import INFEASIBLE, state_of
from hpt.view.formats import ESTIMATE_DIGITS, interval, number
from hpt.view.page import BLANK, Column, Emphasis, Table
from hpt.view.parameters import parameter_columns

STATE_EMPHASIS: Mapping[State, Emphasis] = {"completed": "", "pruned": "muted", "diverged": "warning", "failed": "error"}


def leaderboard_table(
    leaderboard: Leaderboard, top: int, metrics: Sequence[str] = (), typical: Sequence[Mapping[str, Any]] = ()
) -> Table:
    """The first `top` trials in the order of `leaderboard`, with a column for each of `metrics`.

    typical: parameters of a trial of each branch, whose columns are there whatever is shown.

    A metric of the part whose rows rank the trials is named without it. Settings that were trained again stand first, by what they
    are worth with fresh initialisations.
    """
    again = selection.standings(leaderboard.objective, leaderboard.records) if leaderboard.chosen else ()
    if leaderboard.chosen and not again:
        again = (leaderboard.chosen,)
    first = [standing.setting for standing in again]
    known = {record.trial for record in first}
    ranked = [
        *first,
        *(r for r in leaderboard.records if r.trial not in known and not (again and r.phase == selection.REFIT)),
    ]
    records = ranked[:top]
    if not records:
        return Table((), empty="no trials yet")
    left_out = len(ranked) - len(records)
    columns = [
        Column("#", range(1, len(records) + 1), "right", importance=1),
        Column("trial", [record.trial for record in records], "right", importance=2),
        *_worth(records, again),
        *(
            Column(
                shown.name if shown.part == leaderboard.objective.part else metric,
                [record.metrics.get(metric) for record in records],
                "point",
                number,
                importance=3,
            )
            for metric, shown in zip(metrics, map(MeasuredMetric.parse, metrics), strict=True)
        ),
        *([] if "epochs" in metrics else [Column("epochs", [record.epochs for record in records], "right", importance=5)]),
        *_states(records, again),
        *parameter_columns([record.parameters for record in records], typical),
    ]
    return Table(columns, _emphasis(records), note=f"and {left_out} more" if left_out else "")


def _worth(records: Sequence[TrialRecord], again: Sequence[selection.Standing]) -> Iterator[Column]:
    """The value of each trial, how sure it is where it is a mean, and, where settings were trained again, what to expect of them."""
    yield Column("seen" if again else "value", [record.value for record in records], "point", number, importance=0)
    errors = [record.value_error for record in records]
    if any(error is not None for error in errors):
        yield Column("± error", errors, "point", partial(number, digits=ESTIMATE_DIGITS), importance=1)
    if again:
        known = {standing.setting.trial: standing.expected for standing in again}
        means = [getattr(known.get(record.trial), "value", BLANK) for record in records]
        ranges = [
            interval((expected.low, expected.high)) if (expected := known.get(record.trial)) else BLANK for record in records
        ]
        yield Column("expected", means, "point", number, importance=0)
        yield Column("95%", ranges, importance=2)


def _states(records: Sequence[TrialRecord], again: Sequence[selection.Standing]) -> Iterator[Column]:
    """How each trial ended. One that violates a constraint is infeasible, and so is a setting that did when it was trained again."""
    broken = {standing.setting.trial for standing in again if any(run.violates for run in standing.runs)}
    states = [INFEASIBLE if record.trial in broken else state_of(record) for record in records]
    yield Column("state", states, importance=1 if INFEASIBLE in states else 4)
    if any(record.violates for record in records):
        yield Column("violates", [" ".join(record.violates) or BLANK for record in records], importance=4, shrinks_to=12)


def state_counts(leaderboard: Leaderboard) -> list[str]:
    """How many trials ended in each state that occurs: `12 pruned`; and how many of all violate constraints."""
    counts = leaderboard.counts()
    states = [f"{counts[state]} {state}" for state in STATE_EMPHASIS if counts[state]]
    return [*states, f"{infeasible} of them {INFEASIBLE}"] if (infeasible := counts.get(INFEASIBLE, 0)) else states


def companion(metrics: Mapping[str, float | None], objective: str) -> str | None:
    """The one of `metrics` that says in plain terms how good a model is: accuracy or rmse on the objective's rows."""
    names = (str(MeasuredMetric.parse(objective).beside(name)) for name in ("accuracy", "rmse"))
    return next((name for name in names if name != objective and metrics.get(name) is not None), None)


def best_so_far(leaderboard: Leaderboard) -> list[float | None]:
    """The best completed value after each trial in order of their numbers, None before the first."""
    best: TrialRecord | None = None
    values = []
    for record in sorted(leaderboard.records, key=lambda record: record.trial):
        cost = leaderboard.objective.cost
        if record.eligible and (best is None or cost(record.value) < cost(best.value)):
            best = record
        values.append(best.value if best else None)
    return values


def _emphasis(records: Sequence[TrialRecord]) -> list[Emphasis]:
    """That of each trial's state; the winner stands out."""
    won = records[0].eligible
    return [
        "strong" if won and index == 0 else "muted" if record.violates else STATE_EMPHASIS[record.state]
        for index, record in enumerate(records)
    ]
