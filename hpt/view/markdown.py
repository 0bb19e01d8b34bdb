"""A page as Markdown, for a summary on a web page or a file in a repository. Charts are left out: they are pictures."""

from __future__ import annotations

import re

from hpt.view.page import Block, Chart, Command, Facts, Page, Sparklines, Table
from hpt.view.text import plain

# What Markdown or the HTML inside it would take for its own.
_SPECIAL = re.compile(r"([\\`*{}\[\]<>#|!~&]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9]))")


def markdown(page: Page, title: str = "") -> str:
    """`page` as Markdown with pipe tables; names and values are shown literally."""
    parts = [f"## {_literal(title)}"] if title else []
    for section in page.sections:
        parts += [text for block in section if (text := _block(block))]
    return "\n\n".join(parts) + "\n"


def _block(block: Block) -> str:
    if isinstance(block, Table):
        return _table(block)
    if isinstance(block, Facts):
        return " · ".join(map(_literal, block.parts))
    if isinstance(block, Command):
        text = plain(block.text)
        fence = "`" * (1 + max((len(run) for run in re.findall("`+", text)), default=0))
        return f"{fence}{text}{fence}" if "`" not in text else f"{fence} {text} {fence}"
    if isinstance(block, (Chart, Sparklines)):
        return ""
    return _literal(block.text)


def _table(table: Table) -> str:
    if not table.rows:
        return _literal(table.empty)
    titles = [_literal(column.title) or " " for column in table.columns]
    sides = ["---:" if column.align in ("right", "point", "bar") else "---" for column in table.columns]
    rows = zip(*(column.spelled() for column in table.columns), strict=True)
    lines = [titles, sides, *([_literal(cell) for cell in row] for row in rows)]
    text = "\n".join("| " + " | ".join(line) + " |" for line in lines)
    return f"{text}\n\n{_literal(table.note)}" if table.note else text


def _literal(text: str) -> str:
    return _SPECIAL.sub(r"\\\1", plain(text))
