"""What other libraries call our activations, losses and optimizers, and where they differ from ours."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

COUPLED = "weight_decay is an L2 penalty: it is added to the gradient, before anything else sees that"
DECOUPLED = "weight_decay is apart from the gradient: parameters shrink by the share learning rate x weight_decay"
OUTSIDE = "epsilon is added to the root in the denominator, outside of it, once the means are corrected for their start"
UNCORRECTED = (
    "epsilon is added before the correction for the start, so that it counts for more than in hpt in the first updates"
)
FULL_BATCH = "an update sees all training rows: take one batch an epoch"


@dataclass(frozen=True, slots=True)
class Counterpart:
    """An optimizer of another library.

    call: what makes it. arguments: its arguments by the dotted name of ours. fixed: what else it is called with.
    notes: what an argument means there. same: the hyperparameters of ours that must have a value for both to do the same.
    """

    call: str
    arguments: Mapping[str, str]
    fixed: Mapping[str, Any] = field(default_factory=dict)
    notes: tuple[str, ...] = ()
    same: Mapping[str, Any] = field(default_factory=dict)


_TORCH_MOMENTS = {"learning_rate": "lr", "betas": "betas", "eps": "eps", "weight_decay": "weight_decay"}
_TORCH_SGD = Counterpart(
    "torch.optim.SGD",
    {
        "learning_rate": "lr",
        "momentum": "momentum",
        "dampening": "dampening",
        "nesterov": "nesterov",
        "weight_decay": "weight_decay",
    },
    notes=("the learning rate is outside the velocity", COUPLED),
    same={"momentum_form": "torch"},
)
_PLAIN_ADAM = {"eps_root": 0.0, "bias_correction": True}
_TORCH_GD = Counterpart("torch.optim.SGD", {"learning_rate": "lr"}, notes=(FULL_BATCH,))

TORCH_OPTIMIZERS: Mapping[str, Counterpart] = {
    "gd": _TORCH_GD,
    "dynamic_gd": _TORCH_GD,
    "sgd": _TORCH_SGD,
    "adagrad": Counterpart(
        "torch.optim.Adagrad",
        {
            "learning_rate": "lr",
            "initial_accumulator": "initial_accumulator_value",
            "eps": "eps",
            "weight_decay": "weight_decay",
        },
        notes=("eps is added to the root, outside of it", COUPLED),
    ),
    "adadelta": Counterpart(
        "torch.optim.Adadelta",
        {"learning_rate": "lr", "rho": "rho", "eps": "eps", "weight_decay": "weight_decay"},
        notes=("eps is added to both mean squares, inside their roots", COUPLED),
    ),
    "rmsprop": Counterpart(
        "torch.optim.RMSprop",
        {
            "learning_rate": "lr",
            "rho": "alpha",
            "eps": "eps",
            "momentum": "momentum",
            "centered": "centered",
            "weight_decay": "weight_decay",
        },
        notes=("alpha is rho, the decay of the mean of the squares", "eps is added to the root, outside of it", COUPLED),
        same={"eps_root": 0.0, "initial_accumulator": 0.0},
    ),
    "adam": Counterpart("torch.optim.Adam", _TORCH_MOMENTS, notes=(OUTSIDE, COUPLED), same=_PLAIN_ADAM),
    "amsgrad": Counterpart("torch.optim.Adam", _TORCH_MOMENTS, {"amsgrad": True}, (OUTSIDE, COUPLED), _PLAIN_ADAM),
    "adamw": Counterpart("torch.optim.AdamW", _TORCH_MOMENTS, notes=(OUTSIDE, DECOUPLED)),
    "adamax": Counterpart(
        "torch.optim.Adamax", _TORCH_MOMENTS, notes=("eps is added to the size of the gradient, inside the maximum", COUPLED)
    ),
    "nadam": Counterpart(
        "torch.optim.NAdam", {**_TORCH_MOMENTS, "momentum_decay": "momentum_decay"}, notes=(OUTSIDE, COUPLED)
    ),
    "radam": Counterpart(
        "torch.optim.RAdam",
        _TORCH_MOMENTS,
        notes=("eps is added to the root before the correction for the start", COUPLED),
    ),
}

_KERAS_MOMENTS = {"learning_rate": "learning_rate", "betas.0": "beta_1", "betas.1": "beta_2", "eps": "epsilon"}
_NO_PENALTY = {"weight_decay": 0.0}
_KERAS_SGD = Counterpart("keras.optimizers.SGD", {"learning_rate": "learning_rate"}, notes=(FULL_BATCH,))
_INSIDE = "epsilon is added to the mean of the squares, inside the root, where hpt adds it to the root"

KERAS_OPTIMIZERS: Mapping[str, Counterpart] = {
    "gd": _KERAS_SGD,
    "dynamic_gd": _KERAS_SGD,
    "sgd": Counterpart(
        "keras.optimizers.SGD",
        {"learning_rate": "learning_rate", "momentum": "momentum", "nesterov": "nesterov"},
        notes=("the learning rate is inside the velocity, which differs from torch's form as soon as the rate changes",),
        same={"dampening": 0.0, **_NO_PENALTY},
    ),
    "adagrad": Counterpart(
        "keras.optimizers.Adagrad",
        {"learning_rate": "learning_rate", "initial_accumulator": "initial_accumulator_value", "eps": "epsilon"},
        notes=(_INSIDE,),
        same=_NO_PENALTY,
    ),
    "adadelta": Counterpart(
        "keras.optimizers.Adadelta",
        {"learning_rate": "learning_rate", "rho": "rho", "eps": "epsilon"},
        notes=("epsilon is added to both mean squares, inside their roots",),
        same=_NO_PENALTY,
    ),
    "rmsprop": Counterpart(
        "keras.optimizers.RMSprop",
        {
            "learning_rate": "learning_rate",
            "rho": "rho",
            "eps": "epsilon",
            "momentum": "momentum",
            "centered": "centered",
        },
        notes=(_INSIDE,),
        same={"initial_accumulator": 0.0, **_NO_PENALTY},
    ),
    "adam": Counterpart("keras.optimizers.Adam", _KERAS_MOMENTS, notes=(UNCORRECTED,), same={**_PLAIN_ADAM, **_NO_PENALTY}),
    "amsgrad": Counterpart(
        "keras.optimizers.Adam", _KERAS_MOMENTS, {"amsgrad": True}, (UNCORRECTED,), {**_PLAIN_ADAM, **_NO_PENALTY}
    ),
    "adamw": Counterpart(
        "keras.optimizers.AdamW",
        {**_KERAS_MOMENTS, "weight_decay": "weight_decay"},
        notes=(UNCORRECTED, DECOUPLED),
    ),
    "adamax": Counterpart(
        "keras.optimizers.Adamax",
        _KERAS_MOMENTS,
        notes=("epsilon is added to the maximum, where hpt adds it to the gradient inside of it",),
        same=_NO_PENALTY,
    ),
    "nadam": Counterpart(
        "keras.optimizers.Nadam", _KERAS_MOMENTS, notes=(OUTSIDE,), same={"momentum_decay": 1.0, **_NO_PENALTY}
    ),
    "lion": Counterpart(
        "keras.optimizers.Lion",
        {"learning_rate": "learning_rate", "betas.0": "beta_1", "betas.1": "beta_2", "weight_decay": "weight_decay"},
        notes=(DECOUPLED,),
    ),
}

TORCH_ACTIVATIONS: Mapping[str, str] = {
    "identity": "nn.Identity()",
    "relu": "nn.ReLU()",
    "leaky_relu": "nn.LeakyReLU(0.01)",
    "elu": "nn.ELU()",
    "tanh": "nn.Tanh()",
    "sigmoid": "nn.Sigmoid()",
    "silu": "nn.SiLU()",
    "softplus": "nn.Softplus(threshold=40)",
    "gelu": "nn.GELU()",
    "gelu_tanh": 'nn.GELU(approximate="tanh")',
}
KERAS_ACTIVATIONS: Mapping[str, str] = {
    "identity": "keras.activations.linear(values)",
    "relu": "keras.activations.relu(values)",
    "leaky_relu": "keras.activations.leaky_relu(values, negative_slope=0.01)",
    "elu": "keras.activations.elu(values)",
    "tanh": "keras.activations.tanh(values)",
    "sigmoid": "keras.activations.sigmoid(values)",
    "silu": "keras.activations.silu(values)",
    "softplus": "keras.activations.softplus(values)",
    "gelu": "keras.activations.gelu(values, approximate=False)",
    "gelu_tanh": "keras.activations.gelu(values, approximate=True)",
}
NUMPY_ACTIVATIONS: Mapping[str, str] = {
    "identity": "values",
    "relu": "np.maximum(values, 0)",
    "leaky_relu": "np.maximum(values, 0.01 * values)",
    "elu": "np.where(values > 0, values, np.expm1(np.minimum(values, 0)))",
    "tanh": "np.tanh(values)",
    "sigmoid": "0.5 * (1 + np.tanh(0.5 * values))",
    "silu": "values * 0.5 * (1 + np.tanh(0.5 * values))",
    "softplus": "np.logaddexp(0, values)",
    "gelu": "values * ndtr(values)",
    "gelu_tanh": "values * 0.5 * (1 + np.tanh(np.sqrt(2 / np.pi) * (values + 0.044715 * values**3)))",
}
"""Formulas in `values`; `ndtr` is SciPy's normal distribution."""

TORCH_LOSSES: Mapping[str, str] = {
    "mse": "nn.MSELoss()",
    "mae": "nn.L1Loss()",
    "huber": "nn.HuberLoss(delta={delta!r})",
    "cross_entropy": "nn.CrossEntropyLoss(label_smoothing={label_smoothing!r})",
    "binary_cross_entropy": "nn.BCEWithLogitsLoss()",
}
KERAS_LOSSES: Mapping[str, str] = {
    "mse": "keras.losses.MeanSquaredError()",
    "mae": "keras.losses.MeanAbsoluteError()",
    "huber": "keras.losses.Huber(delta={delta!r})",
    "cross_entropy": "keras.losses.CategoricalCrossentropy(from_logits=True, label_smoothing={label_smoothing!r})",
    "binary_cross_entropy": "keras.losses.BinaryCrossentropy(from_logits=True)",
}
