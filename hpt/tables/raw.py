"""A file's cells as they were written, before anything is made of them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.errors import InputError

MAX_CELLS = 2**28  # as numbers they take 2 GiB
_GAP = "\0"


@dataclass(slots=True)
class RawColumn:
    """The cells of one column, packed into a few strings: a million cells take what they take in the file."""

    packed: list[bytes] = field(default_factory=list)

    @classmethod
    def of(cls, cells: Sequence[str]) -> RawColumn:
        """A column of these cells. Raises ValueError where one holds a NUL byte."""
        column = cls()
        column.add(cells)
        return column

    def add(self, cells: Sequence[str]) -> None:
        """Appends cells. Raises ValueError where one holds a NUL byte, which text does not."""
        text = _GAP.join(cells)
        if text.count(_GAP) != len(cells) - 1:
            raise ValueError("a NUL byte")
        self.packed.append(text.encode("utf-8", "surrogatepass"))

    def cells(self) -> list[str]:
        """The cells as they were written, blanks around them included."""
        return [cell for piece in self.packed for cell in piece.decode("utf-8", "surrogatepass").split(_GAP)]

    def blank(self) -> bool:
        """Whether no cell holds anything."""
        return not any(piece.strip(b"\0 \t\r\n") for piece in self.packed)

    def without_last(self, count: int) -> RawColumn:
        """The column without its last `count` cells."""
        cells = self.cells()
        return RawColumn.of(cells[: len(cells) - count])


@dataclass(frozen=True, slots=True)
class LeftOut:
    """A column that is no input, whatever its name: `index`, or `constant` where it is empty."""

    name: str
    kind: str
    note: str


@dataclass(frozen=True, slots=True)
class RawTable:
    """The rows of a file under its column names.

    lines: (n,) where each row starts. delimiter: None where the file has none.
    left_out: columns that are no part of the table. no_header: what to say where the first row may be no header, else "".
    notices: what was decided for the user; warnings: what may be wrong with that.
    """

    name: str
    columns: Mapping[str, RawColumn]
    lines: NDArray[np.int64]
    delimiter: str | None = None
    left_out: tuple[LeftOut, ...] = ()
    no_header: str = ""
    notices: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()

    def place(self, row: int) -> str:
        """Where `row` (from 0) is found: `wine.csv:17`."""
        return f"{self.name}:{self.lines[row]}"


def table_of(name: str, rows: Iterable[Mapping[str, str]], lines: Sequence[int]) -> RawTable:
    """The raw table of rows that name their cells themselves; a cell that a row does not have is empty. Raises InputError for too many."""
    columns: dict[str, list[str]] = {}
    first: dict[str, int] = {}
    count = 0
    for row in rows:
        for column, cell in row.items():
            cells = columns.setdefault(column, [])
            cells.extend([""] * (count - first.setdefault(column, count) - len(cells)))
            cells.append(cell)
        count += 1
        check_size(name, count, len(columns))
    packed = {
        column: RawColumn.of([*[""] * first[column], *cells, *[""] * (count - first[column] - len(cells))])
        for column, cells in columns.items()
    }
    return RawTable(name, packed, np.array(lines, dtype=np.int64))


def check_size(name: str, rows: int, columns: int) -> None:
    """Raises InputError where a table has more than MAX_CELLS."""
    if rows * columns > MAX_CELLS:
        raise InputError(f"{name}: {rows:,} rows of {columns:,} columns, at most {MAX_CELLS:,} cells are read.")
