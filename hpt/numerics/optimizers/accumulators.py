"""Rules that divide by the root of the squared gradients seen so far."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hpt.foundation.catalogue import Hyperparameter, Range, Values
from hpt.numerics.optimizers.common import (
    DECAY,
    EPS_ROOT,
    MOMENT_EPS,
    WEIGHT_DECAY,
    cast,
    each,
    epsilon,
    learning_rate,
    mean_decay,
    penalised,
)
from hpt.numerics.optimizers.entry import OptimizerEntry
from hpt.numerics.types import Doubles, Floats, State


def adagrad(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, initial_accumulator: Doubles, eps: Doubles, weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """s ← s + g²; θ ← θ - α g / (√s + ε), s from `initial_accumulator`."""
    total = state["total"]
    change, other = scratch
    outside = cast(parameters, eps)
    regularised = penalised(parameters, gradients, weight_decay, other)
    for rate, gradient in zip(each(parameters, learning_rate), regularised, strict=False):
        np.multiply(gradient, gradient, out=change)
        total += change
        np.sqrt(total, out=change)
        change += outside
        np.divide(gradient, change, out=change)
        change *= rate
        parameters -= change
        yield


def adadelta(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, rho: Doubles, eps: Doubles, weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """E ← ρ E + (1 - ρ) g²; Δ = g √(D + ε) / √(E + ε); D ← ρ D + (1 - ρ) Δ²; θ ← θ - α Δ. D does not know α."""
    square, moved = state["square"], state["moved"]
    change, other = scratch
    keep, mix, inside = (cast(parameters, c) for c in (rho, 1 - rho, eps))
    regularised = penalised(parameters, gradients, weight_decay, other)
    for rate, gradient in zip(each(parameters, learning_rate), regularised, strict=False):
        np.multiply(gradient, gradient, out=change)
        change *= mix
        square *= keep
        square += change
        np.add(square, inside, out=change)
        np.sqrt(change, out=change)
        np.divide(gradient, change, out=change)
        np.add(moved, inside, out=other)
        np.sqrt(other, out=other)
        change *= other
        np.multiply(change, change, out=other)
        other *= mix
        moved *= keep
        moved += other
        change *= rate
        parameters -= change
        yield


def rmsprop(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, rho: Doubles, eps: Doubles, eps_root: Doubles, momentum: Doubles, centered: bool,
    initial_accumulator: Doubles, weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """s ← ρ s + (1 - ρ) g²; θ ← θ - α g / (√(s + ε_root) + ε), s from `initial_accumulator`.

    `momentum`: b ← μ b + g / (…); θ ← θ - α b. `centered`: the variance s - ḡ² in place of s, ḡ ← ρ ḡ + (1 - ρ) g, held at 0
    where rounding takes it below.

    With k² = 1 - ρ the state holds the sums s / k² and ḡ / k², and k b, which spares a pass each; k is taken out of the
    root into α.
    """
    square, mean, velocity = state["square"], state["mean"], state["velocity"]
    change, other = scratch
    scale = np.sqrt(1 - rho)
    keep, mix, inside, outside = (cast(parameters, c) for c in (rho, 1 - rho, eps_root / (1 - rho), eps / scale))
    push, moving, rooted = cast(parameters, momentum), momentum.any(), eps_root.any()
    if steps[0, 0, 0] == 1 and initial_accumulator.any():
        square /= mix
    regularised = penalised(parameters, gradients, weight_decay, other)
    for rate, gradient in zip(each(parameters, learning_rate / scale), regularised, strict=False):
        np.multiply(gradient, gradient, out=change)
        square *= keep
        square += change
        spread = square
        if centered:
            mean *= keep
            mean += gradient
            np.multiply(mean, mean, out=change)
            change *= mix
            spread = np.subtract(square, change, out=change)
            np.maximum(spread, 0, out=spread)
        np.sqrt(np.add(spread, inside, out=change) if rooted else spread, out=change)
        change += outside
        np.divide(gradient, change, out=change)
        if moving:
            velocity *= push
            velocity += change
        np.multiply(velocity if moving else change, rate, out=change)
        parameters -= change
        yield


def _initial_accumulator(search: Values | None) -> Hyperparameter:
    return Hyperparameter("initial_accumulator", "float", 0.0, "what the squared gradients start from", low=0, search=search)


ACCUMULATORS = (
    OptimizerEntry(
        "adagrad",
        "a step for each parameter, divided by the root of the sum of its squared gradients",
        function=adagrad,
        hyperparameters=(
            learning_rate(0.01, 1e-4, 1.0),
            _initial_accumulator(Values((0.0, 0.1))),
            epsilon(1e-10),
            WEIGHT_DECAY,
            DECAY,
        ),
        formula="s ← s + g²; θ ← θ - α g / (√s + ε)",
        reference="Duchi, Hazan & Singer 2011",
        state={"total": "initial_accumulator"},
        scratch=2,
        passes=7,
    ),
    OptimizerEntry(
        "adadelta",
        "the size of past steps in place of a learning rate, divided by the size of past gradients",
        function=adadelta,
        hyperparameters=(
            learning_rate(1.0, 1e-2, 10.0),
            mean_decay(0.9, Range(0.7, 0.99, "reverse_log")),
            epsilon(1e-6, note="added to both mean squares inside their roots"),
            WEIGHT_DECAY,
            DECAY,
        ),
        formula="E ← ρ E + (1 - ρ) g²; Δ = g √(D + ε) / √(E + ε); D ← ρ D + (1 - ρ) Δ²; θ ← θ - α Δ",
        reference="Zeiler 2012",
        state={"square": 0.0, "moved": 0.0},
        scratch=2,
        passes=16,
    ),
    OptimizerEntry(
        "rmsprop",
        "a step for each parameter, divided by the root of the moving mean of its squared gradients",
        function=rmsprop,
        hyperparameters=(
            learning_rate(0.01, 1e-5, 1e-1),
            mean_decay(0.99, Range(0.5, 0.999, "reverse_log")),
            MOMENT_EPS,
            EPS_ROOT,
            Hyperparameter("momentum", "float", 0.0, "share of the velocity that is kept", low=0, high=1, open_high=True),
            Hyperparameter("centered", "boolean", False, "divide by the variance, not the mean square", scope="stack"),
            _initial_accumulator(None),
            WEIGHT_DECAY,
            DECAY,
        ),
        formula="s ← ρ s + (1 - ρ) g²; θ ← θ - α g / (√(s + ε_root) + ε)",
        reference="Tieleman & Hinton 2012; centered: Graves 2013",
        state={"square": "initial_accumulator", "mean": 0.0, "velocity": 0.0},
        scratch=2,
        passes=8,
    ),
)
