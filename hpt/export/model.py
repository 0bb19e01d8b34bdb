"""A trained model as other libraries build it: dense layers, one after the other."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt.configuration.space import plain
from hpt.foundation.errors import InputError
from hpt.models import MODELS
from hpt.models.dense import DenseArchitecture
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
    """A trained model of dense layers. run, trial: where it comes from. activation: of all layers but the last."""

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
        row = MODELS[settings.model["type"]]
        architecture = row.family.architecture(model.shapes, model.count, settings.model)
        if not isinstance(architecture, DenseArchitecture):
            raise InputError(
                f"--to: expected a model of dense layers, found {row.name}. Its weights by name lie in best.npz."
            )
        arrays = {name: np.asarray(array, np.float64) for name, array in model.weights.items()}
        names = [block.name for block in architecture.layout.blocks]
        layers = tuple(Layer(arrays[f"{name}.weight"], arrays[f"{name}.bias"]) for name in names)
        activation = str(settings.model.get("activation", "identity"))
        return cls(run, trial, settings, predictor, layers, activation, float(settings.model.get("dropout", 0.0)))

    @property
    def written_settings(self) -> dict[str, Any]:
        """The settings as plain data."""
        settings = self.settings
        found = plain({"model": settings.model, "optimizer": settings.optimizer, "training": settings.training})
        assert isinstance(found, dict)
        return found
