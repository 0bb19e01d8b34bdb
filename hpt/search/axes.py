"""The axes of the densities, one for each searched number or choice: an interval from 0 to 1, or a few points.

A coordinate is what Optuna stores. Its *position* is the float that represents it here: a share of the interval, or the index of a
point. NaN is the position of a trial that has no such coordinate, as it belongs to another branch; its kernel is the prior.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from hpt.foundation.scales import LINEAR, LOG, Scale
from hpt.numerics.types import Doubles, Integers

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

# Up to so many ordered points are a table of probabilities; more are an interval whose numbers are rounded.
TABLE = 64

Widths = Callable[[Doubles], Doubles]
"""The widths of kernels, (n,), from their centres, (n,) in [0, 1]; both are shares of an axis."""


class Kernels(Protocol):
    """Kernels along one axis.

    coefficients: (features, kernels); constants: (kernels,). The logarithm of each kernel is `features @ coefficients + constants`,
    which is linear: one matrix product gives it for all candidates, all kernels and all axes.
    """

    @property
    def coefficients(self) -> Doubles: ...

    @property
    def constants(self) -> Doubles: ...

    def sample(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        """A random position from each of the kernels `chosen`, (count,)."""
        ...


class Axis(Protocol):
    """Converts coordinates to positions and back, and makes kernels at positions.

    count: how many positions there are; infinite for a float.
    """

    @property
    def count(self) -> float: ...

    def position(self, coordinate: Any) -> float: ...

    def coordinate(self, position: float) -> Any: ...

    def at(self, shares: Doubles) -> Doubles:
        """The positions, (n,), of `shares`, (n,) in [0, 1). Uniform shares become uniform on the scale of the search space."""
        ...

    def features(self, positions: Doubles) -> Doubles:
        """The features, (n, features), of `positions`, (n,)."""
        ...

    def kernels(self, positions: Doubles, widths: Widths, smoothing: float) -> Kernels:
        """A kernel at each of `positions`, (n,); the prior at NaN.

        smoothing: the weight of each choice that was not made; the one that was made has 1 + smoothing.
        """
        ...


def axis_of(distribution: BaseDistribution) -> Axis:
    """The axis of an Optuna distribution."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return Choices(distribution)
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    interval = Interval.of(distribution)
    return Steps(interval) if interval.count <= TABLE else Line(interval)


@dataclass(frozen=True, slots=True)
class Interval:
    """Converts coordinates to shares of an interval and back; a step adds half a step of margin at both ends.

    step: 0 without one. scale: the one on which coordinates are uniform. count: how many coordinates there are. start, width: those of
    the interval, as levels of the scale.
    """

    low: float
    high: float
    step: float
    scale: Scale
    count: float
    start: float
    width: float

    @classmethod
    def of(cls, distribution: FloatDistribution | IntDistribution) -> Interval:
        low, high, step = distribution.low, distribution.high, distribution.step or 0
        count = round((high - low) / step) + 1 if step else math.inf
        scale: Scale = LOG if distribution.log else LINEAR
        start, end = scale.level(low - step / 2), scale.level(high + step / 2)
        return cls(low, high, step, scale, count, start, end - start)

    def share(self, number: float) -> float:
        """The share of `number`, 0 to 1."""
        return (self.scale.level(number) - self.start) / self.width

    def number(self, share: float) -> float:
        """The number at `share`; with steps the nearest of them."""
        if self.step:
            return self.nth(self.index(share))
        return min(max(self._at(share), self.low), self.high)

    def index(self, share: float) -> int:
        """The index, from the lowest, of the stepped number that is nearest to `share`."""
        return min(max(round((self._at(share) - self.low) / self.step), 0), int(self.count) - 1)

    def nth(self, index: float) -> float:
        """The stepped number at `index` from the lowest; its type is that of the ends."""
        return min(self.low + int(index) * self.step, self.high)

    def _at(self, share: float) -> float:
        return self.scale.coordinate(self.start + share * self.width)


@dataclass(frozen=True, slots=True)
class Line:
    """A float, or more whole numbers than fit a table; its kernels are Gaussians truncated at the ends.

    No kernel is narrower than a step, so that the density in the middle of a step approximates the probability of the step.
    """

    interval: Interval

    @property
    def count(self) -> float:
        return self.interval.count

    def position(self, coordinate: float) -> float:
        return self.interval.share(coordinate)

    def coordinate(self, position: float) -> float:
        return self.interval.number(position)

    def at(self, shares: Doubles) -> Doubles:
        if not self.interval.step:
            return shares
        return np.array([self.position(self.coordinate(share)) for share in shares.tolist()])

    def features(self, positions: Doubles) -> Doubles:
        return np.stack([positions, positions**2], axis=1)

    def kernels(self, positions: Doubles, widths: Widths, smoothing: float) -> Kernels:
        return Gaussians(*_gaussians(positions, widths, 1 / self.interval.count), self.at)


@dataclass(frozen=True, slots=True)
class Steps:
    """A few ordered points; a kernel is a table of their probabilities: a Gaussian's density at each point times the cell around it."""

    interval: Interval

    @property
    def count(self) -> float:
        return self.interval.count

    def position(self, coordinate: float) -> float:
        return float(round((coordinate - self.interval.low) / self.interval.step))

    def coordinate(self, position: float) -> float:
        return self.interval.nth(position)

    def at(self, shares: Doubles) -> Doubles:
        return np.array([self.interval.index(share) for share in shares.tolist()], dtype=np.float64)

    def features(self, positions: Doubles) -> Doubles:
        return _one_hot(positions, int(self.interval.count))

    def kernels(self, positions: Doubles, widths: Widths, smoothing: float) -> Kernels:
        numbers = [self.interval.nth(index) for index in range(int(self.interval.count))]
        points = np.array([self.interval.share(number) for number in numbers])
        edges = [0.0, *(self.interval.share(number + self.interval.step / 2) for number in numbers)]
        shares = np.where(np.isnan(positions), np.nan, points[np.nan_to_num(positions).astype(np.intp)])
        centers, spread = _gaussians(shares, widths, 0.5 / self.interval.count)
        return Masses(np.exp(-0.5 * ((points[:, None] - centers) / spread) ** 2) * np.diff(edges)[:, None])


@dataclass(frozen=True, slots=True)
class Choices:
    """Points without an order; a kernel has weight 1 + `smoothing` at its own point and `smoothing` at the others, normalised."""

    distribution: CategoricalDistribution

    @property
    def count(self) -> float:
        return len(self.distribution.choices)

    def position(self, coordinate: Any) -> float:
        return float(self.distribution.to_internal_repr(coordinate))

    def coordinate(self, position: float) -> Any:
        return self.distribution.to_external_repr(position)

    def at(self, shares: Doubles) -> Doubles:
        return np.floor(shares * len(self.distribution.choices))

    def features(self, positions: Doubles) -> Doubles:
        return _one_hot(positions, len(self.distribution.choices))

    def kernels(self, positions: Doubles, widths: Widths, smoothing: float) -> Kernels:
        return Masses(_one_hot(positions, len(self.distribution.choices)).T + smoothing)


@dataclass(frozen=True, slots=True)
class Gaussians:
    """Normal densities with `centers` and `widths`, (kernels,), truncated at 0 and 1; `snap` rounds samples to valid positions."""

    centers: Doubles
    widths: Doubles
    snap: Callable[[Doubles], Doubles]

    @property
    def coefficients(self) -> Doubles:
        return np.stack([self.centers / self.widths**2, -0.5 / self.widths**2])

    @property
    def constants(self) -> Doubles:
        """-½ (c/w)² - ln(w √2π) - ln(Φ((1-c)/w) - Φ(-c/w))."""
        root = math.sqrt(2)
        ends = zip(((1 - self.centers) / self.widths).tolist(), (self.centers / self.widths).tolist(), strict=True)
        inside = np.array([(math.erf(above / root) + math.erf(below / root)) / 2 for above, below in ends])
        height: Doubles = np.log(self.widths * math.sqrt(2 * math.pi) * inside)
        return -0.5 * (self.centers / self.widths) ** 2 - height

    def sample(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        """Rejection sampling: the centre is inside and the width at most 1, so at least a third of the samples fall inside."""
        centers, widths = self.centers[chosen], self.widths[chosen]
        positions = centers + widths * random.standard_normal(len(chosen))
        while (outside := np.flatnonzero((positions < 0) | (positions > 1))).size:
            positions[outside] = centers[outside] + widths[outside] * random.standard_normal(len(outside))
        return self.snap(positions)


class Masses:
    """Tables of probabilities, (points, kernels), normalised to sum 1 for each kernel."""

    def __init__(self, masses: Doubles) -> None:
        self._masses = masses / masses.sum(axis=0)

    @property
    def coefficients(self) -> Doubles:
        logarithms: Doubles = np.log(np.maximum(self._masses, np.finfo(np.float64).tiny))
        return logarithms

    @property
    def constants(self) -> Doubles:
        return np.zeros(self._masses.shape[1])

    def sample(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        reached = np.cumsum(self._masses, axis=0)[:-1, chosen]
        positions: Doubles = (reached <= random.random(len(chosen))).sum(axis=0).astype(np.float64)
        return positions


def _one_hot(positions: Doubles, count: int) -> Doubles:
    """(n, count): 1 at each position; a row of zeros for NaN."""
    hot: Doubles = (positions[:, None] == np.arange(count)).astype(np.float64)
    return hot


def _gaussians(shares: Doubles, widths: Widths, narrowest: float) -> tuple[Doubles, Doubles]:
    """Centres and widths, `narrowest` to 1, of kernels at `shares`, (n,); where that is NaN the prior's, 0.5 and 1."""
    known = ~np.isnan(shares)
    spread = np.ones_like(shares)
    spread[known] = widths(shares[known]).clip(narrowest, 1.0)
    return np.where(known, shares, 0.5), spread
