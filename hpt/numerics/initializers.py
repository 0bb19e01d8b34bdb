"""How the weights of a layer start. Biases start at 0.

A function takes the member's generator, fan-in and fan-out, and gives the weights (out, in) in float64, which the stack
rounds to its dtype: the draws do not depend on it.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hpt.foundation.catalogue import Entry, table
from hpt.numerics.types import Doubles

Draw = Callable[[np.random.Generator, int, int], Doubles]
Variance = Callable[[int, int], float]


@dataclass(frozen=True, slots=True, kw_only=True)
class InitializerEntry(Entry):
    """An initializer."""

    function: Draw


def zeros(random: np.random.Generator, fan_in: int, fan_out: int) -> Doubles:
    """All 0: for linear models only, since hidden units that start equal stay equal."""
    return np.zeros((fan_out, fan_in))


def normal(variance: Variance) -> Draw:
    """Normal draws of the given variance *after* cutting at two standard deviations, as Keras's VarianceScaling."""

    def draw(random: np.random.Generator, fan_in: int, fan_out: int) -> Doubles:
        draws = random.standard_normal((fan_out, fan_in))
        while (outside := np.abs(draws) > 2).any():
            draws[outside] = random.standard_normal(int(outside.sum()))
        return draws * (math.sqrt(variance(fan_in, fan_out)) / _SD_AFTER_CUTTING)

    return draw


def uniform(variance: Variance) -> Draw:
    """Uniform draws of the given variance about 0."""

    def draw(random: np.random.Generator, fan_in: int, fan_out: int) -> Doubles:
        reach = math.sqrt(3 * variance(fan_in, fan_out))
        return random.uniform(-reach, reach, (fan_out, fan_in))

    return draw


_SD_AFTER_CUTTING = 0.87962566103423978


def _he(fan_in: int, fan_out: int) -> float:
    return 2 / fan_in


def _glorot(fan_in: int, fan_out: int) -> float:
    return 2 / (fan_in + fan_out)


def _lecun(fan_in: int, fan_out: int) -> float:
    return 1 / fan_in


_HE, _GLOROT, _LECUN = "He et al. 2015", "Glorot & Bengio 2010", "LeCun et al. 1998"

INITIALIZERS = table(
    InitializerEntry("zeros", "all 0", function=zeros, formula="0"),
    InitializerEntry("he", "he_normal: for relu", function=normal(_he), formula="N(0, 2 / in), cut at 2 sd", reference=_HE),
    InitializerEntry(
        "he_normal", "normal, for relu", function=normal(_he), formula="N(0, 2 / in), cut at 2 sd", reference=_HE
    ),
    InitializerEntry("he_uniform", "uniform, for relu", function=uniform(_he), formula="U(±√(6 / in))", reference=_HE),
    InitializerEntry(
        "glorot", "glorot_uniform: for tanh", function=uniform(_glorot), formula="U(±√(6 / (in + out)))", reference=_GLOROT
    ),
    InitializerEntry(
        "glorot_normal",
        "normal, for tanh",
        function=normal(_glorot),
        formula="N(0, 2 / (in + out)), cut at 2 sd",
        reference=_GLOROT,
    ),
    InitializerEntry(
        "glorot_uniform", "uniform, for tanh", function=uniform(_glorot), formula="U(±√(6 / (in + out)))", reference=_GLOROT
    ),
    InitializerEntry(
        "lecun",
        "lecun_normal: keeps the variance of the inputs",
        function=normal(_lecun),
        formula="N(0, 1 / in), cut at 2 sd",
        reference=_LECUN,
    ),
    InitializerEntry(
        "lecun_normal",
        "normal of variance 1 / in",
        function=normal(_lecun),
        formula="N(0, 1 / in), cut at 2 sd",
        reference=_LECUN,
    ),
    InitializerEntry(
        "lecun_uniform", "uniform of variance 1 / in", function=uniform(_lecun), formula="U(±√(3 / in))", reference=_LECUN
    ),
)
