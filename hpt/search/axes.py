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

from hpt.foundation.scales import LINEAR, LOG, Scale
from hpt.numerics.types import Doubles, Integers

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

# Ordered points up to here are a table of masses; more are a line that is rounded.
TABLE = 64

Widths = Callable[[Doubles], Doubles]
"""How wide kernels at these shares of an axis, (n,) in [0, 1], are: (n,), as shares too."""


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
    """Translates coordinates to places and back, and lays kernels.

    count: how many places there are; infinite for a float.
    """

    @property
    def count(self) -> float: ...

    def place(self, coordinate: Any) -> float: ...

    def coordinate(self, place: float) -> Any: ...

    def at(self, shares: Doubles) -> Doubles:
        """(n,) places; shares that are uniform in [0, 1) make them what the search space calls uniform."""
        ...

    def features(self, places: Doubles) -> Doubles:
        """(n, features) of (n,) places."""
        ...

    def kernels(self, places: Doubles, widths: Widths, smoothing: float) -> Kernels:
        """A kernel for each of (n,) places; NaN has the prior's.

        smoothing: what a choice counts that was not made, beside 1 + smoothing for the one that was.
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
    """Coordinates and their shares of an interval; those with a step have half a step of margin at the ends.

    step: 0 without one. scale: along which coordinates are uniform. count: how many there are. start, width: of the interval,
    as levels of the scale.
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
        """Where `number` lies, 0 to 1."""
        return (self.scale.level(number) - self.start) / self.width

    def number(self, share: float) -> float:
        """The number at `share`; the nearest, where there are steps."""
        if self.step:
            return self.nth(self.index(share))
        return min(max(self._at(share), self.low), self.high)

    def index(self, share: float) -> int:
        """Which of the stepped numbers, from the lowest, is nearest to the one at `share`."""
        return min(max(round((self._at(share) - self.low) / self.step), 0), int(self.count) - 1)

    def nth(self, index: float) -> float:
        """Number `index` from the lowest, of the type of the ends."""
        return min(self.low + int(index) * self.step, self.high)

    def _at(self, share: float) -> float:
        return self.scale.coordinate(self.start + share * self.width)


@dataclass(frozen=True, slots=True)
class Line:
    """A float, or whole numbers too many for a table; its kernels are Gaussians cut off at the ends.

    No kernel is narrower than a step: there the density in the middle of a step stands for the mass of the step.
    """

    interval: Interval

    @property
    def count(self) -> float:
        return self.interval.count

    def place(self, coordinate: float) -> float:
        return self.interval.share(coordinate)

    def coordinate(self, place: float) -> float:
        return self.interval.number(place)

    def at(self, shares: Doubles) -> Doubles:
        if not self.interval.step:
            return shares
        return np.array([self.place(self.coordinate(share)) for share in shares.tolist()])

    def features(self, places: Doubles) -> Doubles:
        return np.stack([places, places**2], axis=1)

    def kernels(self, places: Doubles, widths: Widths, smoothing: float) -> Kernels:
        return Gaussians(*_gaussians(places, widths, 1 / self.interval.count), self.at)


@dataclass(frozen=True, slots=True)
class Steps:
    """A few ordered points; a kernel is a table of their masses: a Gaussian's density at each point times the cell around it."""

    interval: Interval

    @property
    def count(self) -> float:
        return self.interval.count

    def place(self, coordinate: float) -> float:
        return float(round((coordinate - self.interval.low) / self.interval.step))

    def coordinate(self, place: float) -> float:
        return self.interval.nth(place)

    def at(self, shares: Doubles) -> Doubles:
        return np.array([self.interval.index(share) for share in shares.tolist()], dtype=np.float64)

    def features(self, places: Doubles) -> Doubles:
        return _one_hot(places, int(self.interval.count))

    def kernels(self, places: Doubles, widths: Widths, smoothing: float) -> Kernels:
        numbers = [self.interval.nth(index) for index in range(int(self.interval.count))]
        points = np.array([self.interval.share(number) for number in numbers])
        edges = [0.0, *(self.interval.share(number + self.interval.step / 2) for number in numbers)]
        shares = np.where(np.isnan(places), np.nan, points[np.nan_to_num(places).astype(np.intp)])
        centers, spread = _gaussians(shares, widths, 0.5 / self.interval.count)
        return Masses(np.exp(-0.5 * ((points[:, None] - centers) / spread) ** 2) * np.diff(edges)[:, None])


@dataclass(frozen=True, slots=True)
class Choices:
    """Points without an order; a kernel is `smoothing` everywhere and 1 more at its own point, normalised."""

    distribution: CategoricalDistribution

    @property
    def count(self) -> float:
        return len(self.distribution.choices)

    def place(self, coordinate: Any) -> float:
        return float(self.distribution.to_internal_repr(coordinate))

    def coordinate(self, place: float) -> Any:
        return self.distribution.to_external_repr(place)

    def at(self, shares: Doubles) -> Doubles:
        return np.floor(shares * len(self.distribution.choices))

    def features(self, places: Doubles) -> Doubles:
        return _one_hot(places, len(self.distribution.choices))

    def kernels(self, places: Doubles, widths: Widths, smoothing: float) -> Kernels:
        return Masses(_one_hot(places, len(self.distribution.choices)).T + smoothing)


@dataclass(frozen=True, slots=True)
class Gaussians:
    """Normal densities with `centers` and `widths`, (kernels,), cut off at 0 and 1; `snap` takes draws to the places there are."""

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

    def draw(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        """What falls outside is drawn again: the centre is inside and the width at most 1, so a third or more falls inside."""
        centers, widths = self.centers[chosen], self.widths[chosen]
        places = centers + widths * random.standard_normal(len(chosen))
        while (outside := np.flatnonzero((places < 0) | (places > 1))).size:
            places[outside] = centers[outside] + widths[outside] * random.standard_normal(len(outside))
        return self.snap(places)


class Masses:
    """Tables of masses, (points, kernels), each kernel's normalised to 1."""

    def __init__(self, masses: Doubles) -> None:
        self._masses = masses / masses.sum(axis=0)

    @property
    def coefficients(self) -> Doubles:
        logarithms: Doubles = np.log(np.maximum(self._masses, np.finfo(np.float64).tiny))
        return logarithms

    @property
    def constants(self) -> Doubles:
        return np.zeros(self._masses.shape[1])

    def draw(self, chosen: Integers, random: np.random.Generator) -> Doubles:
        reached = np.cumsum(self._masses, axis=0)[:-1, chosen]
        places: Doubles = (reached <= random.random(len(chosen))).sum(axis=0).astype(np.float64)
        return places


def _one_hot(places: Doubles, count: int) -> Doubles:
    """(n, count): 1 at each place, a row of zeros for NaN."""
    hot: Doubles = (places[:, None] == np.arange(count)).astype(np.float64)
    return hot


def _gaussians(shares: Doubles, widths: Widths, narrowest: float) -> tuple[Doubles, Doubles]:
    """Centres and widths, `narrowest` to 1, of kernels at `shares`, (n,); where that is NaN the prior's, 0.5 and 1."""
    known = ~np.isnan(shares)
    spread = np.ones_like(shares)
    spread[known] = widths(shares[known]).clip(narrowest, 1.0)
    return np.where(known, shares, 0.5), spread
