"""Tables that choose their columns by the width at hand. No row ever wraps."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from rich.cells import cell_len
from rich.console import Console, ConsoleOptions, RenderableType, RenderResult
from rich.text import Text

from hpt.terminal.text import cut

# Columns stand two cells apart, one where the width is below this.
_NARROW = 60
# A title longer than this is cut before its column is left out.
_SHORT_TITLE = 10
# Columns that found no place are written out from this width on, and only counted below it.
_LEAST_REST = 20
# Columns of their own leave this share of the width to those that can be spilled.
_SPILLED_SHARE = 0.5


@dataclass(frozen=True, slots=True)
class Column:
    """A titled column of cells, one a row; an empty cell is blank.

    importance: the column with the smallest is kept longest when the width runs out.
    spills: instead of being left out, it joins the others of its kind in a last column, as `title=cell`.
    shrinks_to: its cells may be cut with an ellipsis down to this width; None is never.
    """

    title: str
    cells: Sequence[str]
    justify: Literal["left", "right"] = "left"
    importance: int = 0
    spills: bool = False
    shrinks_to: int | None = None

    @property
    def full(self) -> int:
        """The width at which nothing is cut."""
        return max(map(cell_len, (self.title, *self.cells)))

    @property
    def least(self) -> int:
        """The width below which the column is left out."""
        uncut = max(map(cell_len, self.cells), default=0) if self.shrinks_to is None else self.shrinks_to
        return min(self.full, max(uncut, _SHORT_TITLE))


@dataclass(frozen=True, slots=True)
class Fitted:
    """A renderable built for the width it is given."""

    build: Callable[[int], RenderableType]

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        yield self.build(options.max_width)


def grid(columns: Sequence[Column], width: int, row_styles: Sequence[str] = ()) -> list[Text]:
    """A line of titles and a line a row, none wider than `width` cells. All columns have the same number of cells."""
    gap = 2 if width >= _NARROW else 1
    chosen, widths = _fit(columns, width, gap)
    rows = zip(*(column.cells for column in chosen), strict=True)
    styles = ["dim", *row_styles]
    lines = []
    for index, cells in enumerate([[column.title for column in chosen], *rows]):
        line = (" " * gap).join(map(_cell, chosen, cells, widths)).rstrip()
        style = styles[index] if index < len(styles) else ""
        lines.append(Text(cut(line, width), style=style, no_wrap=True, overflow="ellipsis"))
    return lines


def _cell(column: Column, text: str, width: int) -> str:
    text = cut(text, width)
    padding = " " * (width - cell_len(text))
    return padding + text if column.justify == "right" else text + padding


def _fit(columns: Sequence[Column], width: int, gap: int) -> tuple[list[Column], list[int]]:
    """The columns shown, in their order, and the width of each."""
    spilling = [column for column in columns if column.spills]
    fixed = _kept([column for column in columns if not column.spills], width * (1 - _SPILLED_SHARE * bool(spilling)), gap)
    placed = spilling
    rest: list[Column] = []
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


def _taken(columns: Sequence[Column], gap: int) -> int:
    return sum(column.least for column in columns) + gap * (len(columns) - 1)


def _kept(columns: Sequence[Column], room: float, gap: int) -> list[Column]:
    """The most important columns that fit; the most important of all whatever its width."""
    kept: list[Column] = []
    for column in sorted(columns, key=lambda column: column.importance):
        if kept and _taken([*kept, column], gap) > room:
            break
        kept.append(column)
    return [column for column in columns if column in kept]


def _rest(columns: Sequence[Column], *, named: bool) -> Column:
    rows = zip(*(column.cells for column in columns), strict=True)
    titles = [column.title for column in columns]
    cells = [_named(titles, row) if named else "" for row in rows]
    return Column(f"+{len(columns)}", cells, shrinks_to=_LEAST_REST if named else 0)


def _named(titles: Sequence[str], cells: Sequence[str]) -> str:
    return "  ".join(f"{title}={cell.strip()}" for title, cell in zip(titles, cells, strict=True) if cell.strip())
