"""Weights of classes: how much the rows of each count in the gradient."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from hpt.foundation.errors import InputError
from hpt.numerics.stack import number
from hpt.numerics.types import Doubles, Floats
from hpt.training.problem import Problem
from hpt.yaml.diagnostics import listed, shortened

Chosen = str | Mapping[str, float] | None
"""`balanced`, weights by label (1 where a class has none), or None for no weights."""


def class_weights(problem: Problem, chosen: Chosen) -> Doubles | None:
    """The weight (C,) of each class. Balanced: n / (C nᶜ), by which all classes count alike and the mean over the training rows is 1.

    Raises InputError for the label of no class.
    """
    if chosen is None:
        return None
    classes = problem.dataset.classes or ()
    if isinstance(chosen, str):
        counts = np.bincount(problem.dataset.train.targets, minlength=len(classes))
        return np.asarray(counts.sum() / (len(classes) * np.maximum(counts, 1)))
    if unknown := [label for label in chosen if label not in classes]:
        text = f"expected labels of the target, found {shortened(unknown[0])}. Labels: {listed(classes)}."
        raise InputError(f"training.class_weights: {text}")
    return np.array([chosen.get(label, 1.0) for label in classes])


def weighted(loss: Callable[..., None], weights: Doubles, label_smoothing: float, outputs: int) -> Callable[..., None]:
    """`loss` whose gradient is that of the mean of weight · loss over the rows. The losses it writes are not weighted.

    A row's weight w is read from its smoothed targets q: with q = (1 - s) onehot + s / C the one-hot is (q - s / C) / (1 - s), so
    w = Σ_c a_c q_c + b. With one output, q is the share of the second class and w = w₀ + (w₁ - w₀) onehot.
    """
    base = 0.0 if outputs > 1 else float(weights[0])
    slopes = (weights[-outputs:, None] - base) / (1 - label_smoothing)
    offset = base - float(slopes.sum()) * label_smoothing / len(weights)
    by_type = {np.dtype(name): (slopes.astype(name), number(offset, np.dtype(name))) for name in ("float32", "float64")}

    def apply(values: Floats, targets: Floats, rows: Floats, gradient: Floats, scratch: Floats, with_gradient: bool) -> None:
        loss(values, targets, rows, gradient, scratch, with_gradient)
        if with_gradient:
            # The outputs and the scratch are spent: they make room for a q and for w.
            a, b = by_type[gradient.dtype]
            np.multiply(targets, a, out=values)
            np.add.reduce(values, axis=1, out=scratch)
            scratch += b
            gradient *= scratch[:, None]

    return apply
