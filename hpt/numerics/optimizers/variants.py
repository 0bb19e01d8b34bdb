"""Rules that change one thing about Adam: the norm, the look ahead, the start, the size of the step, what is squared."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from hpt.foundation.catalogue import Hyperparameter
from hpt.numerics.optimizers.common import (
    BETAS,
    DECAY,
    DECOUPLED_WEIGHT_DECAY,
    MOMENT_EPS,
    WEIGHT_DECAY,
    cast,
    decays,
    each,
    learning_rate,
    penalised,
    powers,
)
from hpt.numerics.optimizers.entry import OptimizerEntry
from hpt.numerics.types import Doubles, Floats, State


def adamax(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, betas: tuple[Doubles, Doubles], eps: Doubles, weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """m ← β₁ m + (1 - β₁) g; u ← max(β₂ u, |g| + ε); θ ← θ - α / (1 - β₁ᵗ) m / u.

    The state holds M = m / (1 - β₁), which spares a pass.
    """
    first, largest = state["first"], state["largest"]
    change, other = scratch
    beta1, beta2 = betas
    sizes = each(parameters, learning_rate * (1 - beta1) / (1 - powers(beta1, steps)))
    keep1, keep2, outside = (cast(parameters, c) for c in (beta1, beta2, eps))
    regularised = penalised(parameters, gradients, weight_decay, other)
    for size, gradient in zip(sizes, regularised, strict=False):
        first *= keep1
        first += gradient
        np.abs(gradient, out=change)
        change += outside
        largest *= keep2
        np.maximum(largest, change, out=largest)
        np.divide(first, largest, out=change)
        change *= size
        parameters -= change
        yield


def nadam(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, betas: tuple[Doubles, Doubles], eps: Doubles, momentum_decay: Doubles, weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """μₜ = β₁ (1 - ½ 0.96^(tψ)); θ ← θ - α ((1 - μₜ) g / (1 - Πμ) + μₜ₊₁ m / (1 - Πμ μₜ₊₁)) / (√v̂ + ε), ψ `momentum_decay`.

    m, v and v̂ = v / (1 - β₂ᵗ) as in Adam, m without its correction. This is PyTorch's NAdam; optax gives the name to
    Adam with Nesterov's momentum, without the schedule of μ.

    The state holds the sums M = m / (1 - β₁) and V = v / (1 - β₂), and `product`, Πμ so far.
    """
    first, second, product = state["first"], state["second"], state["product"]
    change, other = scratch
    beta1, beta2 = betas
    base = np.full_like(momentum_decay, 0.96)
    now, ahead = (beta1 * (1 - 0.5 * powers(base, t * momentum_decay)) for t in (steps, steps + 1))
    products = np.multiply.accumulate(np.concatenate([product[None], now]))[1:]
    scale = np.sqrt((1 - beta2) / (1 - powers(beta2, steps)))
    shares = (1 - now) / (1 - products)
    sizes = each(parameters, learning_rate * shares / scale)
    leads = each(parameters, ahead * (1 - beta1) / (1 - products * ahead) / shares)
    outsides = each(parameters, eps / scale)
    keep1, keep2 = cast(parameters, beta1), cast(parameters, beta2)
    regularised = penalised(parameters, gradients, weight_decay, other)
    for reached, size, lead, outside, gradient in zip(products, sizes, leads, outsides, regularised, strict=False):
        product[...] = reached
        first *= keep1
        first += gradient
        np.multiply(gradient, gradient, out=change)
        second *= keep2
        second += change
        np.multiply(first, lead, out=change)
        change += gradient
        np.sqrt(second, out=other)
        other += outside
        change /= other
        change *= size
        parameters -= change
        yield


def radam(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, betas: tuple[Doubles, Doubles], eps: Doubles, weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """θ ← θ - α r m̂ √(1 - β₂ᵗ) / (√v + ε) once ρₜ > 5, θ ← θ - α m̂ before.

    ρ∞ = 2 / (1 - β₂) - 1; ρₜ = ρ∞ - 2 t β₂ᵗ / (1 - β₂ᵗ); r² = (ρₜ - 4)(ρₜ - 2) ρ∞ / ((ρ∞ - 4)(ρ∞ - 2) ρₜ); m, v as in Adam,
    m̂ = m / (1 - β₁ᵗ). The state holds the sums M = m / (1 - β₁) and V = v / (1 - β₂).
    """
    first, second = state["first"], state["second"]
    change, other = scratch
    beta1, beta2 = betas
    power = powers(beta2, steps)
    limit = 2 / (1 - beta2) - 1
    length = limit - 2 * steps * power / (1 - power)
    rectified = length > 5
    # Where nothing is rectified the formula is not read: 5 keeps its root real.
    limit, length = np.maximum(limit, 5), np.maximum(length, 5)
    rectifier = np.sqrt((length - 4) * (length - 2) * limit / ((limit - 4) * (limit - 2) * length))
    scale = np.sqrt(1 - beta2)
    plain = learning_rate * (1 - beta1) / (1 - powers(beta1, steps))
    sizes = each(parameters, np.where(rectified, plain * rectifier * np.sqrt(1 - power) / scale, plain))
    keep1, keep2, outside = (cast(parameters, c) for c in (beta1, beta2, eps / scale))
    regularised = penalised(parameters, gradients, weight_decay, other)
    for size, divided, gradient in zip(sizes, rectified, regularised, strict=False):
        first *= keep1
        first += gradient
        np.multiply(gradient, gradient, out=change)
        second *= keep2
        second += change
        np.sqrt(second, out=change)
        change += outside
        if not divided.all():
            np.copyto(change, 1, where=~divided)
        np.divide(first, change, out=change)
        change *= size
        parameters -= change
        yield


def lion(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, betas: tuple[Doubles, Doubles], weight_decay: Doubles,
) -> Iterator[None]:  # fmt: skip
    """θ ← θ - α (sign(β₁ m + (1 - β₁) g) + λ θ); then m ← β₂ m + (1 - β₂) g. sign(0) is 0."""
    first = state["first"]
    change, share = scratch
    keep1, mix1, keep2, mix2 = (cast(parameters, c) for beta in betas for c in (beta, 1 - beta))
    rates, shrinks = (each(parameters, c) for c in (learning_rate, 1 - learning_rate * weight_decay))
    for rate, shrink in zip(rates, shrinks, strict=True):
        np.multiply(first, keep1, out=change)
        change += np.multiply(gradients, mix1, out=share)
        np.sign(change, out=change)
        change *= rate
        parameters *= shrink
        parameters -= change
        first *= keep2
        first += np.multiply(gradients, mix2, out=share)
        yield


def adabelief(
    parameters: Floats, gradients: Floats, state: State, scratch: tuple[Floats, ...], steps: Doubles, /, *,
    learning_rate: Doubles, betas: tuple[Doubles, Doubles], eps: Doubles, eps_root: Doubles,
) -> Iterator[None]:  # fmt: skip
    """m ← β₁ m + (1 - β₁) g; s ← β₂ s + (1 - β₂) (g - m)² + ε_root; θ ← θ - α m̂ / (√ŝ + ε).

    m̂ = m / (1 - β₁ᵗ), ŝ = s / (1 - β₂ᵗ); g - m is taken with the new m, and ε_root accumulates.
    """
    first, spread = state["first"], state["spread"]
    (change,) = scratch
    beta1, beta2 = betas
    scale = 1 / np.sqrt(1 - powers(beta2, steps))
    sizes = each(parameters, learning_rate / (1 - powers(beta1, steps)) / scale)
    outsides = each(parameters, eps / scale)
    keep1, mix1, keep2, mix2 = (cast(parameters, c) for beta in betas for c in (beta, 1 - beta))
    inside = cast(parameters, eps_root)
    for size, outside in zip(sizes, outsides, strict=True):
        first *= keep1
        first += np.multiply(gradients, mix1, out=change)
        np.subtract(gradients, first, out=change)
        np.multiply(change, change, out=change)
        change *= mix2
        change += inside
        spread *= keep2
        spread += change
        np.sqrt(spread, out=change)
        change += outside
        np.divide(first, change, out=change)
        change *= size
        parameters -= change
        yield


LEARNING_RATE = learning_rate(1e-3, 1e-5, 1e-1)
FASTER = learning_rate(2e-3, 1e-5, 1e-1)
MOMENT_DECAY = Hyperparameter("momentum_decay", "float", 4e-3, "how fast the momentum grows to β₁", low=0, aliases=("psi",))

VARIANTS = (
    OptimizerEntry(
        "adamax",
        "Adam with the largest of the decayed gradients in place of their root mean square",
        function=adamax,
        hyperparameters=(
            FASTER,
            BETAS,
            replace(MOMENT_EPS, help="added to the size of the gradient inside the maximum"),
            WEIGHT_DECAY,
            DECAY,
        ),
        formula="u ← max(β₂ u, |g| + ε); θ ← θ - α / (1 - β₁ᵗ) m / u",
        reference="Kingma & Ba 2015",
        state={"first": 0.0, "largest": 0.0},
        scratch=2,
        passes=9,
    ),
    OptimizerEntry(
        "nadam",
        "Adam that looks ahead along its momentum, which grows to β₁",
        function=nadam,
        hyperparameters=(FASTER, BETAS, MOMENT_EPS, MOMENT_DECAY, WEIGHT_DECAY, DECAY),
        formula="μₜ = β₁ (1 - ½ 0.96^(tψ)); θ ← θ - α ((1 - μₜ) g / (1 - Πμ) + μₜ₊₁ m / (1 - Πμ μₜ₊₁)) / (√v̂ + ε)",
        reference="Dozat 2016, as PyTorch",
        state={"first": 0.0, "second": 0.0},
        numbers={"product": 1.0},
        scratch=2,
        passes=12,
    ),
    OptimizerEntry(
        "radam",
        "Adam that starts as momentum and divides as soon as its mean square can be trusted",
        function=radam,
        hyperparameters=(LEARNING_RATE, BETAS, MOMENT_EPS, WEIGHT_DECAY, DECAY),
        formula="ρₜ > 5: θ ← θ - α r m̂ √(1 - β₂ᵗ) / (√v + ε), else θ ← θ - α m̂",
        reference="Liu et al. 2020",
        state={"first": 0.0, "second": 0.0},
        scratch=2,
        passes=10,
    ),
    OptimizerEntry(
        "lion",
        "the sign of the momentum, with weight decay apart from the gradient",
        function=lion,
        hyperparameters=(
            learning_rate(1e-4, 1e-6, 1e-2),
            decays(0.99, "decay of the mean of the gradient: in the step, and in what is kept"),
            replace(DECOUPLED_WEIGHT_DECAY, default=0.0),
            DECAY,
        ),
        formula="θ ← θ - α (sign(β₁ m + (1 - β₁) g) + λ θ); m ← β₂ m + (1 - β₂) g",
        reference="Chen et al. 2023",
        state={"first": 0.0},
        scratch=2,
        passes=10,
    ),
    OptimizerEntry(
        "adabelief",
        "Adam on how far the gradient is from its mean, in place of how far from 0",
        function=adabelief,
        hyperparameters=(
            LEARNING_RATE,
            BETAS,
            replace(MOMENT_EPS, default=1e-16),
            Hyperparameter(
                "eps_root", "float", 1e-16, "added to the mean square at every update, so that it accumulates", low=0
            ),
            DECAY,
        ),
        formula="s ← β₂ s + (1 - β₂) (g - m)² + ε_root; θ ← θ - α m̂ / (√ŝ + ε)",
        reference="Zhuang et al. 2020",
        state={"first": 0.0, "spread": 0.0},
        scratch=1,
        passes=14,
    ),
)
