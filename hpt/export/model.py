"""A trained model as other libraries build it: dense layers, one after the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt.configuration.space import plain
from hpt.foundation.errors import InputError
from hpt.models.dense import DenseArchitecture
from hpt.models.networks import apart
from hpt.numerics.types import Doubles
from hpt.study.predicting import Predictor
from hpt.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Layer:
    """weight: (in, out). bias: (out,)."""

    weight: Doubles
    bias: Doubles


@dataclass(frozen=True, slots=True)
class ExportedModel:
    """A trained model of dense layers. run, trial: where it comes from. activation: of all layers but the last.

    layers: of several networks, their mean as one network, in which they stand side by side.
    """

    run: str
    trial: int
    settings: Settings
    predictor: Predictor
    layers: tuple[Layer, ...]
    activation: str
    dropout: float

    @classmethod
    def of(cls, run: str, trial: int, predictor: Predictor) -> ExportedModel:
        """The one model of `predictor`. Raises InputError where it is not made of dense layers."""
        (model,) = predictor.models
        settings = model.settings
        architecture = model.architecture
        if not isinstance(architecture, DenseArchitecture):
            raise InputError(
                f"--to: expected a model of dense layers, found {settings.model['type']}. Its weights by name lie in best.npz."
            )
        names = [block.name for block in architecture.layout.blocks]
        networks = [
            [Layer(*(np.asarray(found[f"{name}.{part}"], np.float64) for part in ("weight", "bias"))) for name in names]
            for found in apart(model.weights)
        ]
        layers = _mean(networks)
        activation = str(settings.model.get("activation", "identity"))
        return cls(run, trial, settings, predictor, layers, activation, float(settings.model.get("dropout", 0.0)))

    @property
    def written_settings(self) -> dict[str, Any]:
        """The settings as plain data."""
        settings = self.settings
        found = plain({"model": settings.model, "optimizer": settings.optimizer, "training": settings.training})
        assert isinstance(found, dict)
        return found


def _mean(networks: Sequence[Sequence[Layer]]) -> tuple[Layer, ...]:
    """One network whose outputs are the mean of those of `networks`, which have the same widths.

    All see the same inputs; between hidden layers none sees another's units; the last layer adds them up.
    """
    if len(networks) == 1:
        return tuple(networks[0])
    found = []
    for index, layers in enumerate(zip(*networks, strict=True)):
        first, last = index == 0, index == len(networks[0]) - 1
        weights, bias = [layer.weight for layer in layers], np.concatenate([layer.bias for layer in layers])
        if last:
            bias = np.mean([layer.bias for layer in layers], axis=0)
            weight = np.mean(weights, axis=0) if first else np.concatenate(weights) / len(layers)
        else:
            weight = np.concatenate(weights, axis=1) if first else _side_by_side(weights)
        found.append(Layer(weight, bias))
    return tuple(found)


def _side_by_side(weights: Sequence[Doubles]) -> Doubles:
    """(sum of ins, sum of outs): the weights along the diagonal, zeros beside them."""
    ins, outs = (np.cumsum([0, *(weight.shape[axis] for weight in weights)]) for axis in (0, 1))
    found = np.zeros((ins[-1], outs[-1]))
    for index, weight in enumerate(weights):
        found[ins[index] : ins[index + 1], outs[index] : outs[index + 1]] = weight
    return found
