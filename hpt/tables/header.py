"""Where a table begins in a delimited file: comments, lines above it, names or none, a row of units, a row of totals."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from hpt.foundation.errors import InputError
from hpt.tables import dates, numbers
from hpt.tables.wording import first_few, listed, shown

Record = tuple[int, list[str]]
"""The line on which a record starts (from 1), and its cells."""

_TOTAL = re.compile(
    r"(?:(?:grand|sub)[ -]?)?(?:totals?|sums?|summe|gesamt|average|mean|insgesamt|total général)\s*:?", re.IGNORECASE
)
_REMARK = re.compile(r"(?:sources?|notes?|quelle|footnote|remarks?)\s*:|\(c\)|©|\*+\s?\w", re.IGNORECASE)
_MOSTLY = 0.8
_LEAST_ROWS = 3


@dataclass(slots=True)
class Start:
    """Where the table begins.

    names: of the columns, stripped, an unnamed one "". first: the record of the first row, in the list it was told from.
    line: of the names, 0 where there are none. notices, no_header: as in RawTable.
    """

    names: list[str]
    first: int
    line: int
    notices: list[str] = field(default_factory=list)
    no_header: str = ""


def begin(head: Sequence[Record], name: str, *, named: bool, settled: bool, comment: Record | None) -> Start:
    """Where the table begins in the first records of a file.

    named: whether a record holds the names. settled: whether the user said how many lines stand above them.
    comment: the last comment above, as cells, which may hold the names. Raises InputError where no names can be found.
    """
    width = _width(head)
    if not named:
        return Start([f"column_{index + 1}" for index in range(width)], 0, 0)
    if comment is not None and len(comment[1]) == width and not _names(head[0][1]) and _names(comment[1]):
        return Start(comment[1], 0, comment[0], [f"{name}:{comment[0]}: the column names stand in a comment."])
    at = 0 if settled else _header_at(head, width)
    line, cells = head[at]
    start = Start([cell.strip() for cell in cells], at + 1, line)
    if at:
        start.notices.append(
            f"{name}: lines {head[0][0]} to {line - 1}, above the column names, are left out (data.skip_rows: {line - 1})."
        )
    rows = [cells for _, cells in head[at + 1 :]]
    more = len(rows) > 1 and all(len(row) > len(cells) and any(map(str.strip, row[len(cells) :])) for row in rows)
    if more and all(len(row) == len(cells) + 1 for row in rows):
        start.names.insert(0, "")
    elif more:
        raise InputError(
            f"{name}:{line}: {len(cells)} cells stand above rows of {width}. If this line is no part of the table, say"
            f" data.skip_rows: {line}, and where no names follow it, data.header: none."
        )
    start.no_header = _no_header(start, rows, name)
    _check_names(start, name)
    if not start.no_header and (units := _units(start.names, rows)):
        start.first += 1
        start.notices.append(f"{name}:{head[at + 1][0]}: a row of units is left out: {listed(units, 6)}.")
    return start


def _width(head: Sequence[Record]) -> int:
    return Counter(len(cells) for _, cells in head).most_common(1)[0][0]


def _header_at(head: Sequence[Record], width: int) -> int:
    """The record with the names: the first, unless it is narrower than the rows and a later one can hold the names."""

    def held(cells: Sequence[str]) -> int:
        return sum(bool(cell.strip()) for cell in cells)

    first = head[0][1]
    if len(first) >= width and held(first) > max(1, width // 2):
        return 0
    for at, (_, cells) in enumerate(head[: len(head) - 1]):
        wide = len(cells) == width and held(cells) >= max(2, width - 1)
        if wide and _names(cells) and not _names(head[at + 1][1]):
            return at
    return 0


def _names(cells: Sequence[str]) -> bool:
    """Whether cells can be names of columns: none reads as a number or a date, none stands twice."""
    held = [cell.strip() for cell in cells if cell.strip()]
    return bool(held) and len(set(held)) == len(held) and not any(_is_value(cell) for cell in held)


def _is_value(cell: str) -> bool:
    found = numbers.read(cell, ".") or numbers.read(cell, ",")
    # A unit beside a number may be a name: "3 months".
    return bool(found is not None and (not found.unit or found.unit in "$€£%")) or bool(dates.formats_of(cell))


def _check_names(start: Start, name: str) -> None:
    """Raises InputError with all that is wrong with the names of the columns, but for missing ones."""
    place = f"{name}:{start.line}"
    if all(numbers.is_plain(cell) or cell.lower() == "nan" for cell in start.names):
        raise InputError(
            f"{place}: expected column names, found numbers only. If there are none, say data.header: none;"
            " else add a first line that names the columns."
        )
    complaints = []
    first: dict[str, int] = {}
    for index, column in enumerate(start.names):
        if "\0" in column:
            complaints.append(f"{place}: column {index + 1}: a NUL byte in its name. Is this text?")
        elif column and first.setdefault(column, index) < index:
            complaints.append(
                f"{place}: columns {first[column] + 1} and {index + 1} are both called {shown(column)}. Rename one."
            )
    if complaints:
        raise InputError(first_few([start.no_header, *complaints] if start.no_header else complaints, name))


def _no_header(start: Start, rows: Sequence[Sequence[str]], name: str) -> str:
    """What to say where the first record may hold values. Columns may be called 1, 2, 3 or by years, none is called 0.25."""
    values = [cell for cell in start.names if cell and _is_value(cell)]
    odd = [cell for cell in values if not cell.isdecimal()]
    whole = [int(cell) for cell in values if cell.isdecimal()]
    if not odd and whole and (whole != sorted(set(whole)) or any(numbers.is_code(cell) for cell in values)):
        odd = values
    if not odd and rows:
        held = [(cell, [row[index].strip() for row in rows if index < len(row)]) for index, cell in enumerate(start.names)]
        again = [cell for cell, below in held if cell and cell in below]
        if again and len(again) >= (len([cell for cell in start.names if cell]) + 1) // 2 and len(start.names) > 1:
            odd = again
    if not odd:
        return ""
    return (
        f"{name}:{start.line}: the first row was taken for the names of the columns, {shown(odd[0])} among them."
        " If it holds values, say data.header: none."
    )


def _units(names: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    """The cells of the first row where they are no values but the units of columns of numbers; none where they are."""
    if len(rows) <= _LEAST_ROWS or len(rows[0]) != len(names):
        return []
    below = [[row[index].strip() for row in rows[1:] if index < len(row)] for index in range(len(names))]
    numeric = [index for index, cells in enumerate(below) if _mostly_numbers(cells)]
    cells = [cell.strip() for cell in rows[0]]
    strays = [cells[i] for i in numeric if not numbers.is_nothing(cells[i]) and not _is_number(cells[i])]
    bracketed = all(re.fullmatch(r"\(.*\)|\[.*\]|", cell) for cell in cells)
    readable = any(_is_number(cells[i]) for i in numeric)
    if readable or not strays or (len(strays) < 2 and not bracketed):
        return []
    return cells


def _mostly_numbers(cells: Sequence[str]) -> bool:
    held = [cell for cell in cells if not numbers.is_nothing(cell)]
    return bool(held) and sum(map(_is_number, held)) >= _MOSTLY * len(held)


def _is_number(cell: str) -> bool:
    return numbers.read(cell, ".") is not None or numbers.read(cell, ",") is not None


def is_foot(cells: Sequence[str], width: int) -> bool:
    """Whether a last row is no row: a total, or a remark in its first cell alone."""
    held = [cell.strip() for cell in cells if cell.strip()]
    if not held or width < 2:
        return False
    first = bool(cells[0].strip()) and not _is_value(held[0]) and width > 2
    remark = first and ((len(held) == 1 and " " in held[0]) or bool(_REMARK.match(held[0])))
    return bool(_TOTAL.fullmatch(held[0])) or remark
