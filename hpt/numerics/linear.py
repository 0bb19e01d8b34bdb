"""Linear models fitted to convergence, under several ridge penalties at once: what any other model has to beat.

A fit is given inputs (n, D) and targets (n, C) and gives weights (L, C, D + 1), one matrix a penalty, whose last column is
the bias; the outputs for a row x are W x + b. A penalty λ stands for λ/2 Σ w², over the inputs centred and scaled to a
standard deviation of 1; the bias is free.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpt.foundation.randomness import generator
from hpt.numerics.types import Doubles

PENALTIES = (10.0, 1.0, 0.1, 1e-2, 1e-3, 1e-4)
"""The strongest first."""

_STEPS = 200
_CLOSE = 1e-8
"""Share of the loss of a constant that a step must be expected to win for another to follow."""
_MOST_INPUTS = 2048
_DIRECTIONS = 256


@dataclass(frozen=True, slots=True)
class _Rotated:
    """Inputs in the directions in which they vary, so that their second moments are a diagonal matrix.

    scores: (n, r). moments: (r,), the mean squares of the scores. directions: (D, r), from scaled inputs to scores.
    mean, scale: (D,), an input is scaled as (x - mean) / scale.
    """

    scores: Doubles
    moments: Doubles
    directions: Doubles
    mean: Doubles
    scale: Doubles

    @classmethod
    def of(cls, inputs: Doubles) -> _Rotated:
        """The inputs (n, D) rotated; beyond 2,048 inputs only the 256 directions that a random projection finds largest."""
        mean, spread = inputs.mean(axis=0), inputs.std(axis=0)
        scale = np.where(spread > 0, spread, 1.0)
        scaled = (inputs - mean) / scale
        rows, width = scaled.shape
        if min(rows, width) > _MOST_INPUTS:
            drawn = generator("directions", width).standard_normal((width, _DIRECTIONS))
            basis, _ = np.linalg.qr(scaled.T @ (scaled @ drawn))
        elif width <= rows:
            basis = np.eye(width)
        else:
            basis, _ = np.linalg.qr(scaled.T)
        projected = scaled @ basis
        _, turned = np.linalg.eigh(projected.T @ projected)
        scores = projected @ turned
        return cls(scores, np.mean(scores**2, axis=0), basis @ turned, mean, scale)

    def weights(self, rotated: Doubles, bias: Doubles) -> Doubles:
        """The weights (C, D + 1) for raw inputs, from those (r, C) of the scores and the bias (C,) at the mean."""
        weights = (self.directions @ rotated).T / self.scale
        return np.concatenate([weights, (bias - weights @ self.mean)[:, None]], axis=1)


def least_squares(inputs: Doubles, targets: Doubles, penalties: tuple[float, ...]) -> Doubles:
    """The minimum of ½ mean |W x + b - y|² + λ/2 Σ w², in closed form."""
    rotated = _Rotated.of(inputs)
    bias = targets.mean(axis=0)
    products = rotated.scores.T @ (targets - bias) / len(targets)
    # Directions without variance have no product either; without a penalty they would be 0 / 0.
    return np.stack([rotated.weights(products / (rotated.moments + penalty)[:, None], bias) for penalty in penalties])


def logistic_regression(inputs: Doubles, targets: Doubles, penalties: tuple[float, ...]) -> Doubles:
    """The minimum of the mean cross-entropy of softmax(W x + b) + λ/2 Σ w²; targets are shares that add up to 1.

    Böhning (1992): the Hessian is nowhere above ½ S, the second moments of the inputs, so a Newton step with ½ S + λ never
    raises the loss. Nesterov's momentum makes it fast; it begins anew where it points uphill (O'Donoghue & Candès 2015). Each
    penalty starts from the solution of the one before.
    """
    rotated = _Rotated.of(inputs)
    rows, count = targets.shape
    scores = np.concatenate([rotated.scores, np.ones((rows, 1))], axis=1)
    curvature = np.append(rotated.moments, 1.0)[:, None] / 2
    weights = np.zeros((scores.shape[1], count))
    found = []
    for penalty in penalties:
        ridge = np.append(np.full(len(rotated.moments), penalty), 0.0)[:, None]
        weights = _descended(scores, targets, weights, ridge, curvature + ridge)
        found.append(rotated.weights(weights[:-1], weights[-1]))
    return np.stack(found)


def log_odds_regression(inputs: Doubles, targets: Doubles, penalties: tuple[float, ...]) -> Doubles:
    """As `logistic_regression`, from the share (n, 1) of the second of two classes to the one output that is its log-odds."""
    both = logistic_regression(inputs, np.concatenate([1 - targets, targets], axis=1), penalties)
    return both[:, 1:] - both[:, :1]


def _descended(scores: Doubles, targets: Doubles, weights: Doubles, ridge: Doubles, bound: Doubles) -> Doubles:
    """The weights (r + 1, C) at the minimum. bound: (r + 1, 1), no less than the Hessian."""
    ahead, momentum = weights, 1.0
    # Class by class: a maximum or a sum over a short last axis is slow.
    by_class = np.ascontiguousarray(targets.T)
    logits = np.empty_like(by_class)
    for _ in range(_STEPS):
        np.matmul(ahead.T, scores.T, out=logits)
        logits -= logits.max(axis=0)
        np.exp(logits, out=logits)
        logits /= logits.sum(axis=0)
        logits -= by_class
        gradient = scores.T @ logits.T / len(targets) + ridge * ahead
        after = ahead - gradient / bound
        if float(np.sum(gradient**2 / bound)) / 2 < _CLOSE * np.log(targets.shape[1]):
            return after
        uphill = float(np.sum(gradient * (after - weights))) > 0
        grown = 1.0 if uphill else (1 + np.sqrt(1 + 4 * momentum**2)) / 2
        ahead = after if uphill else after + (momentum - 1) / grown * (after - weights)
        weights, momentum = after, grown
    return weights
