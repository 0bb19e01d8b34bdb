"""Which rows train, which validate, which test: drawn by a seed, stratified by class."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.errors import InputError
from hpt.foundation.randomness import generator

Rows = NDArray[np.int64]
MOST_COUNTS = 20


def split(
    n: int,
    classes: NDArray[np.int64] | None,
    validation: float,
    test: float,
    entropy: tuple[int, ...],
    names: Sequence[str] = (),
) -> tuple[Rows, Rows, Rows]:
    """The sorted row numbers of the training, validation and test part; together each of 0 … n - 1 once.

    classes: (n,) a code for each row, or None to draw without strata. names: of the codes, for errors.
    A part has its share of n rounded to the nearest row, at least one where the share is above 0. Each class gets its
    share of a part by largest remainder, and keeps at least one row for training.
    Raises InputError, with the counts, where the rows or those of a class are too few.
    """
    if validation + test >= 1:
        raise InputError(f"data.validation + data.test: expected less than 1, found {validation} + {test}.")
    parts = [part for part, share in (("training", 1), ("validation", validation), ("test", test)) if share > 0]
    strata = np.zeros(n, dtype=np.int64) if classes is None else classes
    codes, counts = np.unique(strata, return_counts=True)
    if classes is not None and counts.min() < len(parts):
        raise InputError(_too_small(codes, counts, parts, names))
    sizes = part_sizes(n, (validation, test))
    if n - sum(sizes) < max(1, len(codes)):
        found = f"{n} rows" if classes is None else f"{n} rows of {len(codes)} classes"
        raise InputError(
            f"data: {found} are too few for {' + '.join(parts)}: {n - sum(sizes)} would be left to train on."
            " Lower data.validation and data.test."
        )

    order = generator("split", *entropy).permutation(n)
    taken = np.zeros(len(codes), dtype=np.int64)
    chosen: list[list[Rows]] = [[], []]
    queues = [order[strata[order] == code] for code in codes]
    amounts = _allotted(counts, (validation, test), sizes)
    for rows, amount in zip(chosen, amounts, strict=True):
        for queue, first, count in zip(queues, taken, amount, strict=True):
            rows.append(queue[first : first + count])
        taken += amount
    train = [queue[first:] for queue, first in zip(queues, taken, strict=True)]
    return _sorted(train), _sorted(chosen[0]), _sorted(chosen[1])


def part_sizes(n: int, shares: Sequence[float]) -> list[int]:
    """How many of n rows each part has: its share, rounded to the nearest row, at least one where that is above 0."""
    return [max(1, int(n * share + 0.5)) if share > 0 else 0 for share in shares]


def _allotted(counts: Rows, shares: Sequence[float], sizes: Sequence[int]) -> list[Rows]:
    """How many rows of each class go to each part, one array a part, summing to `sizes`."""
    quotas = [counts * share for share in shares]
    amounts = [np.floor(quota).astype(np.int64) for quota in quotas]
    spare = counts - 1 - sum(amounts)
    for quota, amount, size in zip(quotas, amounts, sizes, strict=True):
        for _ in range(size - int(amount.sum())):
            neediest = int(np.argmax(np.where(spare > 0, quota - amount, -np.inf)))
            amount[neediest] += 1
            spare[neediest] -= 1
    return amounts


def _sorted(rows: Sequence[Rows]) -> Rows:
    return np.sort(np.concatenate(rows))


def _too_small(codes: Rows, counts: Rows, parts: Sequence[str], names: Sequence[str]) -> str:
    called = [repr(names[code]) if names else str(code) for code in codes]
    smallest = int(np.argmin(counts))
    counted = [f"{name} {count}" for name, count in zip(called, counts, strict=True)]
    more = ", …" if len(counted) > MOST_COUNTS else ""
    numbers = all(name.removeprefix("-").isdecimal() for name in names)
    remedy = "Remove small classes" + (", or set data.task: regression if these are amounts." if numbers else ".")
    return (
        f"data: class {called[smallest]} has {counts[smallest]} row{'s' if counts[smallest] > 1 else ''}, but the split"
        f" into {' + '.join(parts)} needs {len(parts)} of each class."
        f" Rows by class: {', '.join(counted[:MOST_COUNTS])}{more}. {remedy}"
    )
