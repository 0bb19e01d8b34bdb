"""Where trials like those given are likely: a mixture of one kernel a trial, each a product over the axes, and the prior."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpt.numerics.types import Doubles
from hpt.study.sampling_axes import Axis, Kernels


def features(axes: Sequence[Axis], places: Doubles) -> Doubles:
    """What kernels are linear in: (n, features) of places (n, axes)."""
    return np.concatenate([axis.features(column) for axis, column in zip(axes, places.T, strict=True)], axis=1)


@dataclass(frozen=True, slots=True)
class Density:
    """A mixture of product kernels.

    kernels: along each axis. weights: (n,), sum 1. coefficients: (features, n); constants: (n,), the logarithm of the weight included.
    """

    kernels: tuple[Kernels, ...]
    weights: Doubles
    coefficients: Doubles
    constants: Doubles

    @classmethod
    def of(cls, axes: Sequence[Axis], places: Doubles, weights: Doubles) -> Density:
        """The density of trials at `places`, (n, axes), that count `weights`, (n,), each; the prior counts 1."""
        kernels = tuple(
            axis.kernels(np.append(column, np.nan)) for axis, column in zip(axes, places.T, strict=True)
        )
        shares = np.append(weights, 1.0)
        shares /= shares.sum()
        return cls(
            kernels,
            shares,
            np.concatenate([kernel.coefficients for kernel in kernels]),
            np.sum([kernel.constants for kernel in kernels], axis=0) + np.log(shares),
        )

    def draw(self, count: int, random: np.random.Generator) -> Doubles:
        """Places of `count` trials, (count, axes)."""
        chosen = random.choice(len(self.weights), size=count, p=self.weights)
        return np.stack([kernel.draw(chosen, random) for kernel in self.kernels], axis=1)

    def log(self, features: Doubles) -> Doubles:
        """The logarithm of the density at `features`, (n, features) -> (n,)."""
        each = features @ self.coefficients + self.constants
        highest = each.max(axis=1, keepdims=True)
        return highest[:, 0] + np.log(np.exp(each - highest).sum(axis=1))
