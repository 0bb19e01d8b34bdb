"""Fully connected networks, and linear models, which have no hidden layer."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt.data.dataset import Shape
from hpt.foundation.catalogue import Hyperparameter
from hpt.models.batches import SideBySide
from hpt.models.dense_network import DenseNetwork, Layers
from hpt.models.family import Hyperparameters, ModelEntry
from hpt.models.layout import Block, Layout
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.initializers import INITIALIZERS
from hpt.numerics.stack import segments
from hpt.numerics.types import Doubles, Floats


@dataclass(frozen=True, slots=True)
class DenseArchitecture:
    """Layers of `widths`: inputs, hidden layers and outputs. Layer i is named `layers.i`."""

    widths: tuple[int, ...]

    @property
    def layout(self) -> Layout:
        pairs = zip(self.widths, self.widths[1:], strict=False)
        return Layout(tuple(Block(f"layers.{index}", into, out) for index, (into, out) in enumerate(pairs)))

    @property
    def size(self) -> int:
        return self.layout.size

    @property
    def values(self) -> int:
        return sum(self.widths[1:])

    @property
    def operations(self) -> int:
        """A product and a sum for each parameter, three times: forward, and backward to the weights and to the values below."""
        return 6 * self.size

    def initial(self, random: np.random.Generator, model: Hyperparameters) -> Doubles:
        return self.layout.initial(random, INITIALIZERS[model["init"]].function)

    def entries(self, models: Sequence[Hyperparameters], rows: int, *, train: bool) -> int:
        _, *hidden, outputs = self.widths
        # One layer after the other has the scratch of its activation.
        scratch = max(ACTIVATIONS[_activation(model)].scratch for model in models) * max(hidden, default=0)
        masks = any(_dropout(model) for model in models)
        values = 2 + masks if train else 1
        return rows * (values * sum(hidden) + scratch + 2 * outputs)

    def views(self, flat: Floats) -> Layers:
        blocks = self.layout.views(flat)
        return Layers(blocks, [block.swapaxes(1, 2)[:, :-1] for block in blocks])

    def network(
        self,
        models: Sequence[Hyperparameters],
        rows: int,
        dtype: np.dtype[Any],
        source: SideBySide | None = None,
        orders: int = 1,
    ) -> DenseNetwork:
        activations = segments([_activation(model) for model in models])
        dropout = np.array([_dropout(model) for model in models])
        return DenseNetwork(self.widths, activations, dropout, rows, dtype, source, orders)

    def named(self, flat: Floats) -> dict[str, Floats]:
        return self.layout.named(flat)

    def flat(self, named: Mapping[str, Floats]) -> Floats:
        return self.layout.flat(named)


@dataclass(frozen=True, slots=True)
class Dense:
    """The family of networks whose layers are connected in full. Inputs of any shape are read as one row of numbers."""

    def architecture(self, inputs: tuple[Shape, ...], outputs: int, model: Hyperparameters) -> DenseArchitecture:
        return DenseArchitecture((sum(map(math.prod, inputs)), *model.get("hidden", ()), outputs))

    def place(self, model: Hyperparameters) -> tuple[str]:
        """Members of one activation are neighbours."""
        return (_activation(model),)

    def lay_out(self, inputs: Doubles, targets: Doubles, dtype: np.dtype[Any]) -> SideBySide:
        return SideBySide.of(inputs, targets, dtype)


def _activation(model: Hyperparameters) -> str:
    """The activation of the hidden layers; `identity` for a model that has none."""
    return str(model.get("activation", "identity"))


def _dropout(model: Hyperparameters) -> float:
    return float(model.get("dropout", 0.0))


def _init(default: str) -> Hyperparameter:
    return Hyperparameter(
        "init",
        "choice",
        default,
        "how the weights start",
        choices=tuple(INITIALIZERS),
        aliases=("initializer", "initialization"),
    )


_FAMILY = Dense()

DENSE = (
    ModelEntry(
        "linear",
        "outputs linear in the inputs",
        family=_FAMILY,
        hyperparameters=(_init("zeros"),),
        formula="W x + b",
    ),
    ModelEntry(
        "mlp",
        "fully connected network",
        family=_FAMILY,
        hyperparameters=(
            Hyperparameter(
                "hidden",
                "integer",
                (32,),
                "widths of the hidden layers",
                low=1,
                high=65536,
                length=0,
                scope="stack",
                aliases=("layers", "hidden_layers", "units", "hidden_sizes"),
            ),
            Hyperparameter("activation", "choice", "relu", "activation of the hidden layers", choices=tuple(ACTIVATIONS)),
            _init("he"),
            Hyperparameter(
                "dropout", "float", 0.0, "share of hidden units silenced in training", low=0, high=1, open_high=True
            ),
        ),
        formula="a ← f(W a + b), layer by layer; the last without f",
    ),
)
