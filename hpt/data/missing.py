"""What becomes of cells that hold nothing, by `data.missing`."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from hpt.data.targets import missing_target, refuse_missing_target
from hpt.foundation.errors import InputError
from hpt.tables.table import Table, missing_cells
from hpt.tables.wording import MOST_COMPLAINTS, columns_hint, counted, drop_hint, listed, shown


def handled(table: Table, missing: str, notices: list[str]) -> Table:
    """The table after `data.missing`, saying in `notices` what was done. With `mean` the cells are filled in later.

    Rows without a target are dropped but with `error`: a target cannot be filled in. Raises InputError with the place of what is
    missing and may not be.
    """
    if missing == "error":
        refuse_missing_target(table)
    masks = {column: missing_cells(table.columns[column]) for column in table.features}
    counts = {column: int(mask.sum()) for column, mask in masks.items() if mask.any()}
    if missing == "error" and counts:
        complaints = [_complaint(table, column, masks[column]) for column in list(counts)[:MOST_COMPLAINTS]]
        more = len(counts) - MOST_COMPLAINTS
        raise InputError(complaints + ([f"{table.name}: {more} more columns have missing cells."] if more > 0 else []))
    cells = f"{counted(sum(counts.values()), 'missing cell')} in {listed(counts, 5)}" if counts else ""
    if missing == "mean" and cells:
        notices.append(f"missing: mean: {table.name}: {cells}; a missing text is no category (all zeros).")
    if missing == "error":
        return table
    dropping = missing == "drop"
    return _dropped(table, missing, [*masks.values()] if dropping else [], cells if dropping else "", notices)


def _dropped(table: Table, missing: str, masks: list[NDArray[np.bool_]], cells: str, notices: list[str]) -> Table:
    """The table without the rows that `masks` name or that have no target. cells: what is said of those that `masks` name."""
    targets = missing_target(table)
    gone = np.any([np.zeros(table.rows, dtype=bool), *masks], axis=0)
    gone[targets] = True
    if not gone.any():
        return table
    strays = list(table.fact(table.target).strays)[:3]
    examples = f", such as {', '.join(map(shown, strays))}" if strays else ""
    untold = [f"{counted(len(targets), 'row')} without a target{examples}"] if len(targets) else []
    what = [*untold, *([cells] if cells else [])]
    kept = np.flatnonzero(~gone)
    if len(kept) == 0:
        found = f"{table.name}: data.missing: {missing} leaves none of {table.rows} rows: {', '.join(what)}."
        remedy = "another column as data.target" if len(targets) == table.rows else "data.missing: mean, or data.drop"
        raise InputError(f"{found} Set {remedy}.")
    notices.append(f"missing: {missing}: {table.name}: {len(kept)} of {table.rows} rows kept; {', '.join(what)}.")
    columns = {column: values[kept] for column, values in table.columns.items()}
    return replace(table, columns=columns, rows_at=table.rows_at[kept])


def _complaint(table: Table, column: str, mask: NDArray[np.bool_]) -> str:
    row, count = int(np.flatnonzero(mask)[0]), int(mask.sum())
    fact = table.fact(column)
    cell = table.columns[column][row]
    found = "missing cell" if cell is None or np.isnan(cell) else f"found {cell}, which is not finite"
    more = f" So {'is' if count == 2 else 'are'} {count - 1} more of the column." if count > 1 else ""
    said = f" What stands for nothing: {', '.join(map(shown, list(fact.blank)[:3]))}." if fact.blank else ""
    hint = f"Set data.missing to mean or drop, or {drop_hint(column)}."
    if fact.strays:
        examples = list(fact.strays.items())[:3]
        strays = ", ".join(f"{shown(text)} ({table.place(first)})" for text, (_, first) in examples)
        said += f" No {fact.plan.kind}: {strays}{' and more' if len(fact.strays) > len(examples) else ''}."
        hint = f"{hint[:-1]}; if these are values: {columns_hint(column, 'category')}."
    return f"{table.place(row)}: column {shown(column)}: {found}.{more}{said} {hint}"
