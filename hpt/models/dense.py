"""The models a user can name, and the hyperparameters of each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpt.foundation.catalogue import Entry, Hyperparameter, table
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.initializers import INITIALIZERS


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelEntry(Entry):
    """A model. function: the widths of its hidden layers, from its hyperparameters."""

    function: Callable[..., tuple[int, ...]]


def linear(init: str) -> tuple[int, ...]:
    """No hidden layer."""
    return ()


def mlp(hidden: tuple[int, ...], activation: str, init: str, dropout: float) -> tuple[int, ...]:
    """The widths of the hidden layers."""
    return hidden


def _init(default: str) -> Hyperparameter:
    return Hyperparameter(
        "init",
        "choice",
        default,
        "how the weights start",
        choices=tuple(INITIALIZERS),
        aliases=("initializer", "initialization"),
    )


MODELS = table(
    ModelEntry(
        "linear", "outputs linear in the inputs", function=linear, hyperparameters=(_init("zeros"),), formula="W x + b"
    ),
    ModelEntry(
        "mlp",
        "fully connected network",
        function=mlp,
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
