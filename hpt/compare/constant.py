"""The constant predictor: what a model is worth that has learned nothing but how often each answer occurs."""

from __future__ import annotations

import numpy as np

from hpt.numerics.losses import LOSSES
from hpt.numerics.metrics import PARTS, Outcome, measure
from hpt.training.problem import Problem, arrays
from hpt.training.settings import Settings
from hpt.training.stack import bound


def constant_metrics(problem: Problem, settings: Settings) -> dict[str, float]:
    """Every metric on each part's rows of a model whose outputs are the same for every row.

    It says the class frequencies of the training rows, or the mean of their target, under the loss that `settings` train
    with. A tie between classes goes to the first.
    """
    chosen = settings.training["loss"]
    row = problem.loss(chosen)
    width = problem.outputs(chosen)
    inputs = len(problem.dataset.input_names) + 1
    shares = arrays(problem, "train", width, "float64", 0.0).rows[:, inputs:].mean(axis=0)
    outputs = row.constant(shares)
    classes = np.append(1 - shares, shares) if problem.classes and width == 1 else shares
    measured: dict[str, float] = {}
    for part in PARTS:
        targets = arrays(problem, part, width, "float64", 0.0).columns[None, inputs:]
        truth = problem.part(part).targets
        count = len(truth)
        said = np.tile(outputs[None, :, None], (1, 1, count))
        losses = np.empty((1, count))
        bound(LOSSES[row.name], chosen)(
            said, targets, losses, np.empty_like(said), np.empty((1, count)), with_gradient=False
        )
        if problem.classes:
            predicted = np.full((1, count), int(classes.argmax()))
        else:
            dataset = problem.dataset
            predicted = np.full((1, count), shares[0] * dataset.target_sd + dataset.target_mean)
            truth = truth * dataset.target_sd + dataset.target_mean
        score = np.zeros((1, count)) if problem.classes == 2 else None
        outcome = Outcome(losses.mean(axis=1), predicted, truth, problem.classes, score)
        measured |= {name: float(values[0]) for name, values in measure(outcome, part, every_epoch=False).items()}
    return measured
