"""Metrics of a stack, or of any other that gives outputs, on the rows of one part."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.models.outputs import Outputs, largest
from hpt.numerics.metrics import Outcome, measure
from hpt.numerics.types import Doubles, Floats
from hpt.training.problem import Problem
from hpt.training.stack import Stack

MEASURED_ROWS = 256
"""Rows measured at once: their values stay in cache. Fixed, since the last bits may depend on it."""


def measured(
    problem: Problem,
    part: str,
    predict: Callable[[slice], Outputs],
    targets: Floats,
    loss: Callable[..., None],
    *,
    members: int,
    at_once: int,
    every_epoch: bool,
) -> dict[str, Doubles]:
    """The metrics (K,) of K members on the rows of `part`, by name with the part.

    predict: gives the outputs for some of the rows; their values are used up. targets: (C, n), without label smoothing.
    at_once: how many rows are asked for in one call. every_epoch: whether the metrics that are measured at the end are left out.
    """
    width, count = targets.shape
    truth = problem.part(part).targets
    losses = np.zeros(members)
    predicted: NDArray[Any] = np.empty((members, count), np.int64 if problem.classes else np.float64)
    score = np.empty((members, count)) if problem.classes == 2 and not every_epoch else None
    for start in range(0, count, at_once):
        chunk = slice(start, min(start + at_once, count))
        outputs = predict(chunk)
        values = outputs.values
        if problem.classes:
            predicted[:, chunk] = largest(values) if width > 1 else values[:, 0] > 0
        else:
            predicted[:, chunk] = values[:, 0]
        if score is not None:
            score[:, chunk] = values[:, 1] - values[:, 0] if width > 1 else values[:, 0]
        outputs.apply(loss, targets[None, :, chunk], with_gradient=False)
        losses += np.add.reduce(outputs.losses, axis=1)
    if not problem.classes:
        dataset = problem.dataset
        predicted = predicted * dataset.target_sd + dataset.target_mean
        truth = truth * dataset.target_sd + dataset.target_mean
    return measure(Outcome(losses / count, predicted, truth, problem.classes, score), part, every_epoch=every_epoch)


def evaluate(stack: Stack, problem: Problem, part: str, *, every_epoch: bool) -> dict[str, Doubles]:
    """The metrics (K,) of the members of `stack` on the rows of `part`, by name with the part."""
    rows = stack.laid_out(problem, part)

    def predict(chunk: slice) -> Outputs:
        network = stack.measuring(chunk.stop - chunk.start)
        network.forward(stack.weights, rows, chunk)
        return network.outputs

    return measured(
        problem,
        part,
        predict,
        rows.targets,
        stack.loss,
        members=stack.members,
        at_once=MEASURED_ROWS,
        every_epoch=every_epoch,
    )
