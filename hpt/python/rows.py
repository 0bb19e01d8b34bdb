"""New rows as a program has them: in columns, in rows, in frames and arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from numbers import Real
from typing import Any

import numpy as np

from hpt.foundation.errors import InputError
from hpt.tables.plans import Plan


def written(cell: Any, plan: Plan | None) -> str:
    """A cell as the training file would write it: a number with the decimal sign and the unit of its column."""
    if cell is None or cell != cell:  # noqa: PLR0124  NaN is not itself
        return ""
    if isinstance(cell, Real) and not isinstance(cell, bool) and plan is not None and plan.kind == "number":
        return str(cell).replace(".", plan.decimal) + plan.unit
    return str(cell)


def table(rows: Any, names: Sequence[str]) -> list[list[Any]]:
    """`rows` with a row of names before them. Raises InputError for what is no table."""
    if hasattr(rows, "columns") and hasattr(rows, "__getitem__") and not isinstance(rows, Mapping):
        rows = {str(name): list(rows[name]) for name in rows.columns}
    if isinstance(rows, Mapping):
        return [list(rows), *(list(cells) for cells in zip(*rows.values(), strict=True))]
    if isinstance(rows, Sequence) and rows and isinstance(rows[0], Mapping):
        known = list(dict.fromkeys(name for row in rows for name in row))
        return [known, *([row.get(name, "") for name in known] for row in rows)]
    array = np.asarray(rows)
    if array.ndim != 2 or array.shape[1] != len(names):
        found = f"an array of shape {array.shape}" if array.ndim else type(rows).__name__
        raise InputError(f"rows: expected a file, named columns or an array of {len(names)} columns, found {found}.")
    return [list(names), *array.tolist()]
