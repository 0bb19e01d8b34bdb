"""The learning-rate range test: the curve of the sweep, how constant rates ended, what they suggest."""

from __future__ import annotations

import math
import statistics

from hpt.foundation.finite import finite
from hpt.study.lr_range import LearningRateRange
from hpt.training.settings import Settings
from hpt.view.curves import Mark, Series
from hpt.view.formats import literal, number
from hpt.view.page import Chart, Column, Command, Line, Page, Sentence, Table


def lr_range_page(path: str, settings: Settings, found: LearningRateRange) -> Page:
    """All of it, and what it holds for. path: the dotted path of the learning rate."""
    name, size = settings.optimizer["name"], settings.training["batch_size"]
    search = f"{{min: {found.search.min:g}, max: {found.search.max:g}, scale: log}}"
    readings = ", ".join(
        f"{reading} {literal(r.median)} ({literal(r.low)} to {literal(r.high)})" for reading, r in found.readings.items()
    )
    return Page(
        [
            [Sentence("sweep: the rate grows at each update", "muted"), _sweep(found)],
            [
                Sentence(f"constant rates, {found.epochs} epochs, median of {len(found.smoothed)} seeds", "muted"),
                _constant_rates(found),
            ],
            [
                Sentence(f"read off the sweep: {readings}", "muted"),
                Line(f"suggestion  {literal(found.suggestion)}", "strong"),
                Command(f"to search   {path}: {search}", "strong"),
                Sentence(f"Holds for {name}, batch_size {size} and these other hyperparameters only."),
            ],
        ]
    )


def _sweep(found: LearningRateRange) -> Chart:
    medians = [_median(losses) for losses in found.smoothed.T.tolist()]
    mark = Mark(found.suggestion, f"suggestion {literal(found.suggestion)}")
    series = Series("batch loss", found.rates.tolist(), medians)
    return Chart([series], "learning_rate", [mark], log_x=True, size=(78, 14))


def _constant_rates(found: LearningRateRange) -> Table:
    best = int(found.ended.argmin())
    return Table(
        [
            Column("learning_rate", found.tried.tolist(), "right", literal),
            Column(found.metric, [finite(value) for value in found.ended.tolist()], "point", number),
        ],
        ["strong" if index == best else "" for index in range(len(found.tried))],
    )


def _median(values: list[float]) -> float | None:
    known = [value for value in values if math.isfinite(value)]
    return statistics.median(known) if known else None
