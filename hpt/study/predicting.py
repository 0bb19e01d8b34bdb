"""From a run folder to predictions for new rows, by the model that training left there."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpt.data.dataset import Shape
from hpt.data.encoding import Encoding, NewRows
from hpt.foundation.errors import InputError
from hpt.models.named_weights import check_weights
from hpt.models.networks import apart
from hpt.models.outputs import largest
from hpt.numerics.losses import LossEntry
from hpt.numerics.types import Doubles, Floats
from hpt.runs.finding import BEST_WEIGHTS, RUN_FILE, find
from hpt.runs.winner import read_winner
from hpt.training.problem import loss_of, outputs_of
from hpt.training.settings import Settings
from hpt.training.trained_model import TrainedModel


@dataclass(frozen=True, slots=True)
class Predictions:
    """What a predictor answers for n rows.

    values: (n,) int64 indices into `classes`, or float64 amounts in the target's own units.
    probabilities: (n, classes), None in regression and where the loss says nothing of them.
    """

    values: NDArray[np.int64] | NDArray[np.float64]
    probabilities: Doubles | None
    classes: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class Predictor:
    """A model, or several whose answers are averaged, with how a file becomes inputs and outputs become answers.

    missing: `data.missing` of the training rows.
    """

    models: tuple[TrainedModel, ...]
    encoding: Encoding
    loss: LossEntry
    missing: str

    def read(self, path: Path) -> NewRows:
        """The rows of the file at `path`, encoded as the training rows were. Raises InputError where they do not fit."""
        return self.encoding.new_rows(path, self.missing)

    def predict(self, inputs: Doubles) -> Predictions:
        """Predictions for encoded inputs (n, D)."""
        outputs = [model.outputs(inputs) for model in self.models]
        if self.encoding.classes is None:
            amounts = np.mean(outputs, axis=0)[:, 0] * self.encoding.target_sd + self.encoding.target_mean
            return Predictions(amounts, None, None)
        classes, probabilities = self.encoding.classes, None
        scores = outputs[0] if len(outputs) == 1 else np.mean(outputs, axis=0)
        if self.loss.probabilities is not None:
            probabilities = np.mean([self.loss.probabilities(each) for each in outputs], axis=0)
            scores = scores if len(outputs) == 1 else probabilities
        return Predictions(_chosen(scores), probabilities, classes)


def _chosen(scores: Doubles) -> NDArray[np.int64]:
    """(n,) the class of each row by its outputs or probabilities (n, C), as metrics choose it."""
    if scores.shape[1] == 1:
        return (scores[:, 0] > 0).astype(np.int64)
    return np.asarray(largest(scores.T[None])[0], np.int64)


def winner_folder(runs: Path, run: str) -> Path:
    """The folder of the winner that `run` means: the name or path of a run, or a folder of `hpt train --save`.

    Raises InputError where there is none, as in a comparison.
    """
    named = any((folder / RUN_FILE).is_file() for folder in (runs / run, Path(run)))
    if not named and (Path(run) / BEST_WEIGHTS).is_file():
        return Path(run)
    found = find(runs, run)
    if found.metadata.kind == "compare":
        raise InputError(f"{found.folder}: expected a run of hpt tune, found a comparison, which leaves no model.")
    return found.folder


def predictor_in(folder: Path) -> Predictor:
    """The predictor of the winner in `folder`. Raises InputError where there is none."""
    winner = read_winner(folder)
    return predictor_of(
        [(winner.config.space.constants(), winner.weights)], winner.shapes, winner.encoding, winner.config.data["missing"]
    )


def predictor_of(
    trained: Sequence[tuple[Settings, Mapping[str, Floats]]], shapes: tuple[Shape, ...], encoding: Encoding, missing: str
) -> Predictor:
    """The predictor of models with these settings and weights, which share their loss.

    Raises InputError where the encoding gives other inputs than the models have, or weights are not those of their model.
    """
    width, expected = sum(len(encoder.names) for encoder in encoding.columns), sum(map(math.prod, shapes))
    if width != expected:
        raise InputError(f"encoding: expected {expected} inputs, as the weights have, found {width}. Restore the files.")
    classes = len(encoding.classes or ())
    loss = loss_of(trained[0][0].training["loss"], classes)
    count = outputs_of(loss, classes)
    models = tuple(TrainedModel(*one, shapes, count) for one in trained)
    for model in models:
        for weights in apart(model.weights):
            check_weights(model.architecture, weights)
    return Predictor(models, encoding, loss, missing)
