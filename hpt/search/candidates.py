"""Settings that a model is asked about: some from everywhere, some near the best."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpt.numerics.types import Doubles, Integers
from hpt.search.history import History

# The chance that an axis is changed, at least: as much as makes this many changes of a setting, and one is always.
_CHANGES, _LEAST_CHANCE = 1.5, 0.35
# What a choice that was not made weighs beside the one that was, where a setting is changed.
_OTHER_CHOICE = 1e6


@dataclass(frozen=True, slots=True)
class Candidates:
    """Settings. branches: (n,). positions: (n, all axes), NaN on axes of other branches.

    On an axis that a choice leaves without a meaning a position is any.
    """

    branches: Integers
    positions: Doubles

    def __add__(self, other: Candidates) -> Candidates:
        """These, then the others."""
        return Candidates(np.concatenate([self.branches, other.branches]), np.concatenate([self.positions, other.positions]))

    def at(self, indices: Integers) -> Candidates:
        """Those at `indices`."""
        return Candidates(self.branches[indices], self.positions[indices])


def scattered(history: History, count: int, random: np.random.Generator) -> Candidates:
    """`count` settings from everywhere, as many of each branch."""
    branches = random.permutation(count) % len(history.labels)
    positions = np.full((count, len(history.all_axes)), np.nan)
    for branch in range(len(history.labels)):
        own = np.flatnonzero(branches == branch)
        for column, axis in zip(history.columns(branch), history.axes(branch), strict=True):
            positions[own, column] = axis.at(random.random(len(own)))
    return Candidates(branches, positions)


def nearby(history: History, centers: Candidates, widths: Sequence[float], random: np.random.Generator) -> Candidates:
    """One setting near each of `centers`, as far as one of `widths`, which are shares of an axis; one to all of its axes are changed."""
    positions = centers.positions.copy()
    spread = np.array(widths)[random.integers(len(widths), size=len(positions))]
    for branch in range(len(history.labels)):
        own = np.flatnonzero(centers.branches == branch)
        axes = history.axes(branch)
        if not len(axes) or not own.size:
            continue
        changed = random.random((len(own), len(axes))) < max(_CHANGES / len(axes), _LEAST_CHANCE)
        changed[np.arange(len(own)), random.integers(len(axes), size=len(own))] = True
        # What has no meaning for a trial has no position either, and gets one.
        changed |= np.isnan(positions[np.ix_(own, history.columns(branch))])
        for column, axis, mask in zip(history.columns(branch), axes, changed.T, strict=True):
            rows = own[mask]
            if rows.size:
                kernels = axis.kernels(positions[rows, column], _Fixed(spread[rows], positions[rows, column]), _OTHER_CHOICE)
                positions[rows, column] = kernels.sample(np.arange(len(rows)), random)
    return Candidates(centers.branches, positions)


@dataclass(frozen=True, slots=True)
class _Fixed:
    """The widths of kernels, each its own; those at no position have the prior's."""

    spread: Doubles
    positions: Doubles

    def __call__(self, shares: Doubles) -> NDArray[np.float64]:
        return self.spread[~np.isnan(self.positions)]
