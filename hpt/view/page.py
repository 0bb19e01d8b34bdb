"""A page: what one command has to show, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal

from hpt.view.curves import Mark, Series
from hpt.view.text import plain

Emphasis = Literal["", "strong", "muted", "warning", "error", "formula"]
"""What a text is to the reader. Whatever shows the page chooses how that looks."""

Alignment = Literal["left", "right", "point", "bar"]
"""point: numbers with their decimal points below each other. bar: numbers shown as bars in proportion to the longest."""


BLANK: Any = object()
"""A cell with nothing in it. None is a value that is missing."""


@dataclass(frozen=True, slots=True)
class Column:
    """A titled column of cells, one a row, each a value or BLANK, and how a value is spelled.

    importance: the column with the smallest is kept longest where there is no room for all.
    spills: instead of being left out, it joins the others of its kind in a last column, as `title=cell`.
    shrinks_to: its cells may be cut with an ellipsis down to so many characters; None is never.
    legend: what its title does not say; stands below the table where the column does.
    """

    title: str
    cells: Sequence[Any]
    align: Alignment = "left"
    spell: Callable[[Any], str] = plain
    importance: int = 0
    spills: bool = False
    shrinks_to: int | None = None
    legend: str = ""

    def spelled(self) -> list[str]:
        """The cells as text; BLANK is empty."""
        return ["" if cell is BLANK else self.spell(cell) for cell in self.cells]


@dataclass(frozen=True, slots=True)
class Table:
    """Columns of the same number of cells.

    emphasis: one a row; all plain where there is none. details: a text below each row, where it is not empty.
    note: a last line. empty: what stands instead of a table without rows; where it is empty, the titles do.
    """

    columns: Sequence[Column]
    emphasis: Sequence[Emphasis] = ()
    details: Sequence[str] = ()
    note: str = ""
    empty: str = ""

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return len(self.columns[0].cells) if self.columns else 0


@dataclass(frozen=True, slots=True)
class Line:
    """One line; where there is no room its end is cut."""

    text: str
    emphasis: Emphasis = ""


@dataclass(frozen=True, slots=True)
class Facts:
    """Short facts in one line, as many as there is room for. The first is cut rather than left out."""

    parts: Sequence[str]
    emphasis: Emphasis = ""


@dataclass(frozen=True, slots=True)
class Sentence:
    """A text that is broken between words rather than lose its end; an `indented` one belongs to the line above it."""

    text: str
    emphasis: Emphasis = ""
    indented: bool = False


@dataclass(frozen=True, slots=True)
class Command:
    """A line to be copied: neither cut nor broken."""

    text: str
    emphasis: Emphasis = ""


@dataclass(frozen=True, slots=True)
class Chart:
    """Curves over one x axis. size: columns and lines it takes at most where it is drawn in text.

    log_x, log_y: whether an axis is logarithmic; None where its positive values span more than two decades.
    """

    series: Sequence[Series]
    x_name: str
    marks: Sequence[Mark] = ()
    log_x: bool | None = False
    log_y: bool | None = None
    size: tuple[int, int] = (100, 12)


@dataclass(frozen=True, slots=True)
class Sparklines:
    """A small curve for each series, with its label, its first and its last value."""

    series: Sequence[Series]


Block = Line | Facts | Sentence | Command | Table | Chart | Sparklines
Section = Sequence[Block]
"""Blocks that belong together."""


@dataclass(frozen=True, slots=True)
class Page:
    """Sections in the order in which they are read; empty ones are not shown."""

    sections: Sequence[Section] = field(default_factory=tuple)
