"""From the target column to a task, and to codes or amounts."""

from __future__ import annotations

import math
from collections import Counter
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.data.dataset import Task
from hpt.foundation.errors import InputError
from hpt.tables.numbers import is_plain
from hpt.tables.plans import Column
from hpt.tables.table import Table, is_text, missing_cells
from hpt.tables.wording import columns_hint, listed, shown

ClassValue = str | int | float | bool

MAX_CLASSES_INFERRED = 20
HUGE = 100.0


@dataclass(frozen=True, slots=True)
class Target:
    """What is to be predicted.

    classes: as they stood in the source, sorted, numbers by size; None in regression.
    values: (n,) int64 codes into the classes, or (n,) float64 amounts.
    """

    task: Task
    classes: tuple[ClassValue, ...] | None
    values: NDArray[Any]

    @property
    def names(self) -> tuple[str, ...]:
        """The classes as text; bools as `false` and `true`."""
        return tuple(str(value).lower() if isinstance(value, bool) else str(value) for value in self.classes or ())


def read_target(table: Table, task: Task | None) -> Target:
    """The target of a table. `task` None infers it: text, bool or at most 20 distinct integers without a unit are classes.

    No cell may be missing. Raises InputError where all rows are of one class, or where text is asked to be amounts.
    """
    cells = table.columns[table.target]
    where = f"{table.name}: target {shown(table.target)}"
    plan = table.fact(table.target).plan
    if is_text(cells) and task == "regression":
        hint = f" {columns_hint(table.target, 'number')} reads them as numbers." if plan.note else ""
        raise InputError(f"{where}: regression needs numbers, found {_stray(table)}.{hint}")
    amounts = bool(plan.unit) or plan.magnitudes or plan.kind == "date"
    task = task or ("regression" if amounts else _inferred(cells))
    if task == "regression":
        return Target(task, None, cells.astype(np.float64))
    classes = _classes(cells)
    if len(classes) < 2:
        raise InputError(f"{where}: expected at least two classes, found {classes[0]!r} in all {len(cells)} rows.")
    return Target(task, classes, _codes(cells, classes))


def read_test_target(table: Table, like: Target) -> Target:
    """The target of a separate test table in the terms of the source's. Raises InputError on a class unknown there."""
    cells = table.columns[table.target]
    if like.classes is None:
        return read_target(table, "regression")
    codes = _codes(cells, like.classes)
    unknown = np.flatnonzero(codes < 0)
    if len(unknown):
        found = shown(str(cells[unknown[0]]))
        raise InputError(
            f"{table.place(int(unknown[0]))}: target {shown(table.target)}: {found} is no class of data.source."
            f" Its classes: {listed(like.names)}."
        )
    return Target("classification", like.classes, codes)


def scaling(values: NDArray[np.float64], standardize: bool, where: str) -> tuple[float, float, str | None]:
    """Mean and standard deviation to scale amounts with, from `values`, those of training rows; a warning if due."""
    if values.min() == values.max():
        return float(values[0]) if standardize else 0.0, 1.0, f"{where} is constant in the training rows."
    with np.errstate(over="ignore", invalid="ignore"):
        mean, sd, size = float(values.mean()), float(values.std()), float(np.sqrt(np.mean(values * values)))
    if not math.isfinite(size):
        raise InputError(f"{where}: amounts up to {np.abs(values).max():g} are too large to square. Rescale them.")
    if standardize:
        return mean, sd if sd > 0 else 1.0, None
    if size <= HUGE:
        return 0.0, 1.0, None
    warning = f"{where} has a huge scale (root mean square {size:.4g}): training may diverge."
    return 0.0, 1.0, f"{warning} Set data.standardize_target: true."


def missing_target(table: Table) -> NDArray[np.int64]:
    """The rows whose target is missing or not finite."""
    return np.flatnonzero(missing_cells(table.columns[table.target]))


def refuse_missing_target(table: Table) -> None:
    """Raises InputError, with the place, where the target of a row is missing or not finite."""
    missing = missing_target(table)
    if len(missing):
        more = f" So are {len(missing) - 1} more." if len(missing) > 1 else ""
        strays = ", ".join(map(shown, list(table.fact(table.target).strays)[:3]))
        found = f", for {strays} is no {table.fact(table.target).plan.kind}" if strays else ""
        raise InputError(
            f"{table.place(int(missing[0]))}: target {shown(table.target)}: missing or not finite{found}.{more}"
            " A target cannot be filled in: set data.missing: drop, or mean, which leave these rows out,"
            " or name another column as data.target."
        )


def _stray(table: Table) -> str:
    """The first cell of a target of texts that is not a number, and its place: `'abc' (wine.csv:17)`."""
    cells = table.columns[table.target].tolist()
    row = next((row for row, cell in enumerate(cells) if not is_plain(cell)), 0)
    return f"{shown(cells[row])} ({table.place(row)})"


def _inferred(cells: Column) -> Task:
    if cells.dtype != np.float64:
        return "classification"
    distinct = np.unique(cells)
    few_integers = len(distinct) <= MAX_CLASSES_INFERRED and bool((distinct == np.floor(distinct)).all())
    return "classification" if few_integers else "regression"


def _classes(cells: Column) -> tuple[ClassValue, ...]:
    if cells.dtype != np.float64:
        return tuple(sorted(Counter(cells.tolist())))
    return tuple(int(value) if value.is_integer() else value for value in np.unique(cells).tolist())


def _codes(cells: Column, classes: tuple[ClassValue, ...]) -> NDArray[np.int64]:
    """(n,) the index of each cell among the classes, -1 where it is none of them."""
    position = {value: code for code, value in enumerate(classes)}
    return np.array([position.get(cell, -1) for cell in cells.tolist()], dtype=np.int64)
