"""One searched number or choice as the densities see it: a line from 0 to 1, or a few points.

A coordinate is what Optuna stores; a *place* is the float that stands for it here: a share of the line, or the index of a point.
A place that is NaN says that a trial has no such coordinate: its kernel is the prior.
"""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np

from hpt.numerics.types import Doubles, Integers

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution, FloatDistribution, IntDistribution

# Ordered points up to here are a table of masses; more are a line that is rounded, each cell at most 1/64 wide.
TABLE = 64


class Kernels(Protocol):
    """Kernels along one axis.

    coefficients: (features, kernels); constants: (kernels,). The logarithm of each kernel is `features @ coefficients + constants`:
    linear, so that all candidates meet all kernels of all axes in one matrix product.
    """

    @property
    def coefficients(self) -> Doubles: ...

    @property
    def constants(self) -> Doubles: ...

    def draw(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        """A place from each of the kernels `chosen`, (count,)."""
        ...


class Axis(Protocol):
    """Translates coordinates to places and back, and lays kernels."""

    @property
    def count(self) -> float:
        """How many places there are."""
        ...

    def place(self, coordinate: Any) -> float: ...

    def coordinate(self, place: float) -> Any: ...

    def at(self, shares: Doubles) -> Doubles:
        """The places at these shares, (n,) in [0, 1), of all there are."""
        ...

    def features(self, places: Doubles) -> Doubles:
        """(n, features) of (n,) places."""
        ...

    def kernels(self, places: Doubles) -> Kernels:
        """A kernel for each of (n,) places."""
        ...


def axis(distribution: BaseDistribution) -> Axis:
    """The axis of an Optuna distribution."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return Choices(distribution)
    assert isinstance(distribution, (FloatDistribution, IntDistribution))
    scale = Scale.of(distribution)
    return Steps(scale) if scale.count <= TABLE else Line(scale)


@dataclass(frozen=True, slots=True)
class Scale:
    """Numbers and their shares of an interval, linear or in logarithms; stepped numbers have half a step of margin at the ends.

    low, high: the ends; step: 0 without one; count: how many numbers there are.
    """

    low: float
    high: float
    step: float
    log: bool
    count: float

    @classmethod
    def of(cls, distribution: FloatDistribution | IntDistribution) -> Scale:
        low, high, step = distribution.low, distribution.high, distribution.step or 0
        return cls(low, high, step, distribution.log, round((high - low) / step) + 1 if step else math.inf)

    @property
    def ends(self) -> tuple[float, float]:
        """Where the interval starts and ends, as a logarithm on a log scale."""
        low, high = self.low - self.step / 2, self.high + self.step / 2
        return (math.log(low), math.log(high)) if self.log else (low, high)

    def share(self, number: float) -> float:
        """Where `number` lies."""
        low, high = self.ends
        return ((math.log(number) if self.log else number) - low) / (high - low)

    def number(self, share: float) -> float:
        """The number at `share`, or the nearest there is."""
        low, high = self.ends
        number = low + share * (high - low)
        number = math.exp(number) if self.log else number
        if self.step:
            return self.nth(round((number - self.low) / self.step))
        return min(max(number, self.low), self.high)

    def nth(self, index: int) -> float:
        """Number `index` from the lowest, or the nearest there is."""
        return min(max(self.low + index * self.step, self.low), self.high)


@dataclass(frozen=True, slots=True)
class Line:
    """A float, or whole numbers too many for a table; its kernels are Gaussians cut off at the ends.

    No kernel is narrower than a step: there the density in the middle of a step stands for the mass of the step.
    """

    scale: Scale

    @property
    def count(self) -> float:
        return self.scale.count

    def place(self, coordinate: float) -> float:
        return self.scale.share(coordinate)

    def coordinate(self, place: float) -> float:
        return self.scale.number(place)

    def at(self, shares: Doubles) -> Doubles:
        return self._rounded(shares)

    def features(self, places: Doubles) -> Doubles:
        return np.stack([places, places**2], axis=1)

    def kernels(self, places: Doubles) -> Kernels:
        return Gaussians(*gaussians(places, 1 / self.scale.count), self._rounded)

    def _rounded(self, places: Doubles) -> Doubles:
        if not self.scale.step:
            return places
        return np.array([self.scale.share(self.scale.number(place)) for place in places.tolist()])


@dataclass(frozen=True, slots=True)
class Steps:
    """A few ordered points; a kernel is a table of their masses, a Gaussian's density at each point, normalised."""

    scale: Scale

    @property
    def count(self) -> float:
        return self.scale.count

    def place(self, coordinate: float) -> float:
        return round((coordinate - self.scale.low) / self.scale.step)

    def coordinate(self, place: float) -> float:
        return self.scale.nth(int(place))

    def at(self, shares: Doubles) -> Doubles:
        return np.floor(shares * self.scale.count)

    def features(self, places: Doubles) -> Doubles:
        return one_hot(places, int(self.scale.count))

    def kernels(self, places: Doubles) -> Kernels:
        points = np.array([self.scale.share(self.scale.nth(index)) for index in range(int(self.scale.count))])
        shares = np.where(np.isnan(places), np.nan, points[np.nan_to_num(places).astype(np.intp)])
        centers, widths = gaussians(shares, 0.5 / self.scale.count)
        return Masses(np.exp(-0.5 * ((points[:, None] - centers) / widths) ** 2))


@dataclass(frozen=True, slots=True)
class Choices:
    """Points without an order; a kernel gives its own point one observation more than the prior's share, as Optuna has it."""

    distribution: CategoricalDistribution

    @property
    def count(self) -> float:
        return len(self.distribution.choices)

    def place(self, coordinate: Any) -> float:
        return self.distribution.to_internal_repr(coordinate)

    def coordinate(self, place: float) -> Any:
        return self.distribution.to_external_repr(place)

    def at(self, shares: Doubles) -> Doubles:
        return np.floor(shares * len(self.distribution.choices))

    def features(self, places: Doubles) -> Doubles:
        return one_hot(places, len(self.distribution.choices))

    def kernels(self, places: Doubles) -> Kernels:
        own = one_hot(places, len(self.distribution.choices)).T
        return Masses(own + 1 / len(places))


@dataclass(frozen=True, slots=True)
class Gaussians:
    """Normal densities with `centers` and `widths`, (kernels,), cut off at 0 and 1."""

    centers: Doubles
    widths: Doubles
    rounded: Callable[[Doubles], Doubles]

    @property
    def coefficients(self) -> Doubles:
        return np.stack([self.centers / self.widths**2, -0.5 / self.widths**2])

    @property
    def constants(self) -> Doubles:
        """-½ (c/w)² - ln(w √2π) - ln(Φ((1-c)/w) - Φ(-c/w))."""
        root = math.sqrt(2)
        ends = zip(((1 - self.centers) / self.widths).tolist(), (self.centers / self.widths).tolist(), strict=True)
        inside = np.array([(math.erf(above / root) + math.erf(below / root)) / 2 for above, below in ends])
        return -0.5 * (self.centers / self.widths) ** 2 - np.log(self.widths * math.sqrt(2 * math.pi) * inside)

    def draw(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        """What falls outside is drawn again: the centre is inside and the width at most 1, so a third or more falls inside."""
        centers, widths = self.centers[chosen], self.widths[chosen]
        places = centers + widths * random.standard_normal(len(chosen))
        while (outside := np.flatnonzero((places < 0) | (places > 1))).size:
            places[outside] = centers[outside] + widths[outside] * random.standard_normal(len(outside))
        return self.rounded(places)


class Masses:
    """Tables of masses, (points, kernels), each kernel's normalised to 1."""

    def __init__(self, masses: Doubles) -> None:
        self._masses = masses / masses.sum(axis=0)

    @property
    def coefficients(self) -> Doubles:
        return np.log(np.maximum(self._masses, 1e-300))

    @property
    def constants(self) -> Doubles:
        return np.zeros(self._masses.shape[1])

    def draw(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        reached = np.cumsum(self._masses, axis=0)[:-1, chosen]
        return (reached <= random.random(len(chosen))).sum(axis=0).astype(np.float64)


def one_hot(places: Doubles, count: int) -> Doubles:
    """(n, count): 1 at each place, a row of zeros for NaN."""
    return (places[:, None] == np.arange(count)).astype(np.float64)


def gaussians(places: Doubles, narrowest: float) -> tuple[Doubles, Doubles]:
    """Centres and widths of kernels at `places`, (n,), in [0, 1]; NaN has the prior's, 0.5 and 1.

    A width is the larger distance to the two neighbours (at the outermost places, to the only one), but at least
    1 / min(100, 1 + n) and `narrowest`, at most 1: Optuna's rule, `_ParzenEstimator._calculate_numerical_distributions`.
    """
    centers = np.where(np.isnan(places), 0.5, places)
    widths = np.ones_like(places)
    known = np.flatnonzero(~np.isnan(places))
    order = known[np.argsort(places[known], kind="stable")]
    gaps = np.diff(places[order], prepend=0.0, append=1.0)
    if len(order) > 1:
        gaps[0] = gaps[-1] = 0.0
    widths[order] = np.maximum(gaps[:-1], gaps[1:]).clip(max(narrowest, 1 / min(100, 1 + len(places))), 1.0)
    return centers, widths
