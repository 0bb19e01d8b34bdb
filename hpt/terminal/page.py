"""Pages as Rich renderables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from rich.console import Console, ConsoleOptions, RenderResult
from rich.text import Text

from hpt.terminal.charts import chart_text, sparkline_lines
from hpt.terminal.fitted_text import clean, joined, paragraph
from hpt.terminal.styles import STYLES
from hpt.terminal.table_layout import table_lines
from hpt.view.page import Block, Chart, Command, Facts, Line, Page, Sentence, Sparklines, Table
from hpt.view.text import plain


@dataclass(frozen=True, slots=True)
class RichPage:
    """A page as Rich prints it: made for the width it is given, a blank line between sections."""

    page: Page

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        for index, section in enumerate(filter(None, self.page.sections)):
            if index:
                yield clean("")
            for block in section:
                yield from _lines(block, options.max_width)


def _lines(block: Block, width: int) -> Iterator[Text]:
    match block:
        case Line(text, emphasis):
            yield clean(text, STYLES[emphasis])
        case Facts(parts, emphasis):
            yield clean(joined(parts, width), STYLES[emphasis])
        case Sentence(text, emphasis, indented=True):
            yield from paragraph(text, width, depth=1, style=STYLES[emphasis])
        case Sentence(text, emphasis):
            yield Text(plain(text), STYLES[emphasis], overflow="fold")
        case Command(text, emphasis):
            yield Text(plain(text), STYLES[emphasis], no_wrap=True, overflow="ignore")
        case Table():
            yield from table_lines(block, width)
        case Chart():
            columns, lines = block.size
            yield chart_text(block, min(width, columns), lines)
        case Sparklines():
            yield from sparkline_lines(block, width)
