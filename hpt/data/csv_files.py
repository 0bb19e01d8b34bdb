"""Reading delimited text into a table."""

from __future__ import annotations

import csv
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from hpt.data.tables import MISSING, Column, Table, listed, shown, text_column
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError

DELIMITERS = (",", ";", "\t")
SNIFFED_LINES = 100
CHUNK_ROWS = 10_000


def read_csv(path: Path, name: str, target: str | None) -> Table:
    """The table of a CSV file: UTF-8 with or without a BOM; `,`, `;` or tab between cells, told from the first lines.

    The first record holds the column names. Quoted cells may hold delimiters and line breaks; blank lines are skipped.
    A column is of numbers if each cell that holds something is one, else of text; `MISSING` lists what holds nothing.
    `target` defaults to the last column. Raises InputError with the line, and the column where there is one.
    """
    try:
        header, lines, columns = _parsed(path, name)
    except UnicodeDecodeError:
        raise InputError(_not_utf8(path, name)) from None
    if target is not None and target not in header:
        near = nearest(target, header)
        hint = f" Nearest: {shown(near)}." if near else ""
        raise InputError(f"data.target: no column {shown(target)} in {name}.{hint} Columns: {listed(header)}.")
    return Table.of(name, columns, target if target is not None else header[-1], lines)


def _parsed(path: Path, name: str) -> tuple[list[str], NDArray[np.int64], dict[str, Column]]:
    """The header, the line of each row and the columns.

    A column that shows its first text late has lost the spelling of its earlier numbers: the file is then read again.
    """
    delimiter = _delimiter(path)
    text: set[int] = set()
    while True:
        records = _records(path, name, delimiter)
        header = _checked_header(next(records, (1, [])), name)
        draft = _Draft(header, name, text)
        lines: list[int] = []
        while chunk := list(islice(records, CHUNK_ROWS)):
            draft.add(chunk)
            lines += [line for line, _ in chunk]
        if not lines:
            raise InputError(f"{name}:1: expected rows below the column names, found none.")
        if not draft.late:
            return header, np.array(lines, dtype=np.int64), draft.columns()


@dataclass
class _Draft:
    """Columns under construction.

    text: the indices of the text columns known so far.
    late: whether one of them was taken for numbers in an earlier chunk.
    """

    header: Sequence[str]
    name: str
    text: set[int]
    late: bool = False
    pieces: list[list[Column]] = field(default_factory=list)

    def add(self, chunk: Sequence[tuple[int, list[str]]]) -> None:
        """Appends the rows of `chunk`. Raises InputError where one is not as wide as the header."""
        for line, row in chunk:
            if len(row) != len(self.header):
                raise InputError(_ragged(f"{self.name}:{line}", row, self.header))
        by_column = zip(*(row for _, row in chunk), strict=True)
        lines = [line for line, _ in chunk]
        self.pieces.append([self._piece(index, lines, cells) for index, cells in enumerate(by_column)])

    def _piece(self, index: int, lines: Sequence[int], cells: Sequence[str]) -> Column:
        numbers = None if index in self.text else _numbers(cells)
        if numbers is not None:
            return numbers
        self.late = self.late or (index not in self.text and bool(self.pieces))
        self.text.add(index)
        for line, cell in zip(lines, cells, strict=True):
            if "\0" in cell:
                raise InputError(f"{self.name}:{line}: column {shown(self.header[index])}: a NUL byte. Is this text?")
        return text_column(cells)

    def columns(self) -> dict[str, Column]:
        """The columns by name."""
        return {name: np.concatenate(parts) for name, parts in zip(self.header, zip(*self.pieces, strict=True), strict=True)}


def _numbers(cells: Sequence[str]) -> Column | None:
    """The cells as float64 with NaN for missing ones, or None where one of them is text."""
    if any("_" in cell for cell in cells):  # float() reads 1_000
        return None
    try:
        return np.array([float(cell) for cell in cells], dtype=np.float64)
    except ValueError:
        pass
    try:
        return np.array([math.nan if cell.strip() in MISSING else float(cell) for cell in cells], dtype=np.float64)
    except ValueError:
        return None


def _delimiter(path: Path) -> str:
    """The delimiter that cuts most of the first lines into as many cells as the header, and more than one."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        lines = list(islice(stream, SNIFFED_LINES))

    def fitness(delimiter: str) -> tuple[float, int]:
        try:
            rows = [row for row in csv.reader(lines, delimiter=delimiter, skipinitialspace=True) if row]
        except csv.Error:
            return (0.0, 0)
        width = len(rows[0]) if rows else 0
        return (sum(len(row) == width for row in rows) / len(rows) if width > 1 else 0.0, width)

    return max(DELIMITERS, key=fitness)


def _records(path: Path, name: str, delimiter: str) -> Iterator[tuple[int, list[str]]]:
    """Each record that is not blank, with the line on which it starts."""
    with path.open(encoding="utf-8-sig", newline="") as stream:
        reader = csv.reader(stream, delimiter=delimiter, skipinitialspace=True, strict=True)
        line = 1
        try:
            for cells in reader:
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield line, cells
                line = reader.line_num + 1
        except csv.Error as error:
            raise InputError(
                f"{name}:{line}: this record cannot be read ({error})."
                " A quoted cell must end in a quote; a quote in it is doubled."
            ) from None


def _checked_header(record: tuple[int, list[str]], name: str) -> list[str]:
    """The column names, stripped. Raises InputError with all that is wrong with them."""
    line, cells = record
    header = [cell.strip() for cell in cells]
    if not header:
        raise InputError(f"{name}:1: expected column names, found an empty file.")
    place = f"{name}:{line}"
    if _numbers(header) is not None:
        raise InputError(f"{place}: expected column names, found numbers only. Add a first line that names the columns.")
    complaints = []
    for index, column in enumerate(header):
        if not column:
            complaints.append(f"{place}: column {index + 1} has no name. Name it, or remove a surplus delimiter.")
        elif "\0" in column:
            complaints.append(f"{place}: column {index + 1}: a NUL byte in its name. Is this text?")
        elif (first := header.index(column)) < index:
            complaints.append(f"{place}: columns {first + 1} and {index + 1} are both called {shown(column)}. Rename one.")
    if complaints:
        raise InputError(complaints)
    return header


def _ragged(place: str, cells: Sequence[str], header: Sequence[str]) -> str:
    found = f"{place}: expected {len(header)} cells, found {len(cells)}:"
    if len(cells) < len(header):
        return f"{found} nothing for column {shown(header[len(cells)])}. Add the cell; it may be empty."
    surplus = shown(cells[len(header)])
    return f"{found} {surplus} belongs to no column. A cell that holds the delimiter must stand in quotes."


def _not_utf8(path: Path, name: str) -> str:
    raw = path.read_bytes()
    try:
        raw.decode("utf-8")
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        return f"{name}:{line}: byte 0x{raw[error.start]:02x} is not UTF-8. Save the file as UTF-8."
    return f"{name}: not UTF-8 when it was read. Did it change meanwhile?"
