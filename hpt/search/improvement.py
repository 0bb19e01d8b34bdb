"""Which of many points to try next by a Gaussian process: those that are likely to better the best, and not all the same."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hpt.numerics.types import Doubles
from hpt.search.gaussian_process import Posterior

# Below it φ(z) + z Φ(z) loses its digits, and its asymptotic series has them.
_FAR = -25.0


def log_improvement(means: Doubles, sds: Doubles, best: float) -> Doubles:
    """The logarithm of E[max(best - f, 0)], (n,), of normal f with `means` and `sds`, (n,): ln(sd (φ(z) + z Φ(z))), z = (best - mean)/sd.

    It tells points apart where the improvement itself is 0 in floating point (Ament et al. 2023).
    """
    z = (best - means) / sds
    near = np.maximum(z, _FAR)
    below = np.array([math.erfc(-each / math.sqrt(2)) / 2 for each in near.tolist()])
    found: Doubles = np.log(np.exp(-0.5 * near * near) / math.sqrt(2 * math.pi) + near * below)
    far = np.minimum(z, _FAR)
    tail = -0.5 * far * far - 0.5 * math.log(2 * math.pi) - 2 * np.log(-far) + np.log1p(-3 / far**2)
    return np.where(z < _FAR, tail, found) + np.log(sds)


def chosen(process: Posterior, points: Doubles, allowed: NDArray[np.bool_], best: float, count: int) -> list[int]:
    """The indices of up to `count` different `points`, (n, d), that are `allowed`, (n,), one after the other.

    Each has the highest expected improvement on `best` if those before come to what is expected of them: they leave the means as they
    are and make the neighbourhood certain (Ginsbourger et al. 2010, the kriging believer).
    """
    cross = process.covariance(points, process.points)
    means, variances = process.given(cross)
    solved = cross @ process.inverse
    known = np.empty((count, len(points)))
    allowed = allowed.copy()
    found: list[int] = []
    while len(found) < count and allowed.any():
        scores = log_improvement(means, np.sqrt(np.maximum(variances, 1e-9)), best)
        at = int(np.argmax(np.where(allowed, scores, -np.inf)))
        before = known[: len(found)]
        column = process.covariance(points, points[at : at + 1])[:, 0] - solved @ cross[at] - before.T @ before[:, at]
        column /= math.sqrt(max(variances[at], 1e-9) + process.noise)
        known[len(found)] = column
        variances = variances - column * column
        allowed &= ~(points == points[at]).all(axis=1)
        found.append(at)
    return found
