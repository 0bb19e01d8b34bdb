"""The learning-rate range test: the curve of the sweep, how constant rates ended, what they suggest."""

from __future__ import annotations

import math
import statistics

from hpt.analysis.lr_range import LearningRateRange
from hpt.foundation.finite import finite
from hpt.training.settings import Settings
from hpt.view.curves import Mark, Series
from hpt.view.formats import literal, number
from hpt.view.page import Chart, Column, Command, Facts, Line, Page, Sentence, Table


def lr_range_page(path: str, settings: Settings, found: LearningRateRange, *, asked: bool) -> Page:
    """All of it, and what it holds for. path: the dotted path of the learning rate. asked: whether the user named the optimizer."""
    name, size = settings.optimizer["name"], settings.training["batch_size"]
    tested = f"optimizer {name}" if asked else f"optimizer {name} (another: --optimizer NAME)"
    search = f"{{min: {found.search.min:g}, max: {found.search.max:g}, scale: log}}"
    readings = ", ".join(
        f"{reading} {literal(r.median)} ({literal(r.low)} to {literal(r.high)})" for reading, r in found.readings.items()
    )
    return Page(
        [
            [Facts([tested, f"batch_size {size}", "everything that is searched at its middle"], "strong")],
            [Sentence("sweep: the rate grows at each update", "muted"), _sweep(found)],
            [
                Sentence(f"constant rates, {found.epochs} epochs, mean of {len(found.smoothed)} seeds", "muted"),
                _constant_rates(found),
            ],
            [
                Sentence(f"read off the sweep: {readings}", "muted"),
                *(Sentence(note) for note in range_notes(found)),
                Line(f"suggestion  {literal(found.suggestion)}", "strong"),
                Command(f"to search   {path}: {search}", "strong"),
                Sentence(f"Holds for {name}, batch_size {size} and these other hyperparameters only."),
            ],
        ]
    )


def range_notes(found: LearningRateRange) -> list[str]:
    """Why the suggestion is what it is, and where the test came to an end of what it tried."""
    choice, tried, seeds = found.choice, found.tried, found.losses.shape[1]
    low, high, best = (literal(float(tried[at])) for at in (choice.low, choice.high, choice.best))
    lowest = number(float(found.ended[choice.best]))
    if choice.low == choice.high == choice.best:
        notes = [f"{best} ended lowest, {found.metric} {lowest}, by more than noise, over {seeds} seeds."]
    else:
        best_of_all = f"the best ({found.metric} {lowest} at {best})"
        notes = [
            f"{low} to {high} differ from {best_of_all} by no more than the noise over {seeds} seeds: the middle is taken."
        ]
    if choice.unstable < len(tried):
        first = literal(float(tried[choice.unstable]))
        notes.append(f"From {first} on it is not stable: a seed diverged, or ended no better than it began.")
    elif not found.blew_up:
        notes.append(f"Nothing blew up: the sweep ended at its highest rate, {literal(float(found.rates[-1]))}.")
    if choice.high == len(tried) - 1:
        notes.append(f"The highest rate that was tried, {literal(float(tried[-1]))}, is as good: higher ones may be too.")
    if choice.low == 0:
        notes.append(f"The lowest rate that was tried, {literal(float(tried[0]))}, is as good: lower ones may be too.")
    return notes


def _sweep(found: LearningRateRange) -> Chart:
    medians = [_median(losses) for losses in found.smoothed.T.tolist()]
    mark = Mark(found.suggestion, f"suggestion {literal(found.suggestion)}")
    series = Series("batch loss", found.rates.tolist(), medians)
    return Chart([series], "learning_rate", [mark], log_x=True, size=(78, 14))


def _constant_rates(found: LearningRateRange) -> Table:
    choice = found.choice
    return Table(
        [
            Column("learning_rate", found.tried.tolist(), "right", literal),
            Column(found.metric, [finite(value) for value in found.ended.tolist()], "point", number),
        ],
        [
            "strong" if at == choice.suggested else "" if choice.low <= at <= choice.high else "muted"
            for at in range(len(found.tried))
        ],
    )


def _median(values: list[float]) -> float | None:
    known = [value for value in values if math.isfinite(value)]
    return statistics.median(known) if known else None
