"""Adam, amsgrad and adamw: momentum divided by the root of the moving mean of the squared gradients."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from hpt.foundation.catalogue import Hyperparameter
from hpt.numerics.optimizers.common import (
    BETAS,
    DECAY,
    DECOUPLED_WEIGHT_DECAY,
    EPS_ROOT,
    MOMENT_EPS,
    WEIGHT_DECAY,
    cast,
    each,
    learning_rate,
    penalised,
    powers,
)
from hpt.numerics.optimizers.entry import OptimizerEntry
from hpt.numerics.types import Doubles, Floats, State


def adam(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, betas: tuple[Doubles, Doubles], eps: Doubles, eps_root: Doubles, bias_correction: bool,
    weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²; θ ← θ - α m̂ / (√(v̂ + ε_root) + ε).

    With `bias_correction`, m̂ = m / (1 - β₁ᵗ) and v̂ = v / (1 - β₂ᵗ); without, m̂ = m and v̂ = v. A state with a `peak`
    puts the largest v so far in the place of v, before it is corrected, as PyTorch does: amsgrad.

    The state holds the sums M = m / (1 - β₁) and V = v / (1 - β₂), which spares two passes, and v̂ = c² V is taken out
    of the root, which spares one more: m̂ / (√(v̂ + ε_root) + ε) = (m̂ / c) / (√(V + ε_root / c²) + ε / c).
    """
    first, second = state["first"], state["second"]
    peak = state.get("peak")
    change, other = scratch
    beta1, beta2 = betas
    corrected1 = 1 - powers(beta1, steps) if bias_correction else 1.0
    corrected2 = 1 - powers(beta2, steps) if bias_correction else 1.0
    scale = np.broadcast_to(np.sqrt((1 - beta2) / corrected2), learning_rate.shape)
    sizes = each(parameters, learning_rate * (1 - beta1) / corrected1 / scale)
    insides = each(parameters, eps_root / scale**2)
    outsides = each(parameters, eps / scale)
    keep1, keep2 = cast(parameters, beta1), cast(parameters, beta2)
    rooted = eps_root.any()
    regularised = penalised(parameters, gradients, weight_decay, other)
    for size, inside, outside, gradient in zip(sizes, insides, outsides, regularised, strict=False):
        first *= keep1
        first += gradient
        np.multiply(gradient, gradient, out=change)
        second *= keep2
        second += change
        square = second if peak is None else np.maximum(peak, second, out=peak)
        np.sqrt(np.add(square, inside, out=change) if rooted else square, out=change)
        change += outside
        np.divide(first, change, out=change)
        change *= size
        parameters -= change
        yield


def adamw(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, betas: tuple[Doubles, Doubles], eps: Doubles, weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """θ ← (1 - α λ) θ, then a step of Adam, which does not see λ."""
    none = np.zeros_like(weight_decay)
    step = adam(
        parameters, gradients, state, scratch, steps,
        learning_rate=learning_rate, betas=betas, eps=eps, eps_root=none, bias_correction=True, weight_decay=none,
    )  # fmt: skip
    for shrink in each(parameters, 1 - learning_rate * weight_decay):
        parameters *= shrink
        next(step)
        yield


BIAS_CORRECTION = Hyperparameter(
    "bias_correction", "boolean", True, "divide the means by 1 - βᵗ, as they start from 0", scope="stack"
)
LEARNING_RATE = learning_rate(1e-3, 1e-5, 1e-1)
ADAM = (LEARNING_RATE, BETAS, MOMENT_EPS, EPS_ROOT, BIAS_CORRECTION, WEIGHT_DECAY, DECAY)

MOMENTS = (
    OptimizerEntry(
        "adam",
        "momentum divided by the root of the moving mean of the squared gradients, both corrected for their start",
        function=adam,
        hyperparameters=ADAM,
        formula="m ← β₁ m + (1 - β₁) g; v ← β₂ v + (1 - β₂) g²; θ ← θ - α m̂ / (√(v̂ + ε_root) + ε)",
        reference="Kingma & Ba 2015",
        state={"first": 0.0, "second": 0.0},
        scratch=2,
        passes=10,
    ),
    OptimizerEntry(
        "amsgrad",
        "Adam whose mean of the squared gradients never falls",
        function=adam,
        hyperparameters=ADAM,
        formula="m, v as adam; u ← max(u, v); θ ← θ - α m̂ / (√(û + ε_root) + ε), û = u / (1 - β₂ᵗ)",
        reference="Reddi, Kale & Kumar 2018; the maximum before the correction, as PyTorch",
        state={"first": 0.0, "second": 0.0, "peak": 0.0},
        scratch=2,
        passes=11,
    ),
    OptimizerEntry(
        "adamw",
        "Adam with weight decay apart from the gradient",
        function=adamw,
        hyperparameters=(LEARNING_RATE, BETAS, MOMENT_EPS, DECOUPLED_WEIGHT_DECAY, DECAY),
        formula="θ ← (1 - α λ) θ; θ ← θ - α m̂ / (√v̂ + ε)",
        reference="Loshchilov & Hutter 2019",
        state={"first": 0.0, "second": 0.0},
        scratch=2,
        passes=11,
    ),
)
