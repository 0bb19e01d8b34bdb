"""The learning-rate range test on the screen."""

from __future__ import annotations

import math
import statistics

from rich.console import Group, RenderableType
from rich.text import Text

from hpt.foundation.finite import finite
from hpt.terminal.curves import Mark, Series, chart
from hpt.terminal.formats import aligned, literal, number
from hpt.terminal.grid import Column, Fitted, grid
from hpt.terminal.text import clean, plain
from hpt.training.lr_range import LearningRateRange
from hpt.training.settings import Settings

_CHART_WIDTH, _CHART_HEIGHT = 78, 14


def lr_range_view(path: str, settings: Settings, found: LearningRateRange) -> RenderableType:
    """The curve of the sweep, how constant rates ended, what they suggest, and what that holds for."""
    name, size = settings.optimizer["name"], settings.training["batch_size"]
    search = f"{{min: {found.search.min:g}, max: {found.search.max:g}, scale: log}}"
    readings = ", ".join(
        f"{reading} {literal(r.median)} ({literal(r.low)} to {literal(r.high)})" for reading, r in found.readings.items()
    )

    def build(width: int) -> RenderableType:
        middle = [_median(column) for column in found.smoothed.T.tolist()]
        sweep = Series("batch loss", found.rates.tolist(), middle)
        marks = [Mark(found.suggestion, f"suggestion {literal(found.suggestion)}")]
        columns = [
            Column("learning_rate", [literal(rate) for rate in found.tried.tolist()], "right"),
            Column(found.metric, aligned([number(finite(value)) for value in found.ended.tolist()]), "right"),
        ]
        best = int(found.ended.argmin())
        styles = ["bold" if index == best else "" for index in range(len(found.tried))]
        return Group(
            _prose("sweep: the rate grows at each update", "dim"),
            chart([sweep], min(width, _CHART_WIDTH), _CHART_HEIGHT, log_x=True, marks=marks, x_name="learning_rate"),
            clean(""),
            _prose(f"constant rates, {found.epochs} epochs, median of {len(found.smoothed)} seeds", "dim"),
            *grid(columns, width, styles),
        )

    return Group(
        Fitted(build),
        clean(""),
        _prose(f"read off the sweep: {readings}", "dim"),
        clean(f"suggestion  {literal(found.suggestion)}", "bold"),
        # Neither cut nor broken: it is there to be copied.
        Text(plain(f"to search   {path}: {search}"), "bold", no_wrap=True, overflow="ignore"),
        _prose(f"Holds for {name}, batch_size {size} and these other hyperparameters only."),
    )


def _prose(text: str, style: str = "") -> Text:
    """A sentence, broken between words where it does not fit."""
    return Text(plain(text), style)


def _median(values: list[float]) -> float | None:
    finite = [value for value in values if math.isfinite(value)]
    return statistics.median(finite) if finite else None
