"""Splits along a column: groups that stay whole, and cuts between what came before and what came after."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.randomness import generator

Rows = NDArray[np.int64]


def whole_groups(
    groups: Rows,
    classes: Rows | None,
    shares: Sequence[float],
    purpose: str,
    entropy: tuple[int, ...],
    *,
    first_has_all: bool,
) -> Rows:
    """(n,) the part of each row, which all rows of its group share; parts come near their share of the rows of each class.

    groups, classes: (n,) codes from 0. first_has_all: whether the first part is to have a group of each class.
    Groups are dealt out from the largest, in an order that `purpose` and `entropy` seed, each to the part that it serves best: where the
    squared distance to what the part should hold, relative to that, falls most. There are at least as many groups as parts; a part may be
    left without one where `first_has_all` takes them.
    """
    strata = np.zeros(len(groups), dtype=np.int64) if classes is None else classes
    held = np.zeros((int(groups.max()) + 1, int(strata.max()) + 1))
    np.add.at(held, (groups, strata), 1)
    wanted = np.asarray(shares)[:, None] * held.sum(axis=0)
    scale = np.where(wanted > 0, wanted, 1.0)
    shuffled = generator(purpose, *entropy).permutation(len(held))
    order = shuffled[np.argsort(-held.sum(axis=1)[shuffled], kind="stable")]
    given = np.zeros_like(wanted)
    part = np.full(len(held), -1)

    def give(group: int, to: int) -> None:
        part[group] = to
        given[to] += held[group]

    if first_has_all:
        for stratum in np.argsort((held > 0).sum(axis=0), kind="stable").tolist():
            if not given[0, stratum] and (having := [g for g in order.tolist() if held[g, stratum]]):
                give(having[0], 0)
    left = [group for group in order.tolist() if part[group] < 0]
    for index, group in enumerate(left):
        empty = ~given.any(axis=1)
        change = ((held[group] ** 2 + 2 * held[group] * (given - wanted)) / scale).sum(axis=1)
        if len(left) - index <= empty.sum():
            change = np.where(empty, change, np.inf)
        give(group, int(np.argmin(change)))
    return part[groups]


def cuts(places: Rows, wanted: Sequence[int]) -> list[int] | None:
    """Where to cut sorted `places` (n,), as near to `wanted` (increasing) as equal places stay together.

    None where there are too few different places for so many cuts.
    """
    between = (1 + np.flatnonzero(np.diff(places))).tolist()
    found: list[int] = []
    start = 0
    for index, at in enumerate(wanted):
        stop = len(between) - (len(wanted) - index - 1)
        if start >= stop:
            return None
        chosen = min(range(start, stop), key=lambda i: abs(between[i] - at))
        found.append(between[chosen])
        start = chosen + 1
    return found
