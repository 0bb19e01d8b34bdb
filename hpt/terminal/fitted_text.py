"""Text cut, joined and filled to a width in cells of the terminal."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Sequence

from rich.cells import cell_len, set_cell_size
from rich.style import Style
from rich.text import Text

from hpt.view.text import plain

_INDENT = "  "
# A paragraph does not get narrower than this, whatever the width.
_LEAST_PARAGRAPH = 10


def clean(text: object, style: str | Style = "") -> Text:
    """`text` as a line of Rich text; inside a group it is cut with an ellipsis where it does not fit, never wrapped."""
    return Text(plain(text), style=style, no_wrap=True, overflow="ellipsis")


def cut(text: str, width: int) -> str:
    """`text` in at most `width` cells, an ellipsis at its end where something was left out."""
    if cell_len(text) <= width:
        return text
    return set_cell_size(text, width - 1).rstrip() + "…" if width > 0 else ""


def joined(parts: Sequence[str], width: int, separator: str = " · ") -> str:
    """As many leading `parts` as fit into `width` cells. The first is cut rather than left out."""
    line = ""
    for part in filter(None, parts):
        longer = f"{line}{separator}{part}" if line else cut(part, width)
        if cell_len(longer) > width:
            break
        line = longer
    return line


def packed(parts: Sequence[str], width: int, lines: int, separator: str = "  ") -> Iterator[str]:
    """`parts` filled into at most `lines` lines of `width` cells, none broken in two; the last is cut when full."""
    waiting = list(parts)
    for line in range(lines):
        if not waiting:
            return
        taken = 1
        while taken < len(waiting) and cell_len(separator.join(waiting[: taken + 1])) <= width:
            taken += 1
        if line == lines - 1:
            taken = len(waiting)
        yield cut(separator.join(waiting[:taken]), width)
        waiting = waiting[taken:]


def paragraph(text: str, width: int, *, depth: int, style: str = "") -> Iterator[Text]:
    """Lines of `text` broken between words, `depth` steps from the left."""
    indent = _INDENT * depth
    least = max(width, _LEAST_PARAGRAPH + len(indent))
    for line in textwrap.wrap(plain(text), least, initial_indent=indent, subsequent_indent=indent):
        yield clean(line, style)
