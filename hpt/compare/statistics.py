"""Tests, estimates and intervals for paired scores.

Scores are costs here: lower is better. A difference is `a - b`, so evidence that differences lie below zero is evidence
that `a` is better.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import ArrayLike, NDArray

from hpt.foundation.distributions import student_t_quantile, student_t_tail

Floats = NDArray[np.float64]

DIGITS = 12


@dataclass(frozen=True, slots=True)
class SignedRank:
    """Wilcoxon's signed-rank test of differences that are symmetric about zero, with exact probabilities.

    below, zeros, above: how many differences were negative, zero (these were dropped) and positive.
    statistic: the sum of the mid-ranks of the positive differences.
    less, greater: one-sided p, small where the differences lie below (above) zero.
    """

    below: int
    zeros: int
    above: int
    statistic: float
    less: float
    greater: float

    @property
    def two_sided(self) -> float:
        """Twice the smaller one-sided p, at most 1."""
        return min(1.0, 2 * min(self.less, self.greater))


@dataclass(frozen=True, slots=True)
class Interval:
    """The closed interval from `low` to `high`, and the confidence it achieves."""

    low: float
    high: float
    confidence: float


@dataclass(frozen=True, slots=True)
class CorrectedT:
    """The corrected resampled t-test: the mean difference, its interval and two-sided p."""

    mean: float
    interval: Interval
    p: float


def paired_differences(a: ArrayLike, b: ArrayLike) -> Floats:
    """`a - b`, (n,), rounded to the 12th digit of the largest score.

    Without it the noise of floating point breaks ties: .3 - .2 and .2 - .1 differ.
    Raises ValueError unless `a` and `b` are one-dimensional, equally long, not empty and finite.
    """
    first, second = np.asarray(a, dtype=np.float64), np.asarray(b, dtype=np.float64)
    if first.ndim != 1 or first.shape != second.shape or not first.size:
        raise ValueError(f"paired scores want two equally long rows, got shapes {first.shape} and {second.shape}")
    if not (np.isfinite(first).all() and np.isfinite(second).all()):
        raise ValueError("paired scores must be finite: clip them before comparing")
    largest = max(np.abs(first).max(), np.abs(second).max())
    if largest == 0:
        return np.zeros_like(first)
    # 10.0 ** 308 is the last power of ten that is a finite number.
    decimals = min(DIGITS - math.ceil(math.log10(largest)), 300)
    return np.round(first - second, decimals)


def signed_rank(differences: ArrayLike) -> SignedRank:
    """Wilcoxon's signed-rank test of `differences`, (n,), any n: equal sizes share their mid-rank, zeros are dropped.

    The probabilities are those of all 2^n ways to give the observed mid-ranks a sign, so they are exact under ties too.
    With nothing left to rank every p is 1.
    """
    values = np.asarray(differences, dtype=np.float64)
    ranked = values[values != 0]
    sizes = np.sort(np.abs(ranked))
    doubled = sizes.searchsorted(np.abs(ranked), "left") + sizes.searchsorted(np.abs(ranked), "right") + 1
    positive = ranked > 0
    total = int(doubled[positive].sum())
    at_most = _cumulative(tuple(np.sort(doubled).tolist()))
    return SignedRank(
        below=ranked.size - int(positive.sum()),
        zeros=values.size - ranked.size,
        above=int(positive.sum()),
        statistic=total / 2,
        less=float(at_most[total]),
        greater=float(at_most[-1 - total]),
    )


def walsh_averages(differences: ArrayLike) -> Floats:
    """The means of all pairs of `differences`, each with itself too, sorted: (n(n + 1)/2,)."""
    values = np.asarray(differences, dtype=np.float64)
    first, second = np.triu_indices(values.size)
    return np.sort((values[first] + values[second]) / 2)


def hodges_lehmann(differences: ArrayLike) -> float:
    """The median of the Walsh averages: the shift after which the signed-rank test sees nothing."""
    return float(np.median(walsh_averages(differences)))


def signed_rank_interval(differences: ArrayLike, confidence: float = 0.95) -> Interval:
    """The shifts that a two-sided signed-rank test of `differences` does not reject.

    They reach from the c-th smallest to the c-th largest Walsh average, c the largest count that keeps `confidence`:
    with 12 differences and .95 the 14th and the 65th of 78, 95.8%. Too few differences for `confidence` give the widest
    interval there is, with what it achieves. Ties only make it wider than need be (Hollander, Wolfe & Chicken,
    *Nonparametric Statistical Methods*, 3.3).
    """
    averages = walsh_averages(differences)
    at_most = _cumulative(tuple(range(2, 2 * np.size(differences) + 1, 2)))[::2]
    c = max(1, int(np.searchsorted(at_most, (1 - confidence) / 2, side="right")))
    return Interval(float(averages[c - 1]), float(averages[-c]), 1 - 2 * float(at_most[c - 1]))


def holm(p: ArrayLike) -> Floats:
    """Holm's adjusted p, (m,), in the order given (Holm 1979).

    Rejecting where they are at most some level holds the chance of any wrong rejection to that level.
    """
    values = np.asarray(p, dtype=np.float64)
    order = np.argsort(values, kind="stable")
    adjusted = np.empty_like(values)
    adjusted[order] = np.minimum(1, np.maximum.accumulate(values[order] * np.arange(values.size, 0, -1)))
    return adjusted


def corrected_t(differences: ArrayLike, train_rows: int, test_rows: int, confidence: float = 0.95) -> CorrectedT:
    """The corrected resampled t-test of `differences`, (n,), one for each random split of the same rows.

    The splits overlap, so the variance of the mean is s² (1/n + test_rows/train_rows) (Nadeau & Bengio 2003).
    Raises ValueError for fewer than two differences.
    """
    values = np.asarray(differences, dtype=np.float64)
    if values.size < 2:
        raise ValueError("the corrected t-test wants at least two differences")
    mean = float(values.mean())
    error = math.sqrt(float(values.var(ddof=1)) * (1 / values.size + test_rows / train_rows))
    freedom = values.size - 1
    half = error * student_t_quantile((1 - confidence) / 2, freedom)
    ratio = abs(mean) / error if error else (math.inf if mean else 0.0)
    return CorrectedT(mean, Interval(mean - half, mean + half, confidence), 2 * student_t_tail(ratio, freedom))


@lru_cache(maxsize=16)
def _cumulative(doubled_ranks: tuple[int, ...]) -> Floats:
    """P(sum of the doubled ranks with a plus sign <= s) for s = 0 … their total, every sign a fair coin."""
    chances = np.zeros(sum(doubled_ranks) + 1)
    chances[0] = 1
    reach = 1
    for rank in doubled_ranks:
        halved = chances[:reach] / 2
        chances[:reach] = halved
        chances[rank : rank + reach] += halved
        reach += rank
    return np.cumsum(chances)
