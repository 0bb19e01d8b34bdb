"""A table of rows and named columns as its source gave it, before any choice is made."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

Column = NDArray[Any]
"""(n,) float64, NaN where a cell is missing; object, of str, None where one is missing; or bool (npz targets)."""

MISSING = frozenset({"", "?", "NA", "na", "N/A", "n/a", "NaN", "nan", "NAN", "null", "Null", "NULL"})
"""Cells that hold nothing, once stripped. `None` and `-` are not among them: they are categories in real files."""


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns of one source.

    name: what errors call it. columns: by name, in the order of the source, the target among them.
    rows_at: (n,) where each row is found: the line on which it starts; its index from 0 where `counted` says so.
    digest: sha256 in hex of the names, order and content of the columns, of the target's name and of `shapes`.
    shapes: of the arrays, flattened in C order, that the features make one after the other; None where each stands for itself.
    """

    name: str
    columns: Mapping[str, Column]
    target: str
    rows_at: NDArray[np.int64]
    counted: Literal["line", "row index"]
    digest: str
    shapes: tuple[tuple[int, ...], ...] | None = None

    @classmethod
    def of(
        cls,
        name: str,
        columns: Mapping[str, Column],
        target: str,
        lines: NDArray[np.int64] | None = None,
        shapes: tuple[tuple[int, ...], ...] | None = None,
    ) -> Table:
        """A table with its digest. `lines`: (n,) of a text file, None for arrays."""
        digest = hashlib.sha256(json.dumps(target).encode())
        for column, cells in columns.items():
            digest.update(json.dumps([column, cells.dtype.kind, len(cells)]).encode())
            digest.update(json.dumps(cells.tolist()).encode() if is_text(cells) else cells.tobytes())
        if shapes is not None:
            digest.update(json.dumps(shapes).encode())
        if lines is None:
            return cls(name, columns, target, np.arange(len(columns[target])), "row index", digest.hexdigest(), shapes)
        return cls(name, columns, target, lines, "line", digest.hexdigest(), shapes)

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.columns[self.target])

    @property
    def features(self) -> tuple[str, ...]:
        """The names of all columns but the target."""
        return tuple(name for name in self.columns if name != self.target)

    def place(self, row: int) -> str:
        """Where `row` (from 0) is found: `wine.csv:17`, or `wine.npz: row index 15`."""
        between = ":" if self.counted == "line" else ": row index "
        return f"{self.name}{between}{self.rows_at[row]}"


def is_text(cells: Column) -> bool:
    """Whether a column holds text."""
    return cells.dtype == np.object_


def missing_cells(cells: Column) -> NDArray[np.bool_]:
    """(n,) True where a cell is missing or not a finite number."""
    if is_text(cells):
        return np.array([cell is None for cell in cells.tolist()], dtype=bool)
    return ~np.isfinite(cells)


def text_column(cells: Iterable[str]) -> NDArray[np.object_]:
    """A text column: cells stripped, missing ones None, equal ones one object."""
    seen: dict[str, str] = {}
    stripped = [cell.strip() for cell in cells]
    column = np.empty(len(stripped), dtype=object)
    column[:] = [None if cell in MISSING else seen.setdefault(cell, cell) for cell in stripped]
    return column


def shown(text: str, length: int = 60) -> str:
    """`text` in quotes for an error: on one line, control characters escaped, cut at `length` characters."""
    return repr(text if len(text) <= length else text[: length - 1] + "…")


def drop_hint(column: str) -> str:
    """`data.drop: [column]` as a user can paste it; the name in quotes where plain YAML would not read it back."""
    plain = re.fullmatch(r"[A-Za-z][A-Za-z0-9_ .()-]*", column)
    return f"data.drop: [{column if plain else shown(column, len(column))}]"


def listed(names: Iterable[str], most: int = 12) -> str:
    """Names one after the other, the first `most` of them."""
    every = list(names)
    more = f" and {len(every) - most} more" if len(every) > most else ""
    return ", ".join(shown(name) for name in every[:most]) + more
