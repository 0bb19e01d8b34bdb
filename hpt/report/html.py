"""A report as one HTML file that needs nothing else: no network, no font, no library.

Figures are drawn here as SVG. Plotly's JavaScript alone is more than four megabytes of each page, pictures of matplotlib know no dark
mode and no width but their own, Vega needs its runtime beside the data; an SVG of a few kilobytes takes its colours from the page's
style, prints as it is, and every name in it goes through one escape.
"""

from __future__ import annotations

import base64
import hashlib
import math
from collections.abc import Sequence
from itertools import groupby
from typing import Any

from hpt.figures.figure import Captioned, Plot, Report
from hpt.report import svg
from hpt.report.drawings import drawn
from hpt.report.source import source
from hpt.report.svg import WIDE, WIDTH, text_of
from hpt.view.curves import Series
from hpt.view.page import BLANK, Block, Chart, Column, Command, Facts, Line, Page, Sentence, Sparklines, Table

_TALL = 15
"""A table of more rows has a scroll bar of its own on a screen."""


def html(report: Report) -> str:
    """The whole page."""
    style, script = source("figures.css") + source("style.css"), source("sort.js")
    # Whatever a name might smuggle in, only this style and this script run.
    policy = f"default-src 'none'; img-src data:; style-src {_hash(style)}; script-src {_hash(script)}"
    chapters = "".join(
        f"<section><h2>{text_of(chapter.title)}</h2>{_parts(chapter.parts)}</section>" for chapter in report.chapters
    )
    title = text_of(report.title)
    return (
        '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{title}</title>\n<style>{style}</style>\n</head>\n<body>\n<main>\n"
        f"<h1>{title}</h1>\n{_parts(report.findings)}\n{chapters}\n</main>\n<script>{script}</script>\n</body>\n</html>\n"
    )


def piece(page: Page, figures: Sequence[Captioned] = ()) -> str:
    """The sections of a page, then figures, as a piece of HTML for a notebook: with a style that reaches no further, without a script."""
    style = source("figures.css").replace(":root", "&") + source("piece.css")
    body = "".join(_parts(section) for section in page.sections) + _parts(figures)
    # Nothing sorts there, so that there is nothing to press.
    body = body.replace('<button type="button">', "").replace("</button>", "").replace(' class="sortable"', "")
    return f'<div class="hpt"><style>.hpt {{ {style} }}</style>{body}</div>'


def _hash(content: str) -> str:
    digest = base64.b64encode(hashlib.sha256(content.encode()).digest()).decode()
    return f"'sha256-{digest}'"


def _parts(parts: Sequence[Block | Captioned]) -> str:
    """Blocks one below the other; neighbouring figures share a grid."""
    found = []
    for figures, group in groupby(parts, key=lambda part: isinstance(part, Captioned)):
        if figures:
            found.append(
                f'<div class="figures">{"".join(_figure(part) for part in group if isinstance(part, Captioned))}</div>'
            )
        else:
            found += [_block(part) for part in group if not isinstance(part, Captioned)]
    return "\n".join(found)


def _figure(part: Captioned) -> str:
    caption = f"<p>{text_of(part.caption)}</p>" if part.caption else ""
    wide = ' class="wide"' if part.wide else ""
    picture = f'<div class="picture">{drawn(part.figure, part.title, WIDE if part.wide else WIDTH)}</div>'
    return f"<figure{wide}><figcaption><h3>{text_of(part.title)}</h3>{caption}</figcaption>{picture}</figure>"


def _block(block: Block) -> str:
    match block:
        case Line(text, emphasis) | Sentence(text, emphasis):
            return f'<p class="{emphasis}">{text_of(text)}</p>'
        case Facts(parts, emphasis):
            return f'<p class="{emphasis}">{" · ".join(map(text_of, parts))}</p>'
        case Command(text):
            return f"<pre>{_lines(text)}</pre>"
        case Table():
            return _table(block)
        case Chart():
            return _figure(Captioned("", Plot(block.series, block.x_name, "", block.log_x, block.log_y)))
        case Sparklines():
            return "".join(_figure(Captioned(s.label, Plot([Series(s.label, s.xs, s.ys)], "", ""))) for s in block.series)


def _lines(text: str) -> str:
    """A text that keeps its lines."""
    return "\n".join(text_of(line) for line in text.split("\n"))


def _table(table: Table) -> str:
    """A table that can be sorted by each column, by the values behind what its cells say."""
    if not table.rows:
        return f"<p>{text_of(table.empty)}</p>" if table.empty else ""
    numeric = [column.align in ("right", "point", "bar") for column in table.columns]
    head = "".join(
        f'<th{_kind(number)} scope="col"><button type="button">{text_of(column.title) or "&nbsp;"}</button></th>'
        for column, number in zip(table.columns, numeric, strict=True)
    )
    spelled = [column.spelled() for column in table.columns]
    rows = []
    for index in range(table.rows):
        cells = "".join(
            f"<td{_kind(number)}{_value(column.cells[index], text[index])}{svg.whole(text[index])}>{_cell(column, index, text[index])}</td>"
            for column, text, number in zip(table.columns, spelled, numeric, strict=True)
        )
        emphasis = table.emphasis[index] if table.emphasis else ""
        rows.append(f'<tr class="{emphasis}">{cells}</tr>' if emphasis else f"<tr>{cells}</tr>")
    said = " ".join(filter(None, (*(column.legend for column in table.columns), table.note)))
    # Not a caption, which is as wide as its table and would have to be scrolled to.
    note = f'<p class="note">{text_of(said)}</p>' if said else ""
    body = "".join(rows)
    tall = " tall" if table.rows > _TALL else ""
    return f'<div class="scroll{tall}"><table class="sortable"><thead><tr>{head}</tr></thead><tbody>{body}</tbody></table></div>{note}'


def _cell(column: Column, index: int, spelled: str) -> str:
    """What a cell shows: its text, or a bar in proportion to the longest of its column."""
    value = column.cells[index]
    if column.align != "bar" or value is BLANK or value is None:
        return text_of(spelled)
    longest = max((cell for cell in column.cells if cell is not BLANK and cell is not None), default=0)
    return f'<progress max="1" value="{value / longest if longest else 0:.3f}">{text_of(spelled)}</progress>'


def _kind(number: bool) -> str:
    return ' class="number"' if number else ""


def _value(cell: Any, spelled: str) -> str:
    """The number behind a cell, where it says something else; nothing stands for no value."""
    if cell is None or cell is BLANK or (isinstance(cell, float) and not math.isfinite(cell)):
        return ' data-v=""'
    plain = isinstance(cell, (int, float)) and not isinstance(cell, bool)
    return f' data-v="{cell!r}"' if plain and repr(cell) != spelled else ""
