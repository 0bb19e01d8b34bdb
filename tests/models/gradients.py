"""The gradient of any model family against central differences, through its protocol alone."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any

import numpy as np

from hpt.data.dataset import Shape
from hpt.models.family import Family, Network
from hpt.numerics.losses import LOSSES

MEMBERS, ROWS = 2, 5
LOSS_OPTIONS = {"huber": {"delta": 0.7}}


def outputs_of(loss: str) -> int:
    return LOSSES[loss].outputs or 3


def targets_of(loss: str, random: np.random.Generator) -> np.ndarray:
    """(C, B): smoothed one-hot for losses of classes."""
    count = outputs_of(loss)
    if LOSSES[loss].tasks == ("regression",) or loss == "mse":
        return random.normal(size=(count, ROWS))
    classes = LOSSES[loss].classes or count
    onehot = np.eye(classes)[random.integers(0, classes, ROWS)].T
    return (onehot * 0.9 + 0.1 / classes)[-count:]


def gradient_error(
    family: Family, model: Mapping[str, Any], loss: str = "cross_entropy", shapes: tuple[Shape, ...] = ((4,),)
) -> float:
    """The largest difference between backpropagation and central differences, over the largest gradient.

    A batch is gathered out of more rows than it has, in another order for each member.
    """
    random = np.random.default_rng(3)
    architecture = family.architecture(shapes, outputs_of(loss), model)
    flat = random.normal(size=(MEMBERS, architecture.size)) * 0.7
    width = sum(int(np.prod(shape)) for shape in shapes)
    targets = np.concatenate([targets_of(loss, random), targets_of(loss, random)], axis=1)
    source = family.lay_out(random.normal(size=(2 * ROWS, width)), targets.T, np.dtype(float))
    order = np.stack([random.permutation(2 * ROWS)[:ROWS] for _ in range(MEMBERS)])
    network: Network = architecture.network([model] * MEMBERS, ROWS, np.dtype(float), source, MEMBERS)
    function = partial(LOSSES[loss].function, **LOSS_OPTIONS.get(loss, {}))

    def losses(values: np.ndarray, gradient: np.ndarray) -> np.ndarray:
        streams = [np.random.default_rng(member) for member in range(MEMBERS)]
        network.forward_backward(architecture.views(values), architecture.views(gradient), order, function, streams)
        return network.outputs.losses.mean(axis=1)

    found = np.full_like(flat, np.nan)
    losses(flat, found)
    expected, spare = np.zeros_like(flat), np.zeros_like(flat)
    for place in range(architecture.size):
        step = np.zeros(architecture.size)
        step[place] = 1e-5
        expected[:, place] = (losses(flat + step, spare) - losses(flat - step, spare)) / 2e-5
    return float(np.abs(found - expected).max() / np.abs(expected).max())
