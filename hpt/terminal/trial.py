"""One trial in full: what it was trained with, what it was worth, how it got there."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING

from rich.console import Group, RenderableType

from hpt.numerics.metrics import MeasuredMetric
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.terminal.curves import Series, chart, sparkline
from hpt.terminal.formats import aligned, literal, number
from hpt.terminal.grid import Column, Fitted, grid
from hpt.terminal.tables import STATE_STYLES
from hpt.terminal.text import clean, joined, plain

if TYPE_CHECKING:
    from hpt.training.result import TrainingResult

# The series that matters most is drawn first, with the full stroke.
_PARTS = ("validation", "test", "train")
_CHART_WIDTH = 100
_CHART_HEIGHT = 12
_LEAST_NAME = 16
_LEAST_SPARKS = 8

History = Mapping[str, Sequence[float | None]]
Metrics = Mapping[str, float | None]


def trial_view(record: TrialRecord, leaderboard: Leaderboard) -> Fitted:
    """`record` of `leaderboard`: its rank and state, parameters by their full paths, metrics and curves."""
    rank = leaderboard.records.index(record) + 1
    objective = leaderboard.objective.metric
    value = f"{objective} {number(record.value)}"
    parts = [f"trial {record.trial}", value, f"rank {rank} of {len(leaderboard.records)}"]
    ended = _ending(record.state, record.epochs, record.reason, record.criterion)
    parameters = [(path, literal(constant)) for path, constant in record.parameters.items()]

    def build(width: int) -> RenderableType:
        return Group(
            clean(joined(parts, width), "bold"),
            clean(ended, STATE_STYLES[record.state]),
            clean(""),
            *grid(
                [
                    Column("parameter", [plain(path) for path, _ in parameters], shrinks_to=_LEAST_NAME),
                    Column("constant", [spelled for _, spelled in parameters]),
                ],
                width,
            ),
            clean(""),
            *_metrics(record.metrics, width),
            *_curves(record.history, width),
        )

    return Fitted(build)


def training_view(result: TrainingResult) -> Fitted:
    """How one training run ended, its metrics and curves."""
    state = "diverged" if result.reason == "diverged" else "completed"
    ended = _ending(state, result.epochs, result.reason, result.criterion)
    return Fitted(
        lambda width: Group(
            clean(ended, "bold"), clean(""), *_metrics(result.metrics, width), *_curves(result.history, width)
        )
    )


def _ending(state: str, epochs: int, reason: str, criterion: str | None) -> str:
    """Such as `completed at epoch 12: converged, train_loss_below`."""
    why = "" if reason in (state, "epochs") else f": {reason}"
    return f"{state} at epoch {epochs}{why}" + (f", {criterion}" if criterion else "")


def _metrics(metrics: Metrics, width: int) -> Iterator[RenderableType]:
    """A row for each metric, a column for each set of rows it was taken on."""
    measured = {MeasuredMetric.parse(key): value for key, value in metrics.items()}
    names = list(dict.fromkeys(metric.name for metric in measured))
    columns = [Column("metric", names, shrinks_to=_LEAST_NAME)]
    for part in _PARTS:
        shown = [MeasuredMetric(part, name) for name in names]
        cells = [number(measured[metric]) if metric in measured else "" for metric in shown]
        if any(cells):
            columns.append(Column(part, aligned(cells), "right"))
    yield from grid(columns, width)


def _curves(history: History, width: int) -> Iterator[RenderableType]:
    """A chart of the losses, then a line for everything else that was followed."""
    epochs = range(1, 1 + max(map(len, history.values()), default=0))
    losses = {str(MeasuredMetric(part, "loss")): part for part in _PARTS if str(MeasuredMetric(part, "loss")) in history}
    if losses and epochs:
        yield clean("")
        yield clean("loss", "dim")
        series = [Series(part, epochs, history[name]) for name, part in losses.items()]
        yield chart(series, min(width, _CHART_WIDTH), _CHART_HEIGHT, x_name="epoch")
    others = [name for name, values in history.items() if name not in losses and len(set(values)) > 1]
    if others:
        yield clean("")
    label = max(map(len, others), default=0)
    for name in others:
        values = history[name]
        span = f"{number(values[0])} to {number(values[-1])}"
        room = max(_LEAST_SPARKS, min(width, _CHART_WIDTH) - label - len(span) - 4)
        yield clean(f"{name:<{label}}  {sparkline(values, room)}  {span}")
