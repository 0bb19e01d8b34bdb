"""What the means of a few runs are worth where the best of them is taken: each is drawn towards the mean of all.

The best of ten means is best by luck too. In a random-effects model the settings spread about a common mean, and the runs of each about
their own; what a setting is worth given all runs does not depend on why it was picked (Efron & Morris 1977).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from statistics import fmean

from hpt.foundation.distributions import student_t_quantile

SHARES = 64


def pooled(groups: Sequence[Sequence[float]]) -> list[tuple[float, float]]:
    """What each group is worth, and half of its 95% interval, given the values of all groups, of which none is empty.

    The prior of the share of the spread of means that is no noise of runs is uniform: it is proper for any number of groups, and its
    intervals hold what they promise (Daniels 1999). The spread of runs, the same in all groups, has the prior 1/variance; both are
    integrated out. Of equal values, or one of each, the interval has no width.
    """
    means = [fmean(group) for group in groups]
    counts = [len(group) for group in groups]
    freedom = sum(counts) - len(groups)
    within = sum((value - mean) ** 2 for group, mean in zip(groups, means, strict=True) for value in group)
    if not within:
        return [(mean, 0.0) for mean in means]
    given = [_given((step + 0.5) / SHARES, means, counts, within) for step in range(SHARES)]
    highest = max(log for log, _ in given)
    weights = [math.exp(log - highest) for log, _ in given]
    total = sum(weights)
    quantile = student_t_quantile(0.025, freedom + len(groups) - 1)
    found = []
    for each in zip(*(parts for _, parts in given), strict=True):
        value = sum(weight * mean for weight, (mean, _) in zip(weights, each, strict=True)) / total
        square = (
            sum(weight * (part + (mean - value) ** 2) for weight, (mean, part) in zip(weights, each, strict=True)) / total
        )
        found.append((value, quantile * math.sqrt(square)))
    return found


def _given(
    share: float, means: Sequence[float], counts: Sequence[int], within: float
) -> tuple[float, list[tuple[float, float]]]:
    """The logarithm of the likelihood of a `share`, and what each group is then worth with the square of its scale, of Student's t.

    share: of the variance of a mean of as many runs as usual, what is between settings.
    """
    between = share / (1 - share) / fmean(counts)
    variances = [between + 1 / count for count in counts]
    precision = sum(1 / variance for variance in variances)
    center = sum(mean / variance for mean, variance in zip(means, variances, strict=True)) / precision
    squares = within + sum((mean - center) ** 2 / variance for mean, variance in zip(means, variances, strict=True))
    freedom = sum(counts) - 1
    log = -0.5 * (sum(map(math.log, variances)) + math.log(precision) + freedom * math.log(squares))
    worth = []
    for mean, count, variance in zip(means, counts, variances, strict=True):
        own = between / variance
        worth.append((own * mean + (1 - own) * center, squares / freedom * (own / count + (1 - own) ** 2 / precision)))
    return log, worth
