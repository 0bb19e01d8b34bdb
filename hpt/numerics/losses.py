"""Losses on class-major outputs.

Outputs are (K, C, B), C for each of B rows: the short axis lies inside, where sums over it are fast.

A function overwrites `outputs`, writes the loss of each row to `rows` (K, B) and, where `derive` says so, the gradient of
the *mean* over the B rows to `gradient` (K, C, B), which else is only room. targets: (1 or K, C, B), one-hot (or
smoothed) for classification. scratch: (K, B).
Hyperparameters are keyword-only and the same for the whole stack.

Traits: `tasks`, which it fits; `default_for`, the task whose default it is; `outputs`, how many outputs the model then
has where that is not one for each class; `classes`, how many there must be; `constant`, which gives the outputs (C,)
that say the mean targets (C,), where those are not the mean targets themselves.
"""

from __future__ import annotations

import numpy as np

from hpt.foundation.catalogue import Entry, Hyperparameter, table
from hpt.numerics.stack import number
from hpt.numerics.types import Doubles, Floats

_LEAST_SHARE = 1e-12


def mse(outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, derive: bool) -> None:
    """Mean squared error, mean over outputs of (z - y)²: no ½, as PyTorch's MSELoss."""
    _, count, batch = outputs.shape
    outputs -= targets
    if derive:
        np.multiply(outputs, number(2 / (count * batch), outputs.dtype), out=gradient)
    np.multiply(outputs, outputs, out=outputs)
    np.add.reduce(outputs, axis=1, out=rows)
    rows /= number(count, rows.dtype)


def mae(outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, derive: bool) -> None:
    """Mean absolute error, mean over outputs of |z - y|; the gradient is 0 where z = y."""
    _, count, batch = outputs.shape
    outputs -= targets
    if derive:
        np.sign(outputs, out=gradient)
        gradient *= number(1 / (count * batch), gradient.dtype)
    np.abs(outputs, out=outputs)
    np.add.reduce(outputs, axis=1, out=rows)
    rows /= number(count, rows.dtype)


def huber(
    outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, derive: bool, *, delta: float
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
    if derive:
        gradient *= number(1 / (count * batch), gradient.dtype)


def binary_cross_entropy(
    outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, derive: bool
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
    if not derive:
        return
    gradient += number(1, gradient.dtype)
    np.minimum(outputs, 0, out=outputs)
    np.exp(outputs, out=outputs)
    np.divide(outputs, gradient, out=gradient)
    gradient -= targets
    gradient *= number(1 / batch, gradient.dtype)


def cross_entropy(outputs: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, derive: bool) -> None:
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
    if not derive:
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


LOSSES = table(
    Entry(
        "mse",
        "mean squared error, without ½",
        mse,
        formula="mean (z - y)²",
        traits={"tasks": ("regression", "classification"), "default_for": "regression"},
    ),
    Entry("mae", "mean absolute error", mae, formula="mean |z - y|", traits={"tasks": ("regression",)}),
    Entry(
        "huber",
        "squared near the target, absolute beyond delta",
        huber,
        (
            Hyperparameter(
                "delta",
                "float",
                1.0,
                "error at which it turns from squared to absolute",
                low=0,
                open_low=True,
                varies="never",
            ),
        ),
        formula="mean of d²/2 where |d| ≤ δ, else δ (|d| - δ/2); d = z - y",
        reference="Huber 1964",
        traits={"tasks": ("regression",)},
    ),
    Entry(
        "cross_entropy",
        "cross-entropy of the softmax of the outputs",
        cross_entropy,
        formula="-Σ_c q_c log softmax(z)_c",
        traits={"tasks": ("classification",), "default_for": "classification", "constant": log_shares},
    ),
    Entry(
        "binary_cross_entropy",
        "cross-entropy of two classes from one output",
        binary_cross_entropy,
        formula="-q log σ(z) - (1 - q) log(1 - σ(z))",
        traits={"tasks": ("classification",), "outputs": 1, "classes": 2, "constant": log_odds},
    ),
)
