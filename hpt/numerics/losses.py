"""Losses, and their gradients with respect to the outputs of the models.

Arrays of outputs have the shape (K, C, B): K models side by side, C outputs each (one a class), B rows of the batch. A sum
over classes then adds C long runs of B numbers, which is fast.

A loss is a function that is given such an array and
- writes the loss of each row to `rows`, (K, B);
- if `with_gradient`, writes to `gradient`, (K, C, B), the gradient of the mean of those losses over the B rows; if not,
  `gradient` is working memory;
- overwrites `outputs`, which it uses as working memory, and `scratch`, (K, B).

`targets` is (1 or K, C, B): numbers for regression, one-hot or smoothed classes for classification. Hyperparameters are
keyword-only and the same for all K models.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np

from hpt.foundation.catalogue import Entry, Hyperparameter, table
from hpt.numerics.linear import least_squares, log_odds_regression, logistic_regression
from hpt.numerics.stack import number
from hpt.numerics.types import Doubles, Floats, Task

_LEAST_SHARE = 1e-12


class Loss(Protocol):
    """What a loss is called with; the module's docstring says what it does."""

    def __call__(
        self,
        outputs: Floats,
        targets: Floats,
        rows: Floats,
        gradient: Floats,
        scratch: Floats,
        with_gradient: bool,
        # Two open ends say that a loss has keywords of its own.
        *none: Any,
        **hyperparameters: Any,
    ) -> None: ...


def mean_targets(means: Doubles) -> Doubles:
    """The outputs that say the mean targets are those means: so it is where outputs and targets mean the same."""
    return means


@dataclass(frozen=True, slots=True, kw_only=True)
class LossEntry(Entry):
    """A loss.

    tasks: what it can be trained for. default_for: the task that takes it where none is named.
    outputs: how many a model then has; None: one a class, one for regression. classes: how many there must be; None: any.
    constant: gives the outputs (C,) that a model without inputs would have, from the means (C,) of the targets.
    probabilities: gives those of the classes (n, classes) from outputs (n, C); None where outputs say nothing of them.
    linear: fits a linear model to inputs, targets and penalties, as `hpt.numerics.linear` says.
    """

    function: Loss
    tasks: tuple[Task, ...]
    default_for: Task | None = None
    outputs: int | None = None
    classes: int | None = None
    constant: Callable[[Doubles], Doubles] = mean_targets
    probabilities: Callable[[Doubles], Doubles] | None = None
    linear: Callable[[Doubles, Doubles, tuple[float, ...]], Doubles] = least_squares


def mse(outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, with_gradient: bool) -> None:
    """Mean squared error, mean over outputs of (z - y)²: no ½, as PyTorch's MSELoss."""
    _, count, batch = outputs.shape
    outputs -= targets
    if with_gradient:
        np.multiply(outputs, number(2 / (count * batch), outputs.dtype), out=gradient)
    np.multiply(outputs, outputs, out=outputs)
    np.add.reduce(outputs, axis=1, out=rows)
    rows /= number(count, rows.dtype)


def mae(outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, with_gradient: bool) -> None:
    """Mean absolute error, mean over outputs of |z - y|; the gradient is 0 where z = y."""
    _, count, batch = outputs.shape
    outputs -= targets
    if with_gradient:
        np.sign(outputs, out=gradient)
        gradient *= number(1 / (count * batch), gradient.dtype)
    np.abs(outputs, out=outputs)
    np.add.reduce(outputs, axis=1, out=rows)
    rows /= number(count, rows.dtype)


def huber(
    outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, with_gradient: bool, *, delta: float
) -> None:
    """Mean over outputs of d²/2 where |d| ≤ delta, else delta (|d| - delta/2), d = z - y: PyTorch's HuberLoss.

    With c = d cut to ±delta both cases are c (d - c/2), and the gradient is c.
    """
    _, count, batch = outputs.shape
    outputs -= targets
    np.clip(outputs, -delta, delta, out=gradient)
    outputs *= number(2, outputs.dtype)
    outputs -= gradient
    outputs *= gradient
    np.add.reduce(outputs, axis=1, out=rows)
    rows /= number(2 * count, rows.dtype)
    if with_gradient:
        gradient *= number(1 / (count * batch), gradient.dtype)


def binary_cross_entropy(
    outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, with_gradient: bool
) -> None:
    """-q log σ(z) - (1 - q) log(1 - σ(z)) of one output z, the log-odds of the second class; the gradient is (σ(z) - q) / B.

    Computed as max(z, 0) - q z + log(1 + e) with e = exp(-|z|), and σ(z) = exp(min(z, 0)) / (1 + e): nothing overflows.
    """
    batch = outputs.shape[2]
    np.abs(outputs, out=gradient)
    np.negative(gradient, out=gradient)
    np.exp(gradient, out=gradient)
    np.log1p(gradient[:, 0], out=rows)
    np.maximum(outputs[:, 0], 0, out=scratch)
    rows += scratch
    np.multiply(outputs[:, 0], targets[:, 0], out=scratch)
    rows -= scratch
    if not with_gradient:
        return
    gradient += number(1, gradient.dtype)
    np.minimum(outputs, 0, out=outputs)
    np.exp(outputs, out=outputs)
    np.divide(outputs, gradient, out=gradient)
    gradient -= targets
    gradient *= number(1 / batch, gradient.dtype)


def cross_entropy(
    outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, with_gradient: bool
) -> None:
    """-Σ_c q_c log softmax(z)_c with z shifted by its maximum; the gradient is (softmax(z) - q) / B."""
    batch = outputs.shape[2]
    np.maximum.reduce(outputs, axis=1, out=scratch)
    outputs -= scratch[:, None]
    np.exp(outputs, out=gradient)
    np.add.reduce(gradient, axis=1, out=scratch)
    outputs *= targets
    np.add.reduce(outputs, axis=1, out=rows)
    # The outputs are spent: they make room for the logarithms, and for targets / B.
    np.subtract(np.log(scratch, out=outputs[:, 0]), rows, out=rows)
    if not with_gradient:
        return
    scratch *= number(batch, scratch.dtype)
    gradient /= scratch[:, None]
    gradient -= np.multiply(targets, number(1 / batch, targets.dtype), out=outputs[: len(targets)])


def log_shares(shares: Doubles) -> Doubles:
    """The logits whose softmax is `shares`; a class without a share keeps a tiny one."""
    return np.asarray(np.log(np.maximum(shares, _LEAST_SHARE)))


def log_odds(shares: Doubles) -> Doubles:
    """The logit whose σ is the share of the second class."""
    return log_shares(shares) - log_shares(1 - shares)


def clipped(outputs: Doubles) -> Doubles:
    """Outputs below 0 as 0, divided by their sum; all equal where none is above: squared errors are least at the probabilities."""
    shares = np.maximum(outputs, 0)
    total = shares.sum(axis=1, keepdims=True)
    return np.asarray(np.where(total > 0, shares / np.where(total > 0, total, 1), 1 / outputs.shape[1]))


def softmax(outputs: Doubles) -> Doubles:
    """exp z / Σ exp z, with z shifted by its maximum."""
    shares = np.exp(outputs - outputs.max(axis=1, keepdims=True))
    return np.asarray(shares / shares.sum(axis=1, keepdims=True))


def logistic(outputs: Doubles) -> Doubles:
    """1 - σ(z) and σ(z), of the first and of the second class."""
    small = np.exp(-np.abs(outputs))
    less, more = small / (1 + small), 1 / (1 + small)
    positive = outputs > 0
    return np.concatenate([np.where(positive, less, more), np.where(positive, more, less)], axis=1)


LOSSES = table(
    LossEntry(
        "mse",
        "mean squared error, without ½",
        function=mse,
        formula="mean (z - y)²",
        tasks=("regression", "classification"),
        default_for="regression",
        probabilities=clipped,
    ),
    LossEntry("mae", "mean absolute error", function=mae, formula="mean |z - y|", tasks=("regression",)),
    LossEntry(
        "huber",
        "squared near the target, absolute beyond delta",
        function=huber,
        hyperparameters=(
            Hyperparameter(
                "delta",
                "float",
                1.0,
                "error at which it turns from squared to absolute",
                low=0,
                open_low=True,
                scope="never",
            ),
        ),
        formula="mean of d²/2 where |d| ≤ δ, else δ (|d| - δ/2); d = z - y",
        reference="Huber 1964",
        tasks=("regression",),
    ),
    LossEntry(
        "cross_entropy",
        "cross-entropy of the softmax of the outputs",
        function=cross_entropy,
        formula="-Σ_c q_c log softmax(z)_c",
        tasks=("classification",),
        default_for="classification",
        constant=log_shares,
        probabilities=softmax,
        linear=logistic_regression,
    ),
    LossEntry(
        "binary_cross_entropy",
        "cross-entropy of two classes from one output",
        function=binary_cross_entropy,
        formula="-q log σ(z) - (1 - q) log(1 - σ(z))",
        tasks=("classification",),
        outputs=1,
        classes=2,
        constant=log_odds,
        probabilities=logistic,
        linear=log_odds_regression,
    ),
)
