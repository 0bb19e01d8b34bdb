"""Gradient descent, with and without momentum."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hpt.foundation.catalogue import Hyperparameter, Range, Values
from hpt.numerics.optimizers.common import DECAY, WEIGHT_DECAY, cast, each, learning_rate, penalised
from hpt.numerics.optimizers.entry import OptimizerEntry
from hpt.numerics.types import Doubles, Floats, State


def gd(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles,
) -> Iterator[None]:  # fmt: skip
    """θ ← θ - α ∇L."""
    (change,) = scratch
    for rate in each(parameters, learning_rate):
        np.multiply(gradients, rate, out=change)
        parameters -= change
        yield


def sgd(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, momentum: Doubles, dampening: Doubles, nesterov: bool, momentum_form: str,
    weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """v ← μ v + (1 - damp) p; θ ← θ - α d with p = g and d = v, or d = p + μ v with `nesterov`.

    As in PyTorch the first v is p undamped, and without momentum nothing is damped. `momentum_form: keras` has the learning
    rate inside the velocity, p = α g and θ ← θ - d, which differs as soon as α changes.
    """
    velocity = state["velocity"]
    change, pushed = scratch
    inside = momentum_form == "keras"
    moving, damping = momentum.any(), dampening.any()
    keep = cast(parameters, momentum)
    damped = cast(parameters, np.where(momentum == 0, 1, 1 - dampening))
    regularised = penalised(parameters, gradients, weight_decay, pushed)
    for step, rate, gradient in zip(steps.ravel().tolist(), each(parameters, learning_rate), regularised, strict=False):
        push = direction = np.multiply(gradient, rate, out=pushed) if inside else gradient
        if moving:
            velocity *= keep
            velocity += np.multiply(push, damped, out=change) if damping and step > 1 else push
            direction = velocity
            if nesterov:
                direction = np.multiply(velocity, keep, out=change)
                direction += push
        parameters -= direction if inside else np.multiply(direction, rate, out=change)
        yield


DESCENT = (
    OptimizerEntry(
        "gd",
        "gradient descent over all rows",
        function=gd,
        hyperparameters=(learning_rate(0.1, 1e-3, 10.0), DECAY),
        formula="θ ← θ - α ∇L",
        reference="Cauchy 1847",
        scratch=1,
        passes=2,
        full_batch=True,
    ),
    OptimizerEntry(
        "sgd",
        "stochastic gradient descent on mini-batches, with momentum",
        function=sgd,
        hyperparameters=(
            learning_rate(0.01, 1e-4, 5.0),
            Hyperparameter(
                "momentum",
                "float",
                0.0,
                "share of the velocity that is kept",
                low=0,
                high=1,
                open_high=True,
                search=Range(0.5, 0.995, "reverse_log"),
                aliases=("mu", "beta"),
            ),
            Hyperparameter("dampening", "float", 0.0, "share of the gradient withheld from the velocity", low=0, high=1),
            Hyperparameter(
                "nesterov",
                "boolean",
                False,
                "look ahead along the velocity",
                search=Values((True, False)),
                scope="stack",
            ),
            Hyperparameter(
                "momentum_form",
                "choice",
                "torch",
                "learning rate outside (torch) or inside (keras) the velocity",
                choices=("torch", "keras"),
                scope="stack",
            ),
            WEIGHT_DECAY,
            DECAY,
        ),
        formula="v ← μ v + (1 - damp) g; θ ← θ - α v",
        reference="Robbins & Monro 1951; Polyak 1964; Sutskever et al. 2013",
        state={"velocity": 0.0},
        scratch=2,
        passes=2,
    ),
    OptimizerEntry(
        "dynamic_gd",
        "gradient descent over all rows with a decaying learning rate",
        function=gd,
        hyperparameters=(
            learning_rate(0.1, 1e-3, 10.0),
            Hyperparameter(
                "decay",
                "float",
                0.999,
                DECAY.help,
                low=0,
                open_low=True,
                high=1,
                search=Range(0.9, 1 - 1e-5, "reverse_log"),
                aliases=DECAY.aliases,
            ),
        ),
        formula="θ ← θ - α ∇L; α ← α x decay",
        scratch=1,
        passes=2,
        full_batch=True,
    ),
)
