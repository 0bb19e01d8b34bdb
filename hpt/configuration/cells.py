"""Cells: what a row reads as.

A *cell* is a constant, a Range or Values, a tuple that may hold those, or (kind `row`) a mapping of cells.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from hpt.foundation.catalogue import Entry, Hyperparameter


def only_entry(row: Hyperparameter) -> Entry | None:
    """The only entry of the row's table: such a row is a plain mapping, which names no entry."""
    entries = tuple((row.table or {}).values())
    return entries[0] if len(entries) == 1 else None


def default_cell(row: Hyperparameter) -> Any:
    """The default of `row` as a cell: for kind `row`, with every hyperparameter of the entry that the default names."""
    if row.kind != "row" or row.table is None or row.default is None:
        return row.default
    if (entry := only_entry(row)) is not None:
        return without_none({h.name: default_cell(h) for h in entry.hyperparameters} | row.default)
    given = row.default if isinstance(row.default, Mapping) else {row.row_key: row.default}
    entry = row.table[given[row.row_key]]
    return {row.row_key: entry.name, **{h.name: given.get(h.name, default_cell(h)) for h in entry.hyperparameters}}


def without_none(cells: Mapping[str, Any]) -> dict[str, Any]:
    """`cells` without those that are None."""
    return {name: cell for name, cell in cells.items() if cell is not None}
