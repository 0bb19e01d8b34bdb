"""What is told of the columns: what each was taken for, what held-out rows hold that training rows do not, ids that repeat."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from hpt.data.encode import Encoder
from hpt.data.targets import Target
from hpt.foundation.errors import InputError
from hpt.tables.plans import Column
from hpt.tables.table import ColumnInfo, Table, is_text, missing_cells
from hpt.tables.wording import drop_hint, listed, shown

UNSEEN_SHARE = 0.5
LEAST_UNSEEN = 5
_ID = re.compile(
    r"(?:^|[_\W])(?:id|patient|subject|participant|person|user|customer|client|household|family|session|animal|mouse|rat"
    r"|student|player|speaker|driver|device|machine|unit|site|group|batch|cluster|donor|case)s?(?:[_\W]?id)?$",
    re.IGNORECASE,
)
_LEAST_IDS = 5
_LEAST_REPEATS = 3.0


def column_infos(table: Table, drop: Sequence[str]) -> tuple[ColumnInfo, ...]:
    """Every column of the source in its order, and those that are no part of its table."""
    found = list(table.outside)
    for name, cells in table.columns.items():
        fact = table.fact(name)
        kind = "drop" if name in drop else "category" if cells.dtype == np.bool_ else fact.plan.kind
        if kind == "number" and _constant(cells):
            kind = "constant"
        strays = sum(count for count, _ in fact.strays.values())
        notes = [fact.plan.note] if fact.plan.note else []
        notes += [f"{strays} cells are none: {listed(fact.strays, 3)}"] if strays else []
        notes += [f"missing: {listed(fact.blank, 3)}"] if fact.blank else []
        found.append(ColumnInfo(name, kind, int(missing_cells(cells).sum()), "; ".join(notes)))
    return tuple(found)


def _constant(cells: Column) -> bool:
    held = cells[np.isfinite(cells)]
    return len(held) > 1 and bool(held.min() == held.max())


def described(encoders: Sequence[Encoder]) -> list[str]:
    """The columns that become one-hot, and those whose dates are taken apart."""
    text = [f"{shown(encoder.column)} ({len(encoder.categories)})" for encoder in encoders if encoder.categories is not None]
    more = f" and {len(text) - 20} more" if len(text) > 20 else ""
    return [f"one-hot, with the number of categories: {', '.join(text[:20])}{more}"] if text else []


def unseen(
    part: str,
    held_out: Table,
    rows: NDArray[np.int64],
    table: Table,
    train: NDArray[np.int64],
    encoders: Sequence[Encoder],
) -> list[str]:
    """What to say where held-out rows hold texts that no training row holds.

    Raises InputError where most of them do: dates, ids or numbers that are read as texts, which are no categories.
    """
    warnings: list[str] = []
    complaints: list[str] = []
    for encoder in encoders:
        if encoder.categories is None or not len(rows):
            continue
        known = set(table.columns[encoder.column][train].tolist())
        counts = Counter(cell for cell in held_out.columns[encoder.column][rows].tolist() if cell is not None)
        new = {text: count for text, count in sorted(counts.items()) if text not in known}
        count = sum(new.values())
        if count >= LEAST_UNSEEN and count > UNSEEN_SHARE * counts.total():
            complaints.append(
                f"{held_out.name}: column {shown(encoder.column)}: {count} of {counts.total()} {part} rows hold texts that no"
                f" training row holds, such as {listed(new, 3)}: these are no categories. Set {drop_hint(encoder.column)},"
                " or its kind in data.columns."
            )
        elif new:
            warnings.append(
                f"column {shown(encoder.column)}: {listed(new)}, in {count} {part} rows,"
                " stands in no training row and counts as no category (all zeros)."
            )
    if complaints:
        raise InputError(complaints)
    return warnings


def repeated_ids(table: Table, target: Target) -> list[str]:
    """Where rows seem to come in groups, by a column that is called like an id: the split would put a group on both sides."""
    warnings = []
    for name in table.features:
        if not _ID.search(name):
            continue
        cells = table.columns[name]
        if not is_text(cells) and not bool((cells[np.isfinite(cells)] == np.floor(cells[np.isfinite(cells)])).all()):
            continue
        different = len(set(cells.tolist()))
        if different < _LEAST_IDS or table.rows < _LEAST_REPEATS * different or not _tells(cells, target.values):
            continue
        warnings.append(
            f"{table.name}: column {shown(name)} holds {different} ids in {table.rows} rows: rows of one id in training and in"
            f" validation make scores better than on new ids. Set data.group: {name} to keep each on one side."
        )
    return warnings


def _tells(cells: Column, values: Column) -> bool:
    """Whether the target varies less within an id than the rows do, by half or more; the sign of rows that belong together."""
    amounts = values.astype(np.float64)
    _, codes = np.unique(cells.astype(str), return_inverse=True)
    sums = np.bincount(codes, amounts)
    means = sums / np.bincount(codes)
    return bool(np.mean((amounts - means[codes]) ** 2) <= 0.5 * np.var(amounts))
