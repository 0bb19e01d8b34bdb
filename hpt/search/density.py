"""The density of trials: a mixture of one kernel for each trial, a product over the axes, and a prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpt.numerics.types import Doubles
from hpt.search.axes import Axis, Kernels, Widths

# This share of an axis is the narrowest kernel of good trials: a few of them lie close by chance, and with half as much a search without
# noise stays where they are (`python -m benchmarks.search_quality --spaces cheap`).
NARROWEST = 0.02


@dataclass(frozen=True, slots=True)
class Density:
    """A mixture of product kernels.

    kernels: along each axis. weights: (n,), sum 1. coefficients: (features, n); constants: (n,): the logarithm of each kernel,
    product over the axes, in linear form.
    """

    kernels: tuple[Kernels, ...]
    weights: Doubles
    coefficients: Doubles
    constants: Doubles

    @classmethod
    def of(cls, axes: Sequence[Axis], positions: Doubles, weights: Doubles, widths: Widths) -> Density:
        """The density of trials at `positions`, (n, axes), with `weights`, (n,), and a prior with weight 1."""
        shares = np.append(weights, 1.0)
        smoothing = 1 / len(shares)
        kernels = tuple(
            axis.kernels(np.append(column, np.nan), widths, smoothing)
            for axis, column in zip(axes, positions.T, strict=True)
        )
        shares /= shares.sum()
        coefficients = np.concatenate([kernel.coefficients for kernel in kernels])
        constants = np.sum([kernel.constants for kernel in kernels], axis=0)
        return cls(kernels, shares, coefficients, constants)

    def sample(self, count: int, crossover: float, random: np.random.Generator) -> Doubles:
        """Positions of `count` new trials, (count, axes).

        crossover: the chance that an axis is sampled from another kernel than the rest. With 0 the trials follow the density; above
        0 they combine what is good along one axis with what is good along another, even where no trial has tried both together.
        """
        parents = random.choice(len(self.weights), size=count, p=self.weights)
        others = random.choice(len(self.weights), size=(len(self.kernels), count), p=self.weights)
        crossed = random.random((len(self.kernels), count)) < crossover
        chosen = np.where(crossed, others, parents)
        return np.stack([kernel.sample(row, random) for kernel, row in zip(self.kernels, chosen, strict=True)], axis=1)

    def log(self, features: Doubles) -> Doubles:
        """The logarithm of the density where the axes have `features`, (n, features) -> (n,)."""
        each: Doubles = features @ self.coefficients + (self.constants + np.log(self.weights))
        highest: Doubles = each.max(axis=1)
        total: Doubles = np.log(np.exp(each - highest[:, None]).sum(axis=1))
        return highest + total

    def kernel(self, index: int, features: Doubles) -> Doubles:
        """The density of kernel `index` alone, (n, features) -> (n,)."""
        density: Doubles = np.exp(features @ self.coefficients[:, index] + self.constants[index])
        return density


def features(axes: Sequence[Axis], positions: Doubles) -> Doubles:
    """The features that the logarithms of kernels are linear in: (n, features) of positions (n, axes)."""
    return np.concatenate([axis.features(column) for axis, column in zip(axes, positions.T, strict=True)], axis=1)


def neighbour_widths(shares: Doubles) -> Doubles:
    """The larger distance to the two neighbours, at the outermost to the only one; at least 1 / min(100, 2 + n) of the axis.

    The rule of Optuna 5, `_ParzenEstimator._calculate_numerical_distributions`.
    """
    order = np.argsort(shares, kind="stable")
    gaps = np.diff(shares[order], prepend=0.0, append=1.0)
    if len(shares) > 1:
        gaps[0] = gaps[-1] = 0.0
    widths = np.empty_like(shares)
    widths[order] = np.maximum(gaps[:-1], gaps[1:])
    return widths.clip(1 / min(100, 2 + len(shares)))


def scott_widths(axes: int) -> Widths:
    """1.06 sd n^(-1/(axes + 4)), at least NARROWEST: the rule for a normal sample (Scott 1992, 6.3); half of it for one."""

    def widths(shares: Doubles) -> Doubles:
        spread = float(shares.std()) if len(shares) > 1 else 0.5
        return np.full_like(shares, max(1.06 * spread * max(len(shares), 1) ** (-1 / (axes + 4)), NARROWEST))

    return widths
