"""Reading delimited text: one pass, a chunk of rows at a time."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from hpt.foundation.errors import InputError
from hpt.tables.dialect import (
    SNIFFED_LINES,
    NotTextError,
    delimiter_of,
    encoding_of,
    said_delimiter,
    separator_line,
    spaced,
    text_lines,
    western,
)
from hpt.tables.header import Record, Start, begin, is_foot
from hpt.tables.raw import LeftOut, RawColumn, RawTable
from hpt.tables.wording import counted, listed, shown

CHUNK_ROWS = 10_000
LONGEST_LINE = 2**26
HEAD_RECORDS = 60
_FOOT_ROWS = 5


def read_csv(path: Path, name: str, options: Mapping[str, Any]) -> RawTable:
    """The cells of a delimited text file, plain or gzipped, by the keys of `DATA` from `delimiter` to `skip_rows`.

    What a key does not say is told from the file: encoding by its first bytes, and where it is no UTF-8 by its letters;
    delimiter by its first lines, the names by where the table begins. Quoted cells may hold delimiters and line breaks. Blank
    rows, empty columns, a trailing delimiter, an unnamed index and a total below are left out, and told of. Raises InputError
    with line and column.
    """
    encoding = encoding_of(path, options["encoding"])
    try:
        return _table(path, name, encoding, _Reading(name, options))
    except NotTextError:
        word = western(path) if options["encoding"] is None and encoding == "utf-8-sig" else None
        if word is None:
            raise
    said = (
        f"{name}: read as cp1252, in which it holds words such as {shown(word)}: it is no UTF-8. If another: data.encoding."
    )
    return _table(path, name, "cp1252", _Reading(name, options, [said]))


def _table(path: Path, name: str, encoding: str, reading: _Reading) -> RawTable:
    try:
        return reading.table(text_lines(path, name, encoding, LONGEST_LINE))
    except csv.Error as error:
        raise InputError(f"{name}: cannot be read ({error}).") from None


def table_of_records(name: str, records: Sequence[Record], options: Mapping[str, Any], notices: Sequence[str]) -> RawTable:
    """The table of records that are cut into cells already, with what was decided before."""
    settled = options["skip_rows"] is not None
    reading = _Reading(name, options, list(notices))
    return reading.table_of_records(iter(records[options["skip_rows"] or 0 :]), None, None, settled=settled)


@dataclass(slots=True)
class _Reading:
    """One pass over a file. rows_at: the lines of the rows so far; tail: the cells of the last of them."""

    name: str
    options: Mapping[str, Any]
    notices: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    rows_at: list[int] = field(default_factory=list)
    columns: list[RawColumn] = field(default_factory=list)
    tail: deque[list[str]] = field(default_factory=lambda: deque(maxlen=_FOOT_ROWS))
    empty_rows: int = 0
    comments: int = 0
    trimmed: int = 0
    narrow: list[Record] = field(default_factory=list)

    def table(self, lines: Iterator[str]) -> RawTable:
        """The table of the file with these lines."""
        said = said_delimiter(self.options["delimiter"])
        skipped, comment, first, top = self._top(lines)
        if top and said is None and (separator := separator_line(top[0])) is not None:
            said, top, skipped = separator, top[1:], skipped + 1
        delimiter = said or delimiter_of(top)
        records = self._records(chain(top, lines), delimiter or ",", skipped)
        written = next(csv.reader([comment], delimiter=delimiter or ",", skipinitialspace=True), []) if comment else []
        above = (first, [cell.strip() for cell in written]) if written else None
        settled = self.options["skip_rows"] is not None
        return self.table_of_records(records, delimiter, above, settled=settled)

    def table_of_records(
        self, records: Iterator[Record], delimiter: str | None, comment: Record | None, *, settled: bool
    ) -> RawTable:
        """The table of these records. comment: the last comment above them, cut into cells."""
        head = list(islice(self._kept(records), HEAD_RECORDS))
        if not head:
            raise InputError(f"{self.name}:1: expected column names, found an empty file.")
        start = begin(head, self.name, named=self.options["header"] != "none", settled=settled, comment=comment)
        if comment and not start.notices:
            self.notices.append(f"{self.name}: lines 1 to {comment[0]}: comments are left out.")
        self.notices += start.notices
        try:
            return self._filled(start, chain(head[start.first :], self._kept(records)), delimiter)
        except InputError as error:
            raise InputError([start.no_header, *error.complaints] if start.no_header else error.complaints) from None

    def _top(self, lines: Iterator[str]) -> tuple[int, str, int, list[str]]:
        """How many lines stand above, the last comment among them without its `#` and its line, and the next lines."""
        skip = self.options["skip_rows"]
        skipped = sum(1 for _ in islice(lines, skip or 0))
        comment, line = "", 0
        for text in lines:
            if skip is None and (text.startswith("#") or (comment and not text.strip())):
                skipped += 1
                comment, line = (text.lstrip("#").strip() or comment), skipped
                continue
            return skipped, comment, line, [text, *islice(lines, SNIFFED_LINES)]
        return (0, "", 0, [comment]) if comment else (skipped, "", 0, [])

    def _records(self, lines: Iterator[str], delimiter: str, skipped: int) -> Iterator[Record]:
        """Each record that is not blank, with the line on which it starts."""
        reader = csv.reader(spaced(lines, delimiter), delimiter=delimiter, skipinitialspace=True, strict=True)
        line = skipped + 1
        try:
            for cells in reader:
                if len(cells) > 1 or (cells and cells[0].strip()):
                    yield line, cells
                line = skipped + reader.line_num + 1
        except csv.Error as error:
            raise InputError(
                f"{self.name}:{line}: this record cannot be read ({error})."
                " A quoted cell must end in a quote; a quote in it is doubled."
            ) from None

    def _kept(self, records: Iterator[Record]) -> Iterator[Record]:
        """The records that hold anything, counting those that do not."""
        for line, cells in records:
            if (cells[0] and not cells[0].isspace()) or any(cell and not cell.isspace() for cell in cells):
                yield line, cells
            else:
                self.empty_rows += 1

    def _filled(self, start: Start, records: Iterator[Record], delimiter: str | None) -> RawTable:
        names = start.names
        self.columns = [RawColumn() for _ in names]
        rows = self._rows(names, records)
        while chunk := list(islice(rows, CHUNK_ROWS)):
            self._add(chunk, names)
        if not self.rows_at:
            raise InputError(f"{self.name}:{start.line or 1}: expected rows below the column names, found none.")
        self._cut_foot(names)
        for count, what in (
            (self.empty_rows, "empty row"),
            (self.comments, "comment"),
            (self.trimmed, "surplus empty cell"),
        ):
            if count:
                self.notices.append(f"{self.name}: {counted(count, what)} left out.")
        named, left_out = self._named(start)
        return RawTable(
            self.name,
            named,
            np.array(self.rows_at, dtype=np.int64),
            delimiter,
            tuple(left_out),
            start.no_header,
            tuple(self.notices),
            tuple(self.warnings),
        )

    def _rows(self, names: Sequence[str], records: Iterator[Record]) -> Iterator[Record]:
        """The records as wide as the names. Raises InputError where one is not, and is neither remark nor trailing delimiter."""
        width = len(names)
        for line, cells in records:
            if len(cells) != width:
                if cells[0].startswith("#"):
                    self.comments += 1
                    continue
                surplus = [cell for cell in cells[width:] if cell.strip()]
                if len(cells) > width and not surplus:
                    self.trimmed += 1
                    yield line, cells[:width]
                    continue
                if len(cells) == 1 and width > 2:
                    self.narrow.append((line, cells))
                    continue
                raise InputError(_ragged(f"{self.name}:{line}", cells, names))
            if self.narrow:
                raise InputError(_ragged(f"{self.name}:{self.narrow[0][0]}", self.narrow[0][1], names))
            yield line, cells
        if self.narrow and not all(is_foot(cells, width) for _, cells in self.narrow):
            raise InputError(_ragged(f"{self.name}:{self.narrow[0][0]}", self.narrow[0][1], names))

    def _add(self, chunk: Sequence[Record], names: Sequence[str]) -> None:
        self.rows_at += [line for line, _ in chunk]
        self.tail.extend(cells for _, cells in chunk[-_FOOT_ROWS:])
        for column, name, cells in zip(self.columns, names, zip(*(row for _, row in chunk), strict=True), strict=True):
            try:
                column.add(cells)
            except ValueError:
                line = next(line for (line, _), cell in zip(chunk, cells, strict=True) if "\0" in cell)
                raise InputError(f"{self.name}:{line}: column {shown(name)}: a NUL byte. Is this text?") from None

    def _cut_foot(self, names: Sequence[str]) -> None:
        """Leaves out the last rows that are a total or a remark, and says so."""
        feet = 0
        while feet < min(len(self.tail), len(self.rows_at) - 1) and is_foot(self.tail[-1 - feet], len(names)):
            cells = self.tail[-1 - feet]
            index = next(index for index, cell in enumerate(cells) if cell.strip())
            if sum(cell.strip() == cells[index].strip() for cell in self.columns[index].cells()) > 1:
                break
            feet += 1
        told = [(line, cells[0]) for line, cells in self.narrow]
        if feet:
            cut = list(self.tail)[-feet:]
            told = [(line, next(filter(None, cells))) for line, cells in zip(self.rows_at[-feet:], cut, strict=True)] + told
            self.columns = [column.without_last(feet) for column in self.columns]
            del self.rows_at[-feet:]
        if told:
            texts = ", ".join(f"{shown(text.strip(), 40)} ({self.name}:{line})" for line, text in told[:3])
            self.warnings.append(f"{self.name}: {counted(len(told), 'last row')}, a total or a remark, left out: {texts}.")

    def _named(self, start: Start) -> tuple[dict[str, RawColumn], list[LeftOut]]:
        """The columns by name without the empty ones and the index. Raises InputError where one that holds cells has no name."""
        named: dict[str, RawColumn] = {}
        left_out: list[LeftOut] = []
        nameless: list[int] = []
        for index, (name, column) in enumerate(zip(start.names, self.columns, strict=True)):
            if column.blank():
                left_out.append(LeftOut(name or f"column {index + 1}", "constant", "empty"))
            elif index == 0 and len(start.names) > 2 and _is_index(name, column):
                left_out.append(LeftOut(name or "column 1", "index", "a name or number of each row"))
            elif not name:
                nameless.append(index + 1)
            else:
                named[name] = column
        if nameless:
            found = f"column {nameless[0]} has no name" + (
                f", nor have {len(nameless) - 1} more" if len(nameless) > 1 else ""
            )
            raise InputError(f"{self.name}:{start.line}: {found}. Name it, or remove a surplus delimiter.")
        if not named:
            raise InputError(f"{self.name}: expected columns that hold something, found none.")
        for what, kind in (("empty", "constant"), ("index", "index")):
            if names := [out.name for out in left_out if out.kind == kind]:
                self.notices.append(f"{self.name}: {what} columns left out: {listed(names, 5)}.")
        return named, left_out


def _is_index(name: str, column: RawColumn) -> bool:
    """Whether the first column names or numbers the rows: it has no name of its own and no cell stands twice."""
    if name and not name.startswith("Unnamed: 0"):
        return False
    cells = column.cells()
    return len(set(cells)) == len(cells)


def _ragged(place: str, cells: Sequence[str], names: Sequence[str]) -> str:
    found = f"{place}: expected {len(names)} cells, found {len(cells)}:"
    if len(cells) < len(names):
        return f"{found} nothing for column {shown(names[len(cells)])}. Add the cell; it may be empty."
    surplus = shown(next(cell for cell in cells[len(names) :] if cell.strip()))
    return f"{found} {surplus} belongs to no column. A cell that holds the delimiter must stand in quotes."
