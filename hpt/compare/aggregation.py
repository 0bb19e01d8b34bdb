"""Aggregates scores over several tasks: one number for each optimizer."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hpt.compare.statistics import Floats


@dataclass(frozen=True, slots=True)
class AcrossTasks:
    """Interquartile means of the normalised scores: 1 is the best optimizer of a task, 0 its baseline.

    value, low, high: (optimizers,), the estimate and its bootstrap band.
    difference, difference_low, difference_high: (optimizers, optimizers), the row's value minus the column's; a band
        that resamples studies jointly, so it is narrower than two separate bands suggest.
    """

    value: Floats
    low: Floats
    high: Floats
    difference: Floats
    difference_low: Floats
    difference_high: Floats


@dataclass(frozen=True, slots=True)
class Profiles:
    """How much of what is asked each optimizer delivers (the performance profiles of Agarwal et al. 2021).

    thresholds: (T,) normalised scores. shares, low, high: (optimizers, T), the share of the studies that score at least so
    much, the mean over tasks, and its bootstrap band.
    """

    thresholds: Floats
    shares: Floats
    low: Floats
    high: Floats


def normalised(costs: ArrayLike, baseline: float) -> Floats:
    """(baseline - cost) / (baseline - best), (optimizers, studies) -> the same shape.

    baseline: the cost of predicting the same for every row. best: the lowest median over studies of any optimizer.
    Raises ValueError where no optimizer is better than the baseline in its median study: there is no unit to measure in.
    """
    values = np.asarray(costs, dtype=np.float64)
    best = np.median(values, axis=1).min()
    if not best < baseline:
        raise ValueError(f"no optimizer beats the constant predictor ({baseline:g}) in its median study")
    scores: Floats = (baseline - values) / (baseline - best)
    return scores


def interquartile_mean(scores: ArrayLike) -> Floats:
    """The mean without the lowest and the highest quarter of the scores, ⌊n/4⌋ each: (…, n) -> (…)."""
    ascending = np.sort(np.asarray(scores, dtype=np.float64), axis=-1)
    cut = ascending.shape[-1] // 4
    mean: Floats = ascending[..., cut : ascending.shape[-1] - cut].mean(axis=-1)
    return mean


def across_tasks(
    scores: Sequence[ArrayLike], *, seed: int, repetitions: int = 2000, confidence: float = 0.95
) -> AcrossTasks:
    """The interquartile mean of each optimizer over all studies of all tasks (Agarwal et al. 2021, rliable).

    scores: for each task the normalised scores, (optimizers, studies of this task).
    The bootstrap is stratified: each task keeps its number of studies; a study is drawn for all optimizers at once.
    """
    tasks = [np.asarray(task, dtype=np.float64) for task in scores]
    rng = np.random.default_rng(seed)
    drawn = [rng.integers(task.shape[1], size=(repetitions, task.shape[1])) for task in tasks]
    resampled = np.concatenate([task[:, rows] for task, rows in zip(tasks, drawn, strict=True)], axis=-1)
    value, replicates = interquartile_mean(np.concatenate(tasks, axis=-1)), interquartile_mean(resampled)
    tail = (1 - confidence) / 2
    low, high = np.quantile(replicates, [tail, 1 - tail], axis=-1)
    difference = value[:, None] - value
    difference_low, difference_high = np.quantile(replicates[:, None] - replicates, [tail, 1 - tail], axis=-1)
    return AcrossTasks(value, low, high, difference, difference_low, difference_high)


def performance_profiles(
    scores: Sequence[ArrayLike], thresholds: Floats, *, seed: int, repetitions: int = 500, confidence: float = 0.95
) -> Profiles:
    """The profiles of each optimizer over tasks, each of which counts the same. scores, and the bootstrap: as in `across_tasks`."""
    tasks = [np.asarray(task, dtype=np.float64)[:, :, None] >= thresholds for task in scores]
    rng = np.random.default_rng(seed)
    value = np.mean([task.mean(axis=1) for task in tasks], axis=0)
    drawn = np.zeros((repetitions, *value.shape))
    for task in tasks:
        studies = task.shape[1]
        weights = rng.multinomial(studies, [1 / studies] * studies, size=repetitions) / studies
        drawn += np.einsum("rs,ost->rot", weights, task) / len(tasks)
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn, [tail, 1 - tail], axis=0)
    return Profiles(thresholds, value, low, high)
