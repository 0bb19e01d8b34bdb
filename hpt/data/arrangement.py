"""The column by which rows belong together or follow each other: `data.group` or `data.order`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.tables.table import Table, is_text, missing_cells
from hpt.tables.wording import listed, shown

_ISO = re.compile(r"\d{4}(-\d{2}(-\d{2}([T ]\d{2}:\d{2}(:\d{2}(\.\d+)?)?)?)?)?Z?")
"""Dates and times whose order is that of their text, where all are as long."""


@dataclass(frozen=True, slots=True)
class Arrangement:
    """What a split has to respect.

    kind: `group`: rows of one group stay on one side; `order`: rows train before those that come after them validate and test.
    codes: (n,) of each row the number of its group, or its place; equal values have equal codes. values: of the codes.
    """

    kind: Literal["group", "order"]
    column: str
    codes: NDArray[np.int64]
    values: NDArray[Any]

    def keep(self, rows: NDArray[np.int64]) -> Arrangement:
        """That of some of the rows."""
        values, codes = np.unique(self.codes[rows], return_inverse=True)
        return Arrangement(self.kind, self.column, codes, self.values[values])

    def notice(self) -> str:
        """What the split does because of it."""
        if self.kind == "order":
            return f"order: by {shown(self.column)}: the first rows train, those after them validate, the last test"
        return f"group: {len(self.values)} groups by {shown(self.column)}, none on two sides; it is no input"


def arrangement(table: Table, options: Mapping[str, Any]) -> Arrangement | None:
    """That of `table` by `data.group` or `data.order`, None where neither is set.

    Raises InputError where the column is not there, is the target, lacks a value, or cannot be put in order.
    """
    chosen = [(key, options[key]) for key in ("group", "order") if options[key] is not None]
    if not chosen:
        return None
    if len(chosen) > 1:
        raise InputError("data.order: expected none beside data.group, found both. A split follows one of them: remove one.")
    ((key, column),) = chosen
    if column == table.target:
        raise InputError(f"data.{key}: expected a column beside the target, found {shown(column)}, the target.")
    if column not in table.columns:
        near = nearest(column, table.features)
        hint = f" Nearest: {shown(near)}." if near else ""
        raise InputError(
            f"data.{key}: expected a column of {table.name}, found {shown(column)}.{hint} Columns: {listed(table.features)}."
        )
    cells = table.columns[column]
    missing = np.flatnonzero(missing_cells(cells))
    if len(missing):
        more = f" So are {len(missing) - 1} more." if len(missing) > 1 else ""
        raise InputError(
            f"{table.place(int(missing[0]))}: column {shown(column)}: expected a value, as data.{key} names it, found none.{more}"
            " Fill it in, or remove the row."
        )
    if key == "order":
        _refuse_unordered(table, column)
    values, codes = np.unique(cells.astype(str) if is_text(cells) else cells, return_inverse=True)
    return Arrangement("group" if key == "group" else "order", column, codes.astype(np.int64), values)


def refuse_shared_groups(column: str, tables: Mapping[str, Table]) -> None:
    """Raises InputError where a group of `column` stands in two of the tables, which are named by the keys of their files."""
    seen: dict[Any, str] = {}
    for key, table in tables.items():
        groups = set(table.columns[column].tolist()) if column in table.columns else set()
        if shared := sorted(str(group) for group in groups if group in seen):
            raise InputError(
                f"data.{key}: expected no group of {shown(column)} on two sides, found {listed(shared, 3)} in {table.name} and"
                " elsewhere. Move their rows to one file, or remove data.group."
            )
        seen |= dict.fromkeys(groups, key)


def _refuse_unordered(table: Table, column: str) -> None:
    cells = table.columns[column]
    if not is_text(cells):
        return
    texts = cells.tolist()
    odd = next((row for row, text in enumerate(texts) if not _ISO.fullmatch(text) or len(text) != len(texts[0])), None)
    if odd is not None:
        raise InputError(
            f"{table.place(odd)}: column {shown(column)}: expected numbers or dates, as data.order names it, found"
            f" {shown(texts[odd])}. Write them as 2024-01-31."
        )
