"""The baseline of a study, a dummy predictor: it predicts the same for every row, whatever the inputs are."""

from __future__ import annotations

import numpy as np

from hpt.models.outputs import Outputs
from hpt.numerics.losses import LOSSES
from hpt.numerics.metrics import PARTS
from hpt.training.measuring import measured
from hpt.training.problem import Problem
from hpt.training.settings import Settings
from hpt.training.stack import bound


def baseline_metrics(problem: Problem, settings: Settings) -> dict[str, float]:
    """The baseline's metrics, all of them, on the rows of each part.

    Its outputs are the same for every row. Under the loss of `settings` they predict the class frequencies of the training rows, or the
    mean of their target. Of equally frequent classes the first is predicted.
    """
    chosen = settings.training["loss"]
    row = problem.loss(chosen)
    width = problem.outputs(chosen)
    shares = problem.targets("train", width, 0.0).mean(axis=0)
    outputs = row.constant(shares)
    dtype = np.dtype(np.float64)

    def predict(chunk: slice) -> Outputs:
        room = Outputs(1, width, chunk.stop - chunk.start, dtype)
        room.values[...] = outputs[:, None]
        return room

    metrics: dict[str, float] = {}
    for part in PARTS:
        targets = np.ascontiguousarray(problem.targets(part, width, 0.0).T)
        loss = bound(LOSSES[row.name], chosen)
        found = measured(problem, part, predict, targets, loss, members=1, at_once=targets.shape[1], every_epoch=False)
        metrics |= {name: float(values[0]) for name, values in found.items()}
    return metrics
