"""Learning-rate schedules: the factor on the learning rate at each update.

A function takes the numbers of the updates to come, (T,) float64 counted from 0 (the updates already done), the total
of them and the updates of one epoch, and gives the factors (T,). It speaks of one member, with its hyperparameters as
plain numbers: members are computed apart, so no stack can change their bits. Warm-up comes before: a function counts
from its end, and `total` is what is left of the run.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from hpt.foundation.catalogue import Entry, Hyperparameter, Range, table
from hpt.numerics.types import Doubles


class Schedule(Protocol):
    """The factors (T,) of updates, from the numbers `done` (T,) of those before each; see above."""

    # Two open ends say that a schedule has keywords of its own.
    def __call__(self, done: Doubles, total: int, per_epoch: int, /, *none: Any, **hyperparameters: Any) -> Doubles: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleEntry(Entry):
    """A schedule of the learning rate."""

    function: Schedule


def constant(done: Doubles, total: int, per_epoch: int) -> Doubles:
    """A factor of 1 throughout."""
    return np.ones_like(done)


def exponential(done: Doubles, total: int, per_epoch: int, *, rate: float, per: str) -> Doubles:
    """rateⁿ, n the updates done, or with `per: epoch` the whole epochs done."""
    return np.asarray(np.power(rate, _elapsed(done, per_epoch, per)))


def step(done: Doubles, total: int, per_epoch: int, *, every: int, factor: float) -> Doubles:
    """factor^⌊epochs done / every⌋: `every` counts epochs."""
    return np.asarray(np.power(factor, _elapsed(done, per_epoch, "epoch") // every))


def inverse_time(done: Doubles, total: int, per_epoch: int, *, rate: float, per: str) -> Doubles:
    """1 / (1 + rate n), n the updates done, or with `per: epoch` the whole epochs done."""
    return 1 / (1 + rate * _elapsed(done, per_epoch, per))


def polynomial(done: Doubles, total: int, per_epoch: int, *, power: float, min_ratio: float) -> Doubles:
    """min + (1 - min) (1 - p)^power, p the share of the updates that are done."""
    return min_ratio + (1 - min_ratio) * np.power(1 - _share(done, 0, total), power)


def cosine(done: Doubles, total: int, per_epoch: int, *, min_ratio: float) -> Doubles:
    """min + (1 - min) (1 + cos πp) / 2, p the share of the updates that are done; stays at the end, without restarts."""
    return _between(1, min_ratio, _share(done, 0, total))


def one_cycle(done: Doubles, total: int, per_epoch: int, *, rise: float, start_ratio: float, end_ratio: float) -> Doubles:
    """From `start_ratio` up to 1 at the share `rise` of the updates, then down to `end_ratio`, along half cosines.

    As PyTorch's OneCycleLR (its end is relative to the start), which places the top one update before that share is over.
    """
    top, last = max(rise * total - 1, 0), total - 1
    up = _between(start_ratio, 1, _share(done, 0, top))
    down = _between(1, end_ratio, _share(done, top, last))
    return np.where(done <= top, up, down)


def _elapsed(done: Doubles, per_epoch: int, per: str) -> Doubles:
    return done if per == "update" else np.floor(done / per_epoch)


def _share(done: Doubles, start: float, end: float) -> Doubles:
    """How far `done` is on its way from `start` to `end`, 0 to 1."""
    return np.clip((done - start) / (end - start), 0, 1) if end > start else np.ones_like(done)


def _between(start: float, end: float, share: Doubles) -> Doubles:
    return end + (start - end) * (1 + np.cos(math.pi * share)) / 2


WARMUP = Hyperparameter(
    "warmup",
    "float",
    0.0,
    "share of all updates, counted inside them, in which the learning rate first rises from 0, by equal steps",
    low=0,
    high=1,
    open_high=True,
    aliases=("warmup_ratio", "warmup_steps", "warmup_epochs"),
)
PER = Hyperparameter("per", "choice", "epoch", "what is counted", choices=("epoch", "update"))
MIN_RATIO = Hyperparameter(
    "min_ratio",
    "float",
    0.0,
    "where it ends, as a share of the learning rate",
    low=0,
    high=1,
    aliases=("eta_min", "alpha", "end_ratio"),
)


def _row(
    name: str,
    summary: str,
    function: Schedule,
    *rows: Hyperparameter,
    formula: str,
    reference: str = "",
) -> ScheduleEntry:
    """The entry of a schedule: every one has a warm-up."""
    return ScheduleEntry(name, summary, (*rows, WARMUP), formula, reference, function=function)


SCHEDULES = table(
    _row("constant", "the learning rate as given", constant, formula="1"),
    _row(
        "exponential",
        "falls by the same factor every epoch or update",
        exponential,
        Hyperparameter(
            "rate",
            "float",
            0.95,
            "factor of each epoch or update",
            low=0,
            open_low=True,
            high=1,
            search=Range(0.7, 0.99, "reverse_log"),
            aliases=("gamma", "decay_rate"),
        ),
        PER,
        formula="rateⁿ, n epochs or updates done",
    ),
    _row(
        "step",
        "falls by a factor every few epochs",
        step,
        Hyperparameter("every", "integer", 10, "epochs between two falls", low=1, aliases=("step_size",)),
        Hyperparameter(
            "factor",
            "float",
            0.1,
            "factor of each fall",
            low=0,
            open_low=True,
            high=1,
            search=Range(0.1, 0.9),
            aliases=("gamma",),
        ),
        formula="factor^⌊epochs done / every⌋",
    ),
    _row(
        "inverse_time",
        "falls as one over the time",
        inverse_time,
        Hyperparameter(
            "rate",
            "float",
            0.1,
            "how fast it falls",
            low=0,
            search=Range(0.01, 1.0, "log"),
            aliases=("decay_rate",),
        ),
        PER,
        formula="1 / (1 + rate n), n epochs or updates done",
        reference="Robbins & Monro 1951",
    ),
    _row(
        "polynomial",
        "falls along a power of the time left",
        polynomial,
        Hyperparameter("power", "float", 1.0, "1 is a straight line", low=0, open_low=True, search=Range(0.5, 4.0, "log")),
        MIN_RATIO,
        formula="min + (1 - min) (1 - p)^power, p = updates done / all updates",
    ),
    _row(
        "cosine",
        "falls along half a cosine",
        cosine,
        MIN_RATIO,
        formula="min + (1 - min) (1 + cos πp) / 2, p = updates done / all updates",
        reference="Loshchilov & Hutter 2017, without restarts",
    ),
    _row(
        "one_cycle",
        "rises to the learning rate, then falls far below",
        one_cycle,
        Hyperparameter(
            "rise",
            "float",
            0.3,
            "share of the updates in which it rises",
            low=0,
            high=1,
            search=Range(0.1, 0.5),
            aliases=("pct_start",),
        ),
        Hyperparameter(
            "start_ratio",
            "float",
            0.04,
            "where it starts, as a share of the learning rate",
            low=0,
            high=1,
        ),
        Hyperparameter("end_ratio", "float", 4e-6, "where it ends, as a share of the learning rate", low=0, high=1),
        formula="start ↗ 1 in the share `rise` of the updates, then ↘ end, along half cosines",
        reference="Smith & Topin 2018, as PyTorch",
    ),
)


def factors(schedule: Mapping[str, Any] | None, done: Doubles, total: int, per_epoch: int) -> Doubles:
    """The factors (T,) of `schedule`, a `type` with its hyperparameters, warm-up included; 1 throughout where it is None.

    In the first W = round(warmup total) updates the factor is (n + 1) / (W + 1), so that it would be 1 at the first
    update after.
    """
    if schedule is None:
        return np.ones_like(done)
    entry = SCHEDULES[schedule["type"]]
    values = {**entry.defaults(), **{name: value for name, value in schedule.items() if name != "type"}}
    warm = round(values.pop("warmup") * total)
    if not warm:
        return np.asarray(entry.function(done, total, per_epoch, **values))
    after = entry.function(np.maximum(done - warm, 0), total - warm, per_epoch, **values)
    return np.asarray(np.where(done < warm, (done + 1) / (warm + 1), after))


def rates(
    learning_rate: float, decay: float, schedule: Mapping[str, Any] | None, done: Doubles, total: int, per_epoch: int
) -> Doubles:
    """The learning rate (T,) of each update: `learning_rate` x schedule x decay ** (updates done)."""
    return np.asarray(learning_rate * factors(schedule, done, total, per_epoch) * np.power(decay, done))
