"""The learning-rate range test: a sweep that brackets the learning rate, and runs at constant rates that choose inside.

The sweep raises the rate by a constant factor after every update and watches the loss of each batch. Three usual readings of
that curve are given, but none of them chooses: measured on digits and line, for sgd and adam, with linear models and
networks, 20 to 200 epochs, each reading (and a dozen others) was in some case off by a factor of ten or more in the
final loss, because a curve of 150 updates cannot know how long a run will be. All agreed on where to look, and there
constant rates are tried, and `hpt.analysis.lr_choice` chooses among them.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Protocol

import numpy as np

from hpt.analysis.lr_choice import Choice, choose
from hpt.evaluate.protocol import Evaluator, Request
from hpt.foundation.catalogue import Range
from hpt.foundation.errors import RunError
from hpt.numerics.types import Doubles, Integers
from hpt.training.cohort import batch_rows
from hpt.training.lr_sweep import changed
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member

SMOOTHING = 0.9
"""Share of the past in the smoothed loss; 0.98, usual with longer sweeps, would lag two decades behind in this one."""
BLOWN_UP = 4.0
"""A sweep ends where the smoothed loss is above this multiple of its lowest value."""
BELOW_VALLEY = 5.0
"""Constant rates are tried from this share of the lowest valley up to where the last seed blew up."""
RATES_A_DECADE = 8
MOST_UPDATES = 1000
"""Updates of a run at a constant rate at most, so that the price of the test is bounded."""
NEAR_BEST = 2.0
"""The search range holds the stable rates that end within this multiple of the lowest loss, and half a decade on both sides."""
MOST_EXTENSIONS = 3
"""So many decades below the first rates are tried at most, as long as the lowest rate is among the good ones."""


@dataclass(frozen=True, slots=True)
class Reading:
    """A learning rate read off the sweep: the median over the seeds, the lowest and the highest."""

    median: float
    low: float
    high: float


@dataclass(frozen=True, slots=True, eq=False)
class LearningRateRange:
    """What the range test found. It holds for this batch size and these other hyperparameters only.

    rates: (U,), of the sweep. smoothed: (S, U), each seed's smoothed batch loss before the update at that rate; nan
        once it blew up.
    readings: `valley`, `steep` and `minimum`.
    tried: (R,), constant rates, ascending. losses: (R, S), `metric` of each seed after `epochs` epochs; inf where that diverged.
    choice: the places in `tried` that were chosen. search: the range to search, within what is stable.
    blew_up: whether the sweep ended because the loss of every seed blew up, rather than at its highest rate.
    """

    rates: Doubles
    smoothed: Doubles
    readings: Mapping[str, Reading]
    tried: Doubles
    losses: Doubles
    metric: str
    epochs: int
    choice: Choice
    search: Range
    blew_up: bool

    @property
    def suggestion(self) -> float:
        """The middle of the plateau of the best rates, below the edge of what is stable."""
        return float(self.tried[self.choice.suggested])

    @property
    def ended(self) -> Doubles:
        """(R,), the means of `losses` over the seeds; inf where one diverged."""
        return np.asarray(self.losses.mean(axis=1))


class Sweeper(Evaluator, Protocol):
    """An evaluator that can also sweep the learning rate."""

    def sweep(self, members: Sequence[Member]) -> tuple[Doubles, Doubles]:
        """As `hpt.training.lr_sweep.sweep`."""
        ...


def find_learning_rate(members: Sequence[Member], problem: Problem, evaluator: Sweeper) -> LearningRateRange:
    """The range test for the settings of `members`, one a seed, which differ in their random streams only.

    The learning rate of the settings is not read; the sweep does without their schedule and decay, the runs do without
    `stop`. Raises RunError where no rate that is tried is stable.
    """
    rates, losses = evaluator.sweep(members)
    smoothed = _smoothed(losses)
    # A seed that is not finite from the start has no curve to read.
    curves = [curve[: int(np.isfinite(curve).sum())] for curve in smoothed if np.isfinite(curve[0])]
    if not curves:
        raise RunError("the loss is not finite before the first update: look at the data and the initialisation.")
    readings = {name: _over_seeds([float(rates[read(rates, curve)]) for curve in curves]) for name, read in READINGS.items()}
    highest = max(float(rates[len(curve) - 1]) for curve in curves)
    tried = _between(readings["valley"].low / BELOW_VALLEY, highest)
    metric, epochs, losses = _tries(members, problem, evaluator, tried)
    start = float(np.median([curve[0] for curve in curves]))
    choice = choose(losses, start)
    for _ in range(MOST_EXTENSIONS):
        if choice is not None and choice.low > 0 and choice.suggested > 0:
            break
        # Nothing says that lower rates are worse, or that any is stable.
        below = _between(tried[0] / 10, tried[0])[:-1]
        losses = np.concatenate([_tries(members, problem, evaluator, below)[2], losses])
        tried = np.concatenate([below, tried])
        choice = choose(losses, start)
    if choice is None:
        raise RunError(f"no learning rate from {tried[0]:g} to {tried[-1]:g} is stable: each diverged for a seed.")
    blew_up = all(len(curve) < len(rates) for curve in curves)
    search = _search(tried, losses.mean(axis=1), choice)
    return LearningRateRange(rates, smoothed, readings, tried, losses, metric, epochs, choice, search, blew_up)


def _search(tried: Doubles, ended: Doubles, choice: Choice) -> Range:
    """The range around the good rates that has no rate in it that is unstable, or higher than any that was tried."""
    good = ended[: choice.unstable] <= max(NEAR_BEST * ended[choice.best], ended[choice.best] + choice.noise)
    near = tried[: choice.unstable][good]
    highest = min(near[-1] * math.sqrt(10), tried[choice.unstable - 1])
    return Range(_rounded(near[0] / math.sqrt(10)), _rounded(highest), "log")


def _smoothed(losses: Doubles) -> Doubles:
    """The exponential means (S, U) of `losses`, corrected for their start; nan from where they are not finite or blew up."""
    means = np.full_like(losses, np.nan)
    for curve, mean in zip(losses, means, strict=True):
        lowest, summed = math.inf, 0.0
        for index, loss in enumerate(curve.tolist()):
            summed = SMOOTHING * summed + (1 - SMOOTHING) * loss
            corrected = summed / (1 - SMOOTHING ** (index + 1))
            if not math.isfinite(corrected) or corrected > BLOWN_UP * lowest:
                break
            mean[index] = corrected
            lowest = min(lowest, corrected)
    return means


def _valley(rates: Doubles, curve: Doubles) -> int:
    """Two thirds along the longest decreasing subsequence of the curve, as fastai reads it."""
    lengths, before = np.ones(len(curve), dtype=np.int64), np.full(len(curve), -1)
    for index in range(1, len(curve)):
        above: Integers = np.flatnonzero(curve[:index] > curve[index])
        if len(above):
            before[index] = above[lengths[above].argmax()]
            lengths[index] = lengths[before[index]] + 1
    chain = [int(lengths.argmax())]
    while before[chain[-1]] >= 0:
        chain.append(int(before[chain[-1]]))
    return chain[::-1][len(chain) * 2 // 3]


def _steep(rates: Doubles, curve: Doubles) -> int:
    """Where the curve falls most for the same factor of the rate, once the smoothing has enough updates to average over."""
    falls = np.diff(curve)
    start = min(round(1 / (1 - SMOOTHING)), len(falls) - 1)
    return start + int(falls[start:].argmin()) if len(falls) else 0


def _tenth_of_minimum(rates: Doubles, curve: Doubles) -> int:
    """A tenth of the rate with the lowest loss."""
    return int(np.abs(np.log(rates / (rates[curve.argmin()] / 10))).argmin())


READINGS: Mapping[str, Callable[[Doubles, Doubles], int]] = {
    "valley": _valley,
    "steep": _steep,
    "minimum": _tenth_of_minimum,
}
"""From the rates (U,) and one seed's smoothed losses up to where they blew up, the index of a rate."""


def _over_seeds(values: Sequence[float]) -> Reading:
    return Reading(float(np.median(values)), min(values), max(values))


def _between(low: float, high: float) -> Doubles:
    """Rates from `low` to `high` at equal factors, of two digits."""
    count = max(2, math.ceil(math.log10(high / low) * RATES_A_DECADE) + 1)
    return np.array(sorted({_rounded(rate) for rate in np.geomspace(low, high, count).tolist()}))


def _rounded(rate: float) -> float:
    return float(f"{rate:.2g}")


def _tries(members: Sequence[Member], problem: Problem, evaluator: Evaluator, tried: Doubles) -> tuple[str, int, Doubles]:
    """The metric by which constant rates are judged, the epochs they ran, and what each seed (R, S) ended with."""
    settings = members[0].settings
    rows = len(problem.dataset.train.inputs)
    updates = -(-rows // batch_rows(settings, rows))
    epochs = max(1, min(int(settings.training["epochs"]), MOST_UPDATES // updates))
    training = {"epochs": epochs, "stop": {}, "checkpoint": "last"}
    runs = [changed(member, {"learning_rate": rate}, training) for rate in tried.tolist() for member in members]
    metric = str(problem.objective.beside("loss"))
    ended = np.full(len(runs), np.inf)
    for outcome in evaluator.evaluate([Request(replace(run, trial=trial)) for trial, run in enumerate(runs)], epochs):
        result = outcome.came_to
        if isinstance(result, TrainingResult) and result.reason != "diverged":
            ended[result.trial] = result.metrics[metric]
    return metric, epochs, ended.reshape(len(tried), len(members))
