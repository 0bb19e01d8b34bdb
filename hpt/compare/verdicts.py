"""Verdicts on the scores of repeated studies: which optimizer is better than which, and which may be the best.

A verdict is a claim about a typical study: it is about the pseudo-median of the paired differences, not about their mean.
"""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hpt.compare.statistics import (
    Floats,
    Interval,
    SignedRank,
    hodges_lehmann,
    holm,
    paired_differences,
    signed_rank,
    signed_rank_interval,
)

Direction = Literal["minimize", "maximize"]
Verdict = Literal["better", "worse", "equivalent", "unresolved"]

LEVEL = 0.05


@dataclass(frozen=True, slots=True)
class Pair:
    """Two optimizers over the same studies: "`a` is `verdict` than `b`".

    difference: the Hodges-Lehmann estimate of `a - b` in the metric's own units; `interval` is the inverted signed-rank
        test, without adjustment for other pairs. mean_difference: printed, never judged.
    zeros: studies without any difference, which the tests drop.
    p: two-sided, exact. p_adjusted: Holm's; None for a pair outside the comparisons with the reference.
    p_equivalent: the p of "differs by `margin` or more", adjusted too; None as above.
    probability_better: share of the studies in which `a` wins, ties half.
    """

    a: str
    b: str
    difference: float
    mean_difference: float
    interval: Interval
    zeros: int
    p: float
    p_adjusted: float | None
    p_equivalent: float | None
    probability_better: float
    verdict: Verdict


@dataclass(frozen=True, slots=True)
class Standing:
    """The rank of one optimizer.

    rank: 1 + how many are judged better. ranks: the best and worst rank that the verdicts leave possible.
    centred: the median over studies of its score minus the study's mean over optimizers, in the metric's own units.
    """

    name: str
    rank: int
    ranks: tuple[int, int]
    centred: float


@dataclass(frozen=True, slots=True)
class Ranking:
    """The ranking of a comparison, best first.

    Every pair stands once, its `a` before its `b` in that order.
    """

    standings: tuple[Standing, ...]
    pairs: tuple[Pair, ...]
    best_set: tuple[str, ...]


def judge(
    scores: Mapping[str, Sequence[float]],
    *,
    margin: float,
    direction: Direction = "minimize",
    reference: str | None = None,
) -> Ranking:
    """Verdicts on `scores`: for each optimizer one finite number a study, the same studies in the same order.

    margin: the difference, in the metric's own units, that is too small to matter; 0 allows no `equivalent`.
    reference: judge the pairs with this optimizer only. To be named before the first study: picked from the results it
        makes the p values wrong.

    `better` and `worse` want Holm's p below .05, which holds wrong ones to 5%. `equivalent` wants two one-sided
    signed-rank tests inside ± `margin`, times 2m - 1 for m pairs: all equivalences, and the differences of the other
    pairs, could be claimed wrongly in the same comparison (a pair's own cannot: it either differs or not). With two
    optimizers this holds *any* wrong verdict to 5%; with more, Holm leaves nothing for equivalences to spend, and
    it is simulation (`benchmarks/honesty_synthetic.py`) that says the factor suffices.

    Raises ValueError for fewer than two optimizers, unequal or non-finite scores, a negative margin, an unknown
    reference.
    """
    sign = 1 if direction == "minimize" else -1
    rows = {name: np.asarray(values, dtype=np.float64) for name, values in scores.items()}
    _check(rows, margin, reference)
    centred = _centred(rows)
    names = sorted(rows, key=lambda name: sign * centred[name])
    couples = list(itertools.combinations(names, 2))
    differences = {(a, b): paired_differences(rows[a], rows[b]) for a, b in couples}
    tests = {couple: signed_rank(sign * values) for couple, values in differences.items()}

    family = [couple for couple in couples if reference is None or reference in couple]
    adjusted = dict(zip(family, holm([tests[couple].two_sided for couple in family]).tolist(), strict=True))
    equivalence = {(a, b): min(1.0, _outside(rows[a], rows[b], margin) * (2 * len(family) - 1)) for a, b in family}
    pairs = tuple(
        _pair(couple, differences[couple], tests[couple], adjusted.get(couple), equivalence.get(couple))
        for couple in couples
    )
    return Ranking(
        standings=tuple(_standing(name, len(names), pairs, centred[name]) for name in names),
        pairs=pairs,
        best_set=_best_set(names, tests),
    )


def smallest_p(studies: int) -> float:
    """The smallest two-sided p that a signed-rank test of `studies` differences can have."""
    return min(1.0, 2.0 ** (1 - studies))


def studies_needed(optimizers: int, *, against_reference: bool = False) -> int:
    """The fewest studies with which a pair can be judged better or worse; with fewer, say so before the first."""
    pairs = optimizers - 1 if against_reference else optimizers * (optimizers - 1) // 2
    return next(n for n in itertools.count(1) if pairs * smallest_p(n) < LEVEL)


def _check(rows: Mapping[str, Floats], margin: float, reference: str | None) -> None:
    """Raise ValueError for what `judge` does not accept."""
    if len(rows) < 2:
        raise ValueError("a comparison wants at least two optimizers")
    if len({values.shape for values in rows.values()}) > 1 or not all(values.size for values in rows.values()):
        raise ValueError("every optimizer needs one score for each study")
    if not all(np.isfinite(values).all() for values in rows.values()):
        raise ValueError("scores must be finite: clip them before comparing")
    if not margin >= 0:
        raise ValueError(f"the margin must be at least 0, found {margin}")
    if reference is not None and reference not in rows:
        raise ValueError(f"the reference {reference!r} is not among {', '.join(rows)}")


def _centred(rows: Mapping[str, Floats]) -> dict[str, float]:
    """By name, the median over studies of the score minus the study's mean over optimizers."""
    stacked = np.stack(list(rows.values()))
    medians = np.median(stacked - stacked.mean(axis=0), axis=1)
    return dict(zip(rows, medians.tolist(), strict=True))


def _outside(a: Floats, b: Floats, margin: float) -> float:
    """The p of "a and b differ by `margin` or more": the larger of the two one-sided signed-rank tests."""
    above_low = signed_rank(paired_differences(a + margin, b)).greater
    below_high = signed_rank(paired_differences(a, b + margin)).less
    return max(above_low, below_high)


def _pair(
    couple: tuple[str, str],
    differences: Floats,
    test: SignedRank,
    adjusted: float | None,
    equivalence: float | None,
) -> Pair:
    """The statistics and the verdict of `couple`; `differences` are in the metric's own units, `test` is of costs."""
    return Pair(
        a=couple[0],
        b=couple[1],
        difference=hodges_lehmann(differences),
        mean_difference=float(differences.mean()),
        interval=signed_rank_interval(differences, 1 - LEVEL),
        zeros=test.zeros,
        p=test.two_sided,
        p_adjusted=adjusted,
        p_equivalent=equivalence,
        probability_better=(test.below + test.zeros / 2) / differences.size,
        verdict=_verdict(test, adjusted, equivalence),
    )


def _verdict(test: SignedRank, adjusted: float | None, equivalence: float | None) -> Verdict:
    """A significant difference takes precedence, even where it is also shown to be smaller than the margin."""
    if adjusted is not None and adjusted < LEVEL:
        return "better" if test.less < test.greater else "worse"
    if equivalence is not None and equivalence < LEVEL:
        return "equivalent"
    return "unresolved"


def _standing(name: str, optimizers: int, pairs: Sequence[Pair], centred: float) -> Standing:
    """The rank of `name`, from the verdicts of its pairs."""
    above = sum((p.a == name and p.verdict == "worse") or (p.b == name and p.verdict == "better") for p in pairs)
    below = sum((p.a == name and p.verdict == "better") or (p.b == name and p.verdict == "worse") for p in pairs)
    return Standing(name, rank=1 + above, ranks=(1 + above, optimizers - below), centred=centred)


def _best_set(names: Sequence[str], tests: Mapping[tuple[str, str], SignedRank]) -> tuple[str, ...]:
    """The optimizers that none of the others beats at one-sided p <= .05/(k - 1).

    Multiple comparisons with the best (Hsu 1984) by a union bound: the true best is left out in at most 5%. Where all
    are beaten, in a circle, all may be best.
    """
    threshold = LEVEL / (len(names) - 1)
    beaten = {b for (_, b), test in tests.items() if test.less <= threshold}
    beaten |= {a for (a, _), test in tests.items() if test.greater <= threshold}
    return tuple(name for name in names if name not in beaten) or tuple(names)
