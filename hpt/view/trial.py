"""One trial in full: what it was trained with, what it was worth, how it got there."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpt.models.networks import apart
from hpt.numerics.metrics import MeasuredMetric
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.training.result import TrainingResult
from hpt.view.constraints import violation_lines
from hpt.view.curves import Series
from hpt.view.formats import literal, number, with_error
from hpt.view.leaderboard import STATE_EMPHASIS
from hpt.view.page import BLANK, Block, Chart, Column, Facts, Line, Page, Section, Sentence, Sparklines, Table
from hpt.view.selection import kept_sentence
from hpt.view.testing import testing_section

# The series that matters most is drawn first, with the full stroke.
_PARTS = ("validation", "test", "train")
_LEAST_NAME = 16

History = Mapping[str, Sequence[float | None]]
Metrics = Mapping[str, float | None]


def trial_page(record: TrialRecord, leaderboard: Leaderboard) -> Page:
    """`record` of `leaderboard`: its rank and state, parameters by their full paths, metrics and curves."""
    rank = leaderboard.records.index(record) + 1
    value = f"{leaderboard.objective.metric} {with_error(record.value, record.value_error)}"
    parts = [f"trial {record.trial}", value, f"rank {rank} of {len(leaderboard.records)}"]
    ended = _ending(record.state, record.epochs, record.reason, record.criterion)
    parameters = Table(
        [
            Column("parameter", list(record.parameters), shrinks_to=_LEAST_NAME),
            Column("constant", list(record.parameters.values()), spell=literal),
        ]
    )
    broken = [Line(text, "warning") for text in violation_lines(record)]
    head: Section = [Facts(parts, "strong"), Line(ended, STATE_EMPHASIS[record.state]), *broken]
    return Page([head, [parameters], [_metrics(record.metrics)], *_curves(record.history)])


def training_page(result: TrainingResult, objective: str, test: Mapping[str, Any] | None = None) -> Page:
    """How one training run ended, its metrics and curves; of a mean over several runs, how sure the objective is.

    test: what the test rows say, where they were opened.
    """
    state = "diverged" if result.reason == "diverged" else "completed"
    ended = _ending(state, result.epochs, result.reason, result.criterion)
    head: list[Block] = [Line(ended, "strong")]
    if result.error is not None:
        value = with_error(result.metrics.get(objective), result.error)
        head.append(Sentence(f"{objective} {value}: mean and standard error over folds and initialisations."))
    if text := kept_sentence(len(apart(result.weights))):
        head.append(Sentence(text))
    return Page([head, [_metrics(result.metrics)], testing_section(test), *_curves(result.history)])


def _ending(state: str, epochs: int, reason: str, criterion: str | None) -> str:
    """Such as `completed at epoch 12: converged, train_loss_below`."""
    why = "" if reason in (state, "epochs") else f": {reason}"
    return f"{state} at epoch {epochs}{why}" + (f", {criterion}" if criterion else "")


def _metrics(metrics: Metrics) -> Table:
    """A row for each metric, a column for each set of rows it was taken on."""
    measured = {MeasuredMetric.parse(key): value for key, value in metrics.items()}
    names = list(dict.fromkeys(metric.name for metric in measured))
    columns = [Column("metric", names, shrinks_to=_LEAST_NAME)]
    for part in _PARTS:
        cells = [measured.get(MeasuredMetric(part, name), BLANK) for name in names]
        if any(cell is not BLANK for cell in cells):
            columns.append(Column(part, cells, "point", number))
    return Table(columns)


def _curves(history: History) -> list[Section]:
    """A chart of the losses, then a small curve for everything else that was followed and changed."""
    epochs = range(1, 1 + max(map(len, history.values()), default=0))
    losses = {str(MeasuredMetric(part, "loss")): part for part in _PARTS if str(MeasuredMetric(part, "loss")) in history}
    sections: list[Section] = []
    if losses and epochs:
        series = [Series(part, epochs, history[name]) for name, part in losses.items()]
        sections.append([Line("loss", "muted"), Chart(series, "epoch")])
    others = [name for name, values in history.items() if name not in losses and len(set(values)) > 1]
    if others:
        sections.append([Sparklines([Series(name, range(1, 1 + len(history[name])), history[name]) for name in others])])
    return sections
