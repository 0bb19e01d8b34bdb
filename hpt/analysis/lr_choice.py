"""From how constant learning rates ended to the one to take: none that noise chose, none at the edge of what is stable."""

from __future__ import annotations

import math
from dataclasses import dataclass
from itertools import groupby

import numpy as np

from hpt.numerics.types import Doubles

SATURATED = 0.003
"""Losses that differ by less than this share of all that was learned are as good: near zero, ratios of losses say nothing."""


@dataclass(frozen=True, slots=True)
class Choice:
    """Places in the ascending rates that were tried.

    best: where the mean over the seeds is lowest. low, high: the ends of the plateau, the longest run of rates within `noise` of
    the best. unstable: the first rate at which a seed diverged, or above the plateau ended no better than it began; the number of
    rates where there is none. suggested: the middle of the plateau, below the last stable rate.
    """

    best: int
    low: int
    high: int
    unstable: int
    suggested: int
    noise: float


def choose(ended: Doubles, start: float) -> Choice | None:
    """The choice among rates that ended with losses (R, S) of S seeds, inf where one diverged; None where none is stable.

    start: the loss before the first update.
    """
    finite = np.isfinite(ended).all(axis=1)
    unstable = len(ended) if finite.all() else int(np.argmin(finite))
    if unstable == 0:
        return None
    # Means, not medians: a rate at which one seed in five fails is no good rate.
    means = ended[:unstable].mean(axis=1)
    best = int(means.argmin())
    noise = max(_error_of_difference(ended[:unstable], best), SATURATED * (start - float(means[best])))
    low, high = _longest_run(means <= means[best] + noise)
    failing = np.flatnonzero((ended[high + 1 : unstable] >= start).any(axis=1))
    if len(failing):
        unstable = high + 1 + int(failing[0])
    middle = (low + high) // 2
    # The last stable rate is the edge: another seed may find it on the other side.
    suggested = min(middle, max(0, unstable - 2)) if unstable < len(ended) else middle
    return Choice(best, low, high, unstable, suggested, noise)


def _error_of_difference(ended: Doubles, best: int) -> float:
    """The standard error of a difference of two means, from the scatter that is usual where rates learned as much as the best."""
    seeds = ended.shape[1]
    if seeds < 2:
        return 0.0
    learned = ended.mean(axis=1) <= 2 * ended[best].mean()
    return float(np.median(ended[learned].std(axis=1, ddof=1))) * math.sqrt(2 / seeds)


def _longest_run(good: np.ndarray[tuple[int], np.dtype[np.bool_]]) -> tuple[int, int]:
    """The ends of the longest run of True, the first of equal ones; there is a True."""
    runs = [list(places) for is_good, places in groupby(range(len(good)), key=good.__getitem__) if is_good]
    longest = max(runs, key=len)
    return longest[0], longest[-1]
