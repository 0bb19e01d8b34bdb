"""The columns of a table, as they were read."""

from __future__ import annotations

from collections.abc import Sequence

from hpt.tables.table import ColumnInfo
from hpt.view.page import Column, Table


def columns_table(columns: Sequence[ColumnInfo]) -> Table:
    """A row a column: what it was taken for, how many cells are missing, what was seen."""
    return Table(
        [
            Column("column", [column.name for column in columns], shrinks_to=12),
            Column("read as", [column.kind for column in columns]),
            Column("missing", [column.missing or "" for column in columns], "right"),
            Column("", [column.note for column in columns], importance=1, shrinks_to=12),
        ]
    )
