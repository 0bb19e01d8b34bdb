"""Activation functions, on the (k, width, rows) block of the members that use them.

A function replaces `values` by f(values) and, where `derivative` is given, fills it with f'(values). `scratch` is (n, k,
width, rows), to overwrite, with as many arrays as the entry's `scratch` says.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol

import numpy as np

from hpt.foundation.catalogue import Entry, table
from hpt.numerics.stack import number
from hpt.numerics.types import Floats


class Activation(Protocol):
    """Replaces `values` by f(values); see above."""

    def __call__(self, values: Floats, derivative: Floats | None, scratch: Floats, /) -> None: ...


@dataclass(frozen=True, slots=True, kw_only=True)
class ActivationEntry(Entry):
    """An activation. scratch: how many arrays like its values it overwrites."""

    function: Activation
    scratch: int = 0


def identity(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = x."""
    if derivative is not None:
        derivative.fill(1)


def relu(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = max(x, 0), with f'(0) = 0 as PyTorch has it."""
    if derivative is None:
        # NumPy's maximum is three times as fast between arrays as between an array and a number.
        np.maximum(values, np.zeros(values.shape[1:], values.dtype), out=values)
    else:
        # A comparison and a product take two thirds of the time of a maximum and a comparison.
        np.greater(values, number(0, values.dtype), out=derivative, casting="unsafe")
        values *= derivative


_LEAK = 0.01


def leaky_relu(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = max(x, 0.01 x), with f'(0) = 0.01 as PyTorch has it."""
    (leaked,) = scratch
    np.multiply(values, _LEAK, out=leaked)
    np.maximum(values, leaked, out=values)
    if derivative is not None:
        np.greater(values, 0, out=derivative, casting="unsafe")
        np.maximum(derivative, _LEAK, out=derivative)


def elu(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = x above 0, exp(x) - 1 below; f' = 1 above, f + 1 below."""
    (below,) = scratch
    np.minimum(values, 0, out=below)
    np.expm1(below, out=below)
    np.maximum(values, 0, out=values)
    values += below
    if derivative is not None:
        np.add(below, 1, out=derivative)


def tanh(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = tanh x, f' = 1 - f²."""
    np.tanh(values, out=values)
    if derivative is not None:
        np.multiply(values, values, out=derivative)
        np.subtract(1, derivative, out=derivative)


def _logistic(values: Floats, out: Floats) -> None:
    """1 / (1 + exp(-x)), computed as (1 + tanh(x/2)) / 2, which cannot overflow."""
    np.multiply(values, 0.5, out=out)
    np.tanh(out, out=out)
    out += 1
    out *= 0.5


def sigmoid(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = σ(x) = 1 / (1 + exp(-x)); f' = f (1 - f)."""
    _logistic(values, values)
    if derivative is not None:
        np.multiply(values, values, out=derivative)
        np.subtract(values, derivative, out=derivative)


def silu(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = x σ(x); f' = σ + f (1 - σ)."""
    (share,) = scratch
    _logistic(values, share)
    values *= share
    if derivative is not None:
        np.subtract(1, share, out=derivative)
        derivative *= values
        derivative += share


def softplus(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = log(1 + exp x), computed as max(x, 0) + log(1 + exp(-|x|)); f' = σ = 1 - exp(-f)."""
    (rest,) = scratch
    np.abs(values, out=rest)
    np.negative(rest, out=rest)
    np.exp(rest, out=rest)
    np.log1p(rest, out=rest)
    np.maximum(values, 0, out=values)
    values += rest
    if derivative is not None:
        np.negative(values, out=derivative)
        np.expm1(derivative, out=derivative)
        np.negative(derivative, out=derivative)


REACH = 6.0  # erfc(6) is 2e-17: beyond, the normal distribution is 0 or 1 to the last bit


@cache
def erfc_polynomial(dtype: np.dtype[Any]) -> tuple[float, ...]:
    """Coefficients, highest power first, of exp(z²) erfc(z) for z in [0, 6] in s = (8t - 5)/3, t = 1/(1 + z/2).

    The Chebyshev interpolant, so the error is near the best of its degree: below 1e-7 (9) and 1e-15 (20).
    """

    def scaled(s: float) -> float:
        z = 2 * (8 / (3 * s + 5) - 1)
        return math.exp(z * z) * math.erfc(z)

    # Only some activations need it, and not before they train.
    from numpy.polynomial import chebyshev

    nodes = chebyshev.chebinterpolate(np.vectorize(scaled), 9 if dtype == np.float32 else 20)
    return tuple(float(c) for c in chebyshev.cheb2poly(nodes)[::-1])


def gelu(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = x Φ(x), Φ the standard normal distribution; f' = Φ + x φ."""
    density, position, normal = scratch
    np.abs(values, out=position)
    position *= 1 / math.sqrt(2)
    np.minimum(position, REACH, out=position)
    np.multiply(position, position, out=density)
    np.negative(density, out=density)
    np.exp(density, out=density)
    position *= 0.5
    position += 1
    np.divide(8 / 3, position, out=position)
    position -= 5 / 3
    first, *others = erfc_polynomial(values.dtype)
    normal.fill(first)
    for coefficient in others:
        normal *= position
        normal += coefficient
    normal *= density
    normal *= -0.5
    normal += 0.5
    np.copysign(normal, values, out=normal)
    normal += 0.5
    if derivative is not None:
        np.multiply(density, values, out=derivative)
        derivative *= 1 / math.sqrt(2 * math.pi)
        derivative += normal
    values *= normal


_GELU_SCALE, _GELU_CUBE = math.sqrt(2 / math.pi), 0.044715


def gelu_tanh(values: Floats, derivative: Floats | None, scratch: Floats) -> None:
    """f(x) = x s, s = (1 + t) / 2, t = tanh u, u = √(2/π) (x + 0.044715 x³); f' = s + 2 x s (1 - s) u'."""
    share, rest = scratch
    np.multiply(values, values, out=rest)
    np.multiply(rest, _GELU_SCALE * _GELU_CUBE, out=share)
    share += _GELU_SCALE
    share *= values
    np.tanh(share, out=share)
    share += 1
    share *= 0.5
    if derivative is not None:
        rest *= 3 * _GELU_SCALE * _GELU_CUBE
        rest += _GELU_SCALE
        np.subtract(1, share, out=derivative)
        derivative *= rest
        derivative *= values
        derivative *= 2
        derivative += 1
        derivative *= share
    values *= share


ACTIVATIONS = table(
    ActivationEntry("identity", "no activation", function=identity, formula="x"),
    ActivationEntry("relu", "rectified linear unit", function=relu, formula="max(x, 0)", reference="Nair & Hinton 2010"),
    ActivationEntry(
        "leaky_relu",
        "rectified linear unit with a small slope below 0",
        function=leaky_relu,
        formula="max(x, 0.01 x)",
        reference="Maas, Hannun & Ng 2013",
        scratch=1,
    ),
    ActivationEntry(
        "elu",
        "exponential linear unit",
        function=elu,
        formula="x above 0, exp(x) - 1 below",
        reference="Clevert, Unterthiner & Hochreiter 2016",
        scratch=1,
    ),
    ActivationEntry("tanh", "hyperbolic tangent", function=tanh, formula="tanh x"),
    ActivationEntry("sigmoid", "logistic function", function=sigmoid, formula="1 / (1 + exp(-x))"),
    ActivationEntry(
        "silu",
        "sigmoid linear unit, swish",
        function=silu,
        formula="x / (1 + exp(-x))",
        reference="Elfwing, Uchibe & Doya 2018",
        scratch=1,
    ),
    ActivationEntry(
        "softplus",
        "smooth rectified linear unit",
        function=softplus,
        formula="log(1 + exp x)",
        reference="Dugas et al. 2001",
        scratch=1,
    ),
    ActivationEntry(
        "gelu",
        "Gaussian error linear unit, exact",
        function=gelu,
        formula="x Φ(x)",
        reference="Hendrycks & Gimpel 2016",
        scratch=3,
    ),
    ActivationEntry(
        "gelu_tanh",
        "Gaussian error linear unit, approximated by tanh",
        function=gelu_tanh,
        formula="x (1 + tanh(√(2/π) (x + 0.044715 x³))) / 2",
        reference="Hendrycks & Gimpel 2016",
        scratch=2,
    ),
)
