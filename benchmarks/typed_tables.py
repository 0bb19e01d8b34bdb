"""Tables as people write them, of which it is known what each cell means: what a reader of tables is held against."""

from __future__ import annotations

import gzip
import io
import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from benchmarks.typed_columns import (
    CODES,
    NAMES,
    WORDS,
    TypedColumn,
    Writing,
    codes,
    days,
    drawn_amount,
    labels,
    names,
    numbers,
    shortened,
    telling,
    two_days,
    whole,
    words,
)

Leading = Literal["", "empty", "index"]


@dataclass(frozen=True, slots=True)
class TypedTable:
    """A table whose last column is its target. classes: the labels in order; None of amounts.

    leading: whether a column of nothing stands first, `empty`, or one without a name that counts the rows, `index`.
    """

    columns: Sequence[TypedColumn]
    classes: Sequence[str] | None
    leading: Leading = ""

    @property
    def rows(self) -> int:
        """How many there are."""
        return len(self.columns[0].cells)

    @property
    def least(self) -> int:
        """Of the label that is left with the fewest rows where those that lack a cell are dropped, how many; of amounts all."""
        whole = [row for row in range(self.rows) if all(column.means[row] is not None for column in self.columns)]
        labels = Counter(str(self.columns[-1].means[row]) if self.classes is not None else "" for row in whole)
        return min(labels.values()) if self.classes is None or len(labels) == len(self.classes) else 0

    def left_out(self, writing: Writing) -> dict[str, str]:
        """The kinds of the columns that are no part of the table, one of them after a trailing delimiter."""
        first = {"": {}, "empty": {"nothing": "constant"}, "index": {"column 1": "index"}}[self.leading]
        last = len(first) + len(self.columns) + 1
        return {**first, **({f"column {last}": "constant"} if writing.trailing else {})}


def drawn(source: random.Random, writing: Writing) -> TypedTable:
    """A table of a few columns and enough rows for a split, whose cells are to be written so."""
    rows = source.choice((30, 40, 60, 120))
    free = iter(source.sample(NAMES, len(NAMES)))
    usual, makers = (numbers, words, codes, days, whole, shortened), [names] * (source.random() < 0.1)
    makers += source.choices(usual, (6, 3, 1, 2, 2, 1), k=source.randrange(1, 5))
    columns = [make(source, next(free), rows, writing) for make in makers]
    # A third column may be written the other way round, and nothing would tell.
    columns += two_days(source, next(free), next(free), rows) if days not in makers and source.random() < 0.2 else []
    source.shuffle(columns)
    if writing.told:
        columns.insert(0, telling(source, next(free), rows, writing))
    target, classes = _target(source, next(free), rows, writing)
    leading: Leading = "" if source.random() < 0.8 else "empty" if source.random() < 0.5 else "index"
    return TypedTable([*columns, target], classes, leading)


def write(table: TypedTable, writing: Writing, path: Path) -> None:
    """Writes the table."""
    text = io.StringIO()
    if writing.separator_line:
        text.write(f"sep={writing.delimiter}{writing.newline}")
    elif writing.comment:
        text.write(f"# made for a test{writing.newline}")
    special = {writing.delimiter, '"', "\n", "\r"}

    def line(*cells: str) -> None:
        trailing = [""] * writing.trailing
        quoted = (_quoted(cell) if writing.quote_all or special & set(cell) else cell for cell in (*cells, *trailing))
        text.write(writing.delimiter.join(quoted) + writing.newline)

    above = {"": [], "empty": ["nothing"], "index": [""]}[table.leading]
    line(*above, *(column.name for column in table.columns))
    for number in range(table.rows):
        before = {"": [], "empty": [""], "index": [str(number)]}[table.leading]
        line(*before, *(column.cells[number] for column in table.columns))
        if writing.blank_rows and number % 7 == 0:
            text.write(writing.newline)
    if writing.total and not table.leading and table.columns[0].kind == "category":
        line("Total", *("" for _ in table.columns[1:]))
    content = text.getvalue().encode(writing.encoding)
    path.write_bytes(gzip.compress(content) if writing.packed else content)


def _quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


def _target(source: random.Random, name: str, rows: int, writing: Writing) -> tuple[TypedColumn, Sequence[str] | None]:
    """Labels, small integers, one number in several spellings, or amounts."""
    kind = source.choice(("words", "codes", "whole", "spelled", "amounts"))
    if kind == "amounts":
        amounts = [drawn_amount(source, 2) for _ in range(rows)]
        cells = [amount.replace(".", writing.decimal) for amount in amounts]
        return TypedColumn(name, "number", cells, [float(amount) for amount in amounts]), None
    texts = {
        "words": source.choice([texts for texts in WORDS if "-" not in texts]),
        "codes": source.choice(CODES),
        "whole": ("0", "1", "2"),
        "spelled": ("1", f"1{writing.decimal}0", "2"),
    }[kind]
    column = labels(source, name, rows, texts)
    if kind == "whole":
        column = TypedColumn(name, "number", column.cells, [float(str(text)) for text in column.means])
    return column, sorted(Counter(texts))
