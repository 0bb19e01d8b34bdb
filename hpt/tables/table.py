"""A table of rows and named columns, each with what it was taken for, before anything is learned from it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from hpt.tables.plans import Column, Plan


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a column beside its cells. blank, strays: as in `Cells`."""

    plan: Plan
    blank: Mapping[str, int] = field(default_factory=dict)
    strays: Mapping[str, tuple[int, int]] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class ColumnInfo:
    """A column as it is told to people and in JSON: `kind` as in `Plan`, how many cells are missing, what was seen."""

    name: str
    kind: str
    missing: int
    note: str

    def document(self) -> dict[str, str | int]:
        """As JSON has it; half a character, which no file of text can hold, is replaced."""
        return {
            "name": self.name.encode("utf-8", "replace").decode("utf-8"),
            "kind": self.kind,
            "missing": self.missing,
            "note": self.note.encode("utf-8", "replace").decode("utf-8"),
        }


@dataclass(frozen=True, slots=True)
class Table:
    """Rows and columns of one source.

    name: what errors call it. columns: by name, in the order of the source, the target among them.
    rows_at: (n,) where each row is found: the line on which it starts; its index from 0 where `counted` says so.
    digest: sha256 in hex of the names, order and content of the columns, of the target's name and of `shapes`.
    shapes: of the arrays, flattened in C order, that the features make one after the other; None where each stands for itself.
    facts: of each column of a file. outside: columns that are no part of the table.
    no_header: what to say first where the first row may be no header. notices, warnings: of the reading.
    """

    name: str
    columns: Mapping[str, Column]
    target: str
    rows_at: NDArray[np.int64]
    counted: Literal["line", "row index"]
    digest: str
    shapes: tuple[tuple[int, ...], ...] | None = None
    facts: Mapping[str, Facts] = field(default_factory=dict)
    outside: tuple[ColumnInfo, ...] = ()
    no_header: str = ""
    notices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

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

    def fact(self, column: str) -> Facts:
        """What is known of a column; of arrays only whether it holds text."""
        known = self.facts.get(column)
        return known if known is not None else Facts(Plan("category" if is_text(self.columns[column]) else "number"))


def is_text(cells: Column) -> bool:
    """Whether a column holds text."""
    return cells.dtype == np.object_


def missing_cells(cells: Column) -> NDArray[np.bool_]:
    """(n,) True where a cell is missing or not a finite number."""
    if is_text(cells):
        return np.array([cell is None for cell in cells.tolist()], dtype=bool)
    return ~np.isfinite(cells)
