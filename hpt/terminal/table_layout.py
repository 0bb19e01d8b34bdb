"""Tables that choose their columns by the width at hand. No row ever wraps."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from rich.cells import cell_len
from rich.text import Text

from hpt.terminal.fitted_text import clean, cut, paragraph
from hpt.terminal.footprint import Footprint
from hpt.terminal.styles import STYLES
from hpt.view.page import BLANK, Column, Table
from hpt.view.text import plain

# Columns stand two cells apart, one where the width is below this.
_NARROW = 60
# A title longer than this is cut before its column is left out.
_SHORT_TITLE = 10
# Columns that found no place are written out from this width on, and only counted below it.
_LEAST_REST = 20
# Columns of their own leave this share of the width to those that can be spilled.
_SPILLED_SHARE = 0.5
# A bar takes a fifth of the width, within these bounds.
_LEAST_BAR, _WIDEST_BAR = 6, 24


def table_lines(table: Table, width: int, footprint: Footprint | None = None) -> list[Text]:
    """The lines of `table`, none wider than `width` cells: the titles, a line a row and what stands below it, the note.

    footprint: the widths of former frames, by title.
    """
    if table.rows == 0 and table.empty:
        return [clean(table.empty, "dim")]
    styles = ["dim", *(STYLES[emphasis] for emphasis in table.emphasis)]
    details = ["", *table.details]
    lines: list[Text] = []
    shown, rows = _rows(table.columns, width, footprint or Footprint())
    for index, row in enumerate(rows):
        style = styles[index] if index < len(styles) else ""
        lines.append(Text(cut(row, width), style=style, no_wrap=True, overflow="ellipsis"))
        if index < len(details) and details[index]:
            lines += paragraph(details[index], width, depth=2, style="dim")
    for column in shown:
        if column.legend:
            lines += paragraph(column.legend, width, depth=0, style="dim")
    return [*lines, *([clean(table.note, "dim")] if table.note else [])]


def point_aligned(numbers: Sequence[str], decimals: int = 0) -> list[str]:
    """Spelled numbers padded on the right, so that in a right-justified column their points stand below each other.

    decimals: the cells from the point on that are kept at least.
    """
    tails = [_tail(spelled) for spelled in numbers]
    most = max([decimals, *tails])
    return [spelled + " " * (most - tail) for spelled, tail in zip(numbers, tails, strict=True)]


def _tail(spelled: str) -> int:
    """The cells of a number from its point on."""
    return len(spelled) - len(spelled.partition(".")[0])


@dataclass(frozen=True, slots=True)
class _Column:
    """A column whose cells are text.

    full: the width at which nothing is cut. least: the width below which the column is left out.
    """

    title: str
    cells: Sequence[str]
    right: bool
    importance: int
    spills: bool
    full: int
    least: int
    legend: str


def _column(column: Column, width: int, footprint: Footprint) -> _Column:
    cells = _cells(column, width, footprint)
    longest = footprint.least(column.title, max(map(cell_len, cells), default=0))
    full = max(cell_len(column.title), longest)
    least = min(full, max(longest if column.shrinks_to is None else column.shrinks_to, _SHORT_TITLE))
    right = column.align in ("right", "point")
    return _Column(plain(column.title), cells, right, column.importance, column.spills, full, least, column.legend)


def keep_numbers(footprint: Footprint, table: Table, cells: int, decimals: int) -> None:
    """Keeps room for numbers of so many cells, `decimals` of them from the point on, in every column of numbers."""
    for column in table.columns:
        if column.align == "point":
            footprint.least(column.title, cells)
            footprint.least(_decimals_of(column), decimals)


def _decimals_of(column: Column) -> str:
    return f"decimals of {column.title}"


def _cells(column: Column, width: int, footprint: Footprint) -> list[str]:
    if column.align == "bar":
        return _bars(column.cells, min(_WIDEST_BAR, max(_LEAST_BAR, width // 5)))
    spelled = column.spelled()
    if column.align != "point":
        return spelled
    return point_aligned(spelled, footprint.least(_decimals_of(column), max(map(_tail, spelled), default=0)))


def _bars(lengths: Sequence[float], width: int) -> list[str]:
    """Bars as long as `lengths`, the longest `width` cells."""
    longest = max((length for length in lengths if length is not BLANK), default=0.0)
    return ["█" * math.ceil(width * length / longest) if length is not BLANK and longest else "" for length in lengths]


def _rows(columns: Sequence[Column], width: int, footprint: Footprint) -> tuple[list[_Column], list[str]]:
    """The columns that are shown; the titles and the rows, each a line."""
    gap = 2 if width >= _NARROW else 1
    chosen, widths = _fit([_column(column, width, footprint) for column in columns], width, gap)
    rows = zip(*(column.cells for column in chosen), strict=True)
    titles = [column.title for column in chosen]
    return chosen, [(" " * gap).join(map(_cell, chosen, cells, widths)).rstrip() for cells in (titles, *rows)]


def _cell(column: _Column, text: str, width: int) -> str:
    text = cut(text, width)
    padding = " " * (width - cell_len(text))
    return padding + text if column.right else text + padding


def _fit(columns: Sequence[_Column], width: int, gap: int) -> tuple[list[_Column], list[int]]:
    """The columns shown, in their order, and the width of each."""
    spilling = [column for column in columns if column.spills]
    fixed = _kept([column for column in columns if not column.spills], width * (1 - _SPILLED_SHARE * bool(spilling)), gap)
    placed = spilling
    rest: list[_Column] = []
    while placed and _taken([*fixed, *placed, *rest], gap) > width:
        placed = placed[:-1]
        rest = [_rest(spilling[len(placed) :], named=False)]
    if rest and width - _taken([*fixed, *placed], gap) - gap >= _LEAST_REST:
        rest = [_rest(spilling[len(placed) :], named=True)]
    if _taken([*fixed, *rest], gap) > width:
        rest = []
    chosen = [*(column for column in columns if column in fixed or column in placed), *rest] or list(columns[:1])
    widths = [column.least for column in chosen]
    spare = width - _taken(chosen, gap)
    for index, column in enumerate(chosen):
        more = max(0, min(spare, column.full - column.least))
        widths[index] += more
        spare -= more
    return chosen, widths


def _taken(columns: Sequence[_Column], gap: int) -> int:
    return sum(column.least for column in columns) + gap * (len(columns) - 1)


def _kept(columns: Sequence[_Column], room: float, gap: int) -> list[_Column]:
    """The most important columns that fit; the most important of all whatever its width."""
    kept: list[_Column] = []
    for column in sorted(columns, key=lambda column: column.importance):
        if kept and _taken([*kept, column], gap) > room:
            break
        kept.append(column)
    return [column for column in columns if column in kept]


def _rest(columns: Sequence[_Column], *, named: bool) -> _Column:
    rows = zip(*(column.cells for column in columns), strict=True)
    titles = [column.title for column in columns]
    cells = [_named(titles, row) if named else "" for row in rows]
    spilled = Column(f"+{len(columns)}", cells, spell=str, shrinks_to=_LEAST_REST if named else 0)
    return _column(spilled, 0, Footprint())


def _named(titles: Sequence[str], cells: Sequence[str]) -> str:
    return "  ".join(f"{title}={cell.strip()}" for title, cell in zip(titles, cells, strict=True) if cell.strip())
