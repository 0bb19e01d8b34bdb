"""What any trial has to beat: the constant predictor, and a linear model that is fitted to convergence."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np

from hpt.models.outputs import Outputs
from hpt.numerics.linear import PENALTIES
from hpt.numerics.types import Doubles
from hpt.training.measuring import measured
from hpt.training.problem import Problem
from hpt.training.stack import bound

_AT_ONCE = 4096


def constant_metrics(problem: Problem, chosen: Mapping[str, Any] | None) -> dict[str, float]:
    """The metrics at the end of a model whose outputs are the same for every row, whatever the inputs are.

    Under the loss `chosen` (None: the task's own) they predict the class frequencies of the training rows, or the mean of their
    target. Of equally frequent classes the first is predicted.
    """
    shares = problem.targets("train", problem.outputs(chosen), 0.0).mean(axis=0)
    outputs = problem.loss(chosen).constant(shares)
    weights = np.zeros((1, len(outputs), len(problem.dataset.input_names) + 1))
    weights[0, :, -1] = outputs
    return {name: float(values[0]) for name, values in _metrics(problem, chosen, weights, problem.at_end).items()}


def linear_metrics(problem: Problem, chosen: Mapping[str, Any] | None) -> dict[str, float]:
    """The metrics at the end of a linear model of the training rows: logistic for cross-entropy, else least squares.

    Of the ridge penalties the one with the best objective is taken, of equal ones the strongest.
    """
    width = problem.outputs(chosen)
    fitted = problem.loss(chosen).linear(problem.dataset.train.inputs, problem.targets("train", width, 0.0), PENALTIES)
    objective = problem.objective
    judged = _metrics(problem, chosen, fitted, (objective.part,))[objective.metric]
    best = min(range(len(fitted)), key=lambda index: objective.cost(float(judged[index])))
    found = _metrics(problem, chosen, fitted[best : best + 1], problem.at_end)
    return {name: float(values[0]) for name, values in found.items()}


def _metrics(
    problem: Problem, chosen: Mapping[str, Any] | None, weights: Doubles, parts: tuple[str, ...]
) -> dict[str, Doubles]:
    """The metrics (L,) on the rows of `parts` of linear models with the weights (L, C, D + 1), whose last column is the bias."""
    models, width, _ = weights.shape
    loss = bound(problem.loss(chosen), chosen)
    metrics: dict[str, Doubles] = {}
    for part in parts:
        inputs = problem.part(part).inputs
        targets = np.ascontiguousarray(problem.targets(part, width, 0.0).T)

        def predict(chunk: slice, inputs: Doubles = inputs) -> Outputs:
            room = Outputs(models, width, chunk.stop - chunk.start, np.dtype(np.float64))
            room.values[...] = weights[:, :, :-1] @ inputs[chunk].T + weights[:, :, -1:]
            return room

        metrics |= measured(problem, part, predict, targets, loss, members=models, at_once=_AT_ONCE, every_epoch=False)
    return metrics
