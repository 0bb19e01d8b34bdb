"""Diagnosis of a comparison: ranges whose ends cut off the optimum, and the sources of variance."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from hpt.foundation.distributions import binomial_tail

OUTER = 0.05
EDGE_LEVEL = 0.001


@dataclass(frozen=True, slots=True)
class Edge:
    """An end of a range near which `count` of the studies have their selected value: the range may cut off the optimum."""

    end: Literal["low", "high"]
    count: int


@dataclass(frozen=True, slots=True)
class Spread:
    """The shares of the variance of one run's score that the split, the search and the run's seeds cause; they add up to 1."""

    split: float
    search: float
    seeds: float


def edge_bound(studies: int, chance: float = OUTER) -> int:
    """How many of `studies` must select a value at the same end before chance is ruled out; `studies` + 1 where none suffice.

    The smallest count that `studies` random values, each at that end with probability `chance`, reach with probability <= .001: 5 of
    12. The level is strict because every hyperparameter of every optimizer is tested, at both ends.
    """
    return next(count for count in range(studies + 2) if binomial_tail(count, studies, chance) <= EDGE_LEVEL)


def edges(positions: ArrayLike, chance: float = OUTER) -> tuple[Edge, ...]:
    """The ends of a range near which too many selected values lie.

    positions: (studies,), the position of each study's selected value in its range, on the range's scale: 0 is `min`, 1 is `max`.
    chance: the probability that a random value lies in the outer 5% at one end; larger for a range with few steps.
    """
    values = np.asarray(positions, dtype=np.float64)
    bound = edge_bound(values.size, chance)
    low, high = int((values <= OUTER).sum()), int((values >= 1 - OUTER).sum())
    found = (Edge("low", low), Edge("high", high))
    return tuple(edge for edge in found if edge.count >= bound)


def spread(scores: ArrayLike) -> Spread:
    """The variance components of `scores`, (optimizers, studies, runs), by the mean squares of a two-way layout.

    y = optimizer + split + search + seeds, random but for the first: a split is a study's, shared by all optimizers; a
    search is one optimizer's in one study; the rest differs between the runs of one selected setting. The expected mean
    squares are seeds, seeds + runs·search, and seeds + runs·search + optimizers·runs·split (Montgomery, *Design and
    Analysis of Experiments*, ch. 13); a negative estimate counts as 0. Without any spread all shares are 0.
    Raises ValueError for fewer than two optimizers, studies or runs.
    """
    values = np.asarray(scores, dtype=np.float64)
    if values.ndim != 3 or min(values.shape) < 2:
        raise ValueError(f"variance components want at least 2 optimizers, studies and runs, got shape {values.shape}")
    optimizers, studies, runs = values.shape
    cells = values.mean(axis=2)
    by_study = cells.mean(axis=0)
    interaction = cells - by_study - cells.mean(axis=1, keepdims=True) + cells.mean()
    square_seeds = values.var(axis=2, ddof=1).mean()
    square_search = runs * (interaction**2).sum() / ((optimizers - 1) * (studies - 1))
    square_split = optimizers * runs * by_study.var(ddof=1)
    parts = np.array(
        [(square_split - square_search) / (optimizers * runs), (square_search - square_seeds) / runs, square_seeds]
    ).clip(0)
    total = parts.sum()
    split, search, seeds = (parts / total if total > 0 else parts).tolist()
    return Spread(split, search, seeds)
