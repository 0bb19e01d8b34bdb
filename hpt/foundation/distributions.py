"""Beta, binomial and Student t probabilities.

All of them are the regularised incomplete beta function. A page of it costs no install and no start-up time; SciPy,
with which the tests compare it, costs both.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from itertools import count

TINY = 1e-300


def incomplete_beta(a: float, b: float, x: float) -> float:
    """I_x(a, b), the chance that a Beta(a, b) number is at most `x`; a, b > 0.

    Nine digits are right for a, b <= 10,000. The continued fraction DLMF 8.17.22, by Lentz's method as modified by
    Thompson and Barnett (Numerical Recipes, 5.2).
    """
    if x <= 0 or x >= 1:
        return float(x >= 1)
    if x > (a + 1) / (a + b + 2):
        # The fraction converges quickly on the near side of the mode only.
        return 1 - incomplete_beta(b, a, 1 - x)
    fraction, upper, lower = 1.0, 1.0, 0.0
    for coefficient in _coefficients(a, b, x):
        lower = 1 / (1 + coefficient * lower or TINY)
        upper = 1 + coefficient / upper or TINY
        fraction *= upper * lower
        if abs(upper * lower - 1) < 1e-15:
            break
    log_front = math.lgamma(a + b) - math.lgamma(a) - math.lgamma(b) + a * math.log(x) + b * math.log1p(-x)
    return math.exp(log_front) / (a * fraction)


def beta_quantile(probability: float, a: float, b: float) -> float:
    """The x with I_x(a, b) = `probability`, by bisection down to neighbouring numbers."""
    low, high = 0.0, 1.0
    while low < (middle := (low + high) / 2) < high:
        if incomplete_beta(a, b, middle) < probability:
            low = middle
        else:
            high = middle
    return high


def binomial_tail(successes: int, trials: int, chance: float) -> float:
    """P(X >= `successes`) for X ~ Binomial(`trials`, `chance`) (DLMF 8.17.5)."""
    if successes <= 0 or successes > trials:
        return float(successes <= 0)
    return incomplete_beta(successes, trials - successes + 1, chance)


def clopper_pearson(successes: int, trials: int, confidence: float = 0.95) -> tuple[float, float]:
    """The exact interval of a binomial chance (Clopper & Pearson 1934), both ends with half of 1 - `confidence`.

    Raises ValueError unless 0 <= `successes` <= `trials` and `trials` >= 1.
    """
    if not 0 <= successes <= trials or trials < 1:
        raise ValueError(f"{successes} successes of {trials} trials")
    half = (1 - confidence) / 2
    failures = trials - successes
    low = beta_quantile(half, successes, failures + 1) if successes else 0.0
    high = 1 - beta_quantile(half, failures, successes + 1) if failures else 1.0
    return low, high


def student_t_tail(t: float, freedom: float) -> float:
    """P(T > `t`) for Student's t with `freedom` degrees, any real `t`.

    Above 0 it is half of I_x(freedom/2, 1/2) at x = freedom / (freedom + t²).
    """
    beyond = incomplete_beta(freedom / 2, 0.5, freedom / (freedom + t * t)) / 2
    return beyond if t >= 0 else 1 - beyond


def student_t_quantile(tail: float, freedom: float) -> float:
    """The t that Student's t with `freedom` degrees exceeds with chance `tail`, 0 < `tail` < .5."""
    x = beta_quantile(2 * tail, freedom / 2, 0.5)
    return math.sqrt(freedom * (1 - x) / x)


def _coefficients(a: float, b: float, x: float) -> Iterator[float]:
    """d₁, d₂, … of 1 + d₁ / (1 + d₂ / (1 + …)), DLMF 8.17.23."""
    for m in count():
        if m:
            yield m * (b - m) * x / ((a + 2 * m - 1) * (a + 2 * m))
        yield -(a + m) * (a + b + m) * x / ((a + 2 * m) * (a + 2 * m + 1))
