"""How good the best of k trials is, for every k, from one set of independent trials."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from hpt.compare.statistics import Floats


@dataclass(frozen=True, slots=True)
class BestAfter:
    """The expected best cost after `k` trials, the mean over studies; `low` to `high` is its bootstrap band."""

    k: tuple[int, ...]
    value: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


def doublings(trials: int) -> tuple[int, ...]:
    """1, 2, 4, … and `trials` itself."""
    return (*(2**i for i in range((trials - 1).bit_length())), trials)


def best_of(costs: ArrayLike, k: int) -> Floats:
    """The mean of the smallest of `k` costs over all choices of `k` out of K: (…, K) -> (…).

    U_k = Σᵢ C(K - i, k - 1) v₍ᵢ₎ / C(K, k) over the costs in ascending order (Dodge et al. 2019, without replacement as
    in Tang et al. 2020). Unbiased for independent trials only. The weights come from their ratios, as the binomials
    overflow.
    Raises ValueError unless 1 <= `k` <= K and every cost is finite.
    """
    ascending = np.sort(np.asarray(costs, dtype=np.float64), axis=-1)
    trials = ascending.shape[-1]
    if not 1 <= k <= trials:
        raise ValueError(f"the best of {k} out of {trials} trials")
    if not np.isfinite(ascending).all():
        raise ValueError("costs must be finite: clip them first")
    later = trials - np.arange(1, trials)
    weights = np.cumprod(np.concatenate([[k / trials], (later - k + 1).clip(0) / later]))
    best: Floats = ascending @ weights
    return best


def best_after(
    costs: ArrayLike, k: Sequence[int], *, seed: int, repetitions: int = 2000, confidence: float = 0.95
) -> BestAfter:
    """The expected best cost after each of `k` trials, from `costs` (studies, K), which are finite.

    The band resamples whole studies. Raises ValueError as `best_of` does.
    """
    by_study = np.stack([best_of(costs, count) for count in k], axis=-1)
    studies = len(by_study)
    drawn = np.random.default_rng(seed).multinomial(studies, np.full(studies, 1 / studies), size=repetitions)
    tail = (1 - confidence) / 2
    low, high = np.quantile(drawn @ by_study / studies, [tail, 1 - tail], axis=0)
    return BestAfter(tuple(k), tuple(by_study.mean(axis=0).tolist()), tuple(low.tolist()), tuple(high.tolist()))
