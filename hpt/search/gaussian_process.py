"""A Gaussian process over the settings of trials: what a setting is worth, and how sure that is.

Its lengths, its signal and its noise are the most probable ones under priors, found by a fixed number of steps from a fixed start: the
same trials give the same process, whatever came before.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpt.numerics.types import Doubles, Integers

# Steps towards the most probable lengths; each looks at no more than FITTED trials.
STEPS = 30
FITTED = 64
# Logarithms of: the weight of an axis (its length to the power of -2), the signal's variance, the noise's. Mean and sd of their priors.
_WEIGHT_SD, _SIGNAL, _NOISE = 1.5, (0.0, 0.7), (math.log(0.05), 1.5)
_LENGTH = 0.5
_BRANCH = math.log(0.5)
_JITTER = 1e-6


@dataclass(frozen=True, slots=True)
class Posterior:
    """The process, given the targets at some points.

    points: (n, d). unordered: (d,), axes on which two points are either equal or not. weights: (d,), of the axes. signal, noise:
    variances. inverse: (n, n), of the covariance with noise. dual: (n,), the inverse times the targets.
    """

    points: Doubles
    unordered: NDArray[np.bool_]
    weights: Doubles
    signal: float
    noise: float
    inverse: Doubles
    dual: Doubles

    def covariance(self, one: Doubles, other: Doubles) -> Doubles:
        """The prior covariance of points (n, d) with points (m, d): (n, m)."""
        total: Doubles = np.zeros((len(one), len(other)))
        for axis, weight in enumerate(self.weights.tolist()):
            total += weight * _squares(one[:, axis], other[:, axis], unordered=bool(self.unordered[axis]))
        covariance: Doubles = self.signal * _matern(total)[0]
        return covariance

    def at(self, points: Doubles) -> tuple[Doubles, Doubles]:
        """The mean (n,) and the variance (n,) without noise at `points`, (n, d)."""
        return self.given(self.covariance(points, self.points))

    def given(self, cross: Doubles) -> tuple[Doubles, Doubles]:
        """As `at`, from the covariance (n, m) of the points with those of the process."""
        variance: Doubles = np.maximum(self.signal - ((cross @ self.inverse) * cross).sum(axis=1), 1e-9)
        return cross @ self.dual, variance

    def believing(self, points: Doubles) -> Posterior:
        """The process given also that the mean was observed at `points`, (m, d): its means stay, its variances shrink.

        All is inverted anew: to extend the inverse by a block would square the errors of its digits.
        """
        joined = np.concatenate([self.points, points])
        covariance = self.covariance(joined, joined)
        covariance.flat[:: len(joined) + 1] += self.noise + _JITTER
        inverse: Doubles = np.linalg.inv(covariance).astype(np.float64, copy=False)
        dual = np.concatenate([self.dual, np.zeros(len(points))])
        return Posterior(joined, self.unordered, self.weights, self.signal, self.noise, inverse, dual)


def posterior(points: Doubles, unordered: NDArray[np.bool_], targets: Doubles, active: float) -> Posterior:
    """The process that fits `targets`, (n,), mean 0 and sd 1, best first, at `points`, (n, d).

    The first axis is the branch. active: about how many of the others a point has: lengths grow with the dimension.
    """
    prior = np.r_[np.full(points.shape[1], -2 * math.log(_LENGTH * math.sqrt(max(active, 1.0)))), _SIGNAL[0], _NOISE[0]]
    prior[0] = _BRANCH
    spread = np.r_[np.full(points.shape[1], _WEIGHT_SD), _SIGNAL[1], _NOISE[1]]
    some = thinned(len(targets), FITTED)
    logs = _most_probable(distances(points[some], unordered), targets[some], prior, spread)
    weights: Doubles = np.exp(logs[:-2])
    signal, noise = math.exp(logs[-2]), math.exp(logs[-1])
    covariance = signal * _matern(np.tensordot(weights, distances(points, unordered), 1))[0]
    covariance.flat[:: len(targets) + 1] += noise + _JITTER
    inverse: Doubles = np.linalg.inv(covariance).astype(np.float64, copy=False)
    return Posterior(points, unordered, weights, signal, noise, inverse, inverse @ targets)


def thinned(count: int, most: int) -> Integers:
    """At most `most` of `count` indices: the first half of them in full, the rest evenly."""
    if count <= most:
        return np.arange(count)
    half = most // 2
    rest = np.linspace(half, count - 1, most - half).astype(np.intp)
    return np.concatenate([np.arange(half), np.unique(rest)])


def distances(points: Doubles, unordered: NDArray[np.bool_]) -> Doubles:
    """The squared distances of `points`, (n, d), from each other along each axis: (d, n, n)."""
    return np.stack(
        [_squares(column, column, unordered=bool(apart)) for column, apart in zip(points.T, unordered, strict=True)]
    )


def _squares(one: Doubles, other: Doubles, *, unordered: bool) -> Doubles:
    apart: Doubles = one[:, None] - other
    return (apart != 0).astype(np.float64) if unordered else apart * apart


def _matern(squared: Doubles) -> tuple[Doubles, Doubles]:
    """The Matérn 5/2 correlation at squared distances, and its derivative by them (Rasmussen & Williams 2006, eq. 4.17)."""
    r = np.sqrt(5 * np.maximum(squared, 0.0))
    decay = np.exp(-r)
    return (1 + r + r * r / 3) * decay, -(5 / 6) * (1 + r) * decay


def _most_probable(apart: Doubles, targets: Doubles, prior: Doubles, spread: Doubles) -> Doubles:
    """The logarithms of weights, signal and noise of highest posterior density, by steps of resilient propagation from the prior's mean.

    The sign of a derivative is all that a step takes (Riedmiller & Braun 1993): no line search, hence no number of steps that depends
    on the last bits.
    """
    logs, step = prior.copy(), np.full(len(prior), 0.2)
    before, lowest, best = np.zeros(len(prior)), math.inf, prior
    for _ in range(STEPS):
        loss, slope = _loss(logs, apart, targets)
        away = (logs - prior) / spread
        loss += 0.5 * float((away * away).sum())
        slope += away / spread
        if loss < lowest:
            lowest, best = loss, logs.copy()
        turned = np.sign(slope) * np.sign(before)
        step = (step * np.where(turned > 0, 1.3, np.where(turned < 0, 0.5, 1.0))).clip(1e-3, 1.0)
        before = np.where(turned < 0, 0.0, slope)
        logs = (logs - np.sign(before) * step).clip(-9.0, 6.0)
    return best


def _loss(logs: Doubles, apart: Doubles, targets: Doubles) -> tuple[float, Doubles]:
    """-ln p(targets), but for a constant, and its derivative by `logs` (Rasmussen & Williams 2006, eq. 5.8 and 5.9)."""
    weights, signal, noise = np.exp(logs[:-2]), math.exp(logs[-2]), math.exp(logs[-1])
    correlation, slope = _matern(np.tensordot(weights, apart, 1))
    covariance = signal * correlation
    covariance.flat[:: len(targets) + 1] += noise + _JITTER
    inverse = np.linalg.inv(covariance)
    dual = inverse @ targets
    loss = 0.5 * float(targets @ dual) + 0.5 * float(np.linalg.slogdet(covariance)[1])
    pull = 0.5 * (inverse - np.outer(dual, dual))
    by_weight = weights * np.tensordot(apart, pull * slope * signal, axes=([1, 2], [0, 1]))
    return loss, np.r_[by_weight, float((pull * correlation).sum()) * signal, float(np.trace(pull)) * noise]
