"""From a table to a data set that is ready to train on. What is learned from data is learned from the training rows."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.data.dataset import Dataset, Part, Shape
from hpt.data.encode import Encoder, fit, is_number, unseen_warning
from hpt.data.split import split
from hpt.data.tables import Column, Table, drop_hint, is_text, listed, missing_cells, shown
from hpt.data.targets import Target, read_target, read_test_target, refuse_missing_target, scaling
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError

MOST_COMPLAINTS = 10


def prepare(table: Table, options: Mapping[str, Any], entropy: tuple[int, ...], test_table: Table | None = None) -> Dataset:
    """Splits, encodes and scales a table.

    options: every key of `DATA`, from `drop` to `standardize_target`. entropy: seeds the split.
    test_table: the rows of the test part, with the same columns; `test` is then not drawn from `table`.
    Raises InputError with file, line and column where the data does not allow what the options ask for.
    """
    sources = [table] if test_table is None else [table, test_table]
    digests = [source.digest for source in sources]
    notices: list[str] = []
    _check_drop(table, options["drop"])
    sources = [_without(source, options["drop"]) for source in sources]
    sources = [sources[0], *(_matched(source, sources[0]) for source in sources[1:])]
    for source in sources:
        refuse_missing_target(source)
    table, *test_tables = (_handled(source, options["missing"], notices) for source in sources)

    target = read_target(table, options["task"])
    notices.append(_task_notice(table, target, inferred=options["task"] is None))
    codes = target.values if target.classes is not None else None
    test_share = 0.0 if test_tables else options["test"]
    train, validation, test = split(table.rows, codes, options["validation"], test_share, entropy, target.names)

    held_out = {"validation": (table, target, validation), "test": (table, target, test)}
    for source in test_tables:
        held_out["test"] = (source, read_test_target(source, target), np.arange(source.rows))

    encoders, warnings = _encoders(table, train, options["standardize"])
    warnings += _header_warning(table)
    notices += _one_hot_notice(encoders)
    mean, sd, target_warnings = _target_scale(table, target, train, options["standardize_target"])
    warnings += target_warnings
    for label, rows_of in held_out.items():
        warnings += _part_warnings(label, *rows_of, encoders)

    def part(source: Table, of: Target, rows: NDArray[np.int64]) -> Part:
        values = of.values[rows]
        inputs = [encoder.apply(source.columns[encoder.column][rows]) for encoder in encoders]
        return Part(np.concatenate(inputs, axis=1), values if of.classes is not None else (values - mean) / sd)

    parts = {label: part(*rows_of) if len(rows_of[2]) else None for label, rows_of in held_out.items()}
    return Dataset(
        name=table.name,
        task=target.task,
        train=part(table, target, train),
        validation=parts["validation"],
        test=parts["test"],
        shapes=_shapes(table, encoders),
        input_names=tuple(name for encoder in encoders for name in encoder.names),
        input_mean=np.array([encoder.mean for encoder in encoders for _ in encoder.names]),
        input_sd=np.array([encoder.sd for encoder in encoders for _ in encoder.names]),
        classes=target.names if target.classes is not None else None,
        class_values=target.classes,
        target_mean=mean,
        target_sd=sd,
        warnings=tuple(warnings),
        notices=tuple(notices),
        digest=digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest(),
    )


def _shapes(table: Table, encoders: Sequence[Encoder]) -> tuple[Shape, ...]:
    """The shapes of the inputs: those of the table while all its columns are there, as numbers; else one row of them."""
    width = sum(len(encoder.names) for encoder in encoders)
    if table.shapes is not None and sum(map(math.prod, table.shapes)) == width:
        return table.shapes
    return ((width,),)


def _check_drop(table: Table, drop: Sequence[str]) -> None:
    """Raises InputError where a column to drop is not there or is the target, or where none would be left."""
    complaints = []
    for column in drop:
        if column == table.target:
            complaints.append(f"data.drop: {shown(column)} is the target.")
        elif column not in table.columns:
            near = nearest(column, table.features)
            hint = f" Nearest: {shown(near)}." if near else ""
            complaints.append(
                f"data.drop: no column {shown(column)} in {table.name}.{hint} Columns: {listed(table.features)}."
            )
    if not complaints and not set(table.features) - set(drop):
        complaints.append(f"{table.name}: no column is left beside the target {shown(table.target)}.")
    if complaints:
        raise InputError(complaints)


def _without(table: Table, drop: Sequence[str]) -> Table:
    return replace(table, columns={column: cells for column, cells in table.columns.items() if column not in drop})


def _matched(test: Table, source: Table) -> Table:
    """The test table with the columns of the source, in its order. Raises InputError where they differ."""
    missing = [column for column in source.columns if column not in test.columns]
    surplus = [column for column in test.columns if column not in source.columns]
    complaints = []
    if missing:
        complaints.append(f"{test.name}: expected the columns of {source.name}, found no {listed(missing)}.")
    if surplus:
        complaints.append(f"{test.name}: {source.name} has no column {listed(surplus)}. Set data.drop to leave it out.")
    if complaints:
        raise InputError(complaints)
    columns: dict[str, Column] = {}
    for column, expected in source.columns.items():
        cells = test.columns[column]
        if is_text(expected) and not is_text(cells) and missing_cells(cells).all():
            cells = np.full(test.rows, None, dtype=object)
        if is_text(expected) != is_text(cells):
            kinds = ("text", "numbers") if is_text(expected) else ("numbers", "text")
            complaints.append(
                f"{test.name}: column {shown(column)}: expected {kinds[0]} as in {source.name}, found {kinds[1]}."
            )
        columns[column] = cells
    if complaints:
        raise InputError(complaints)
    return replace(test, columns=columns)


def _handled(table: Table, missing: str, notices: list[str]) -> Table:
    """The table after `data.missing`, saying in `notices` what was done. With `mean` the cells are filled in later."""
    masks = {column: missing_cells(table.columns[column]) for column in table.features}
    counts = {column: int(mask.sum()) for column, mask in masks.items() if mask.any()}
    if not counts:
        return table
    if missing == "error":
        complaints = [_missing_complaint(table, column, masks[column]) for column in list(counts)[:MOST_COMPLAINTS]]
        more = len(counts) - MOST_COMPLAINTS
        raise InputError(complaints + ([f"{table.name}: {more} more columns have missing cells."] if more > 0 else []))
    cells = f"{sum(counts.values())} missing cells in {listed(counts, 5)}"
    if missing == "mean":
        notices.append(f"missing: mean: {table.name}: {cells}; a missing text is no category (all zeros).")
        return table
    kept = np.flatnonzero(~np.any(list(masks.values()), axis=0))
    if len(kept) == 0:
        raise InputError(
            f"{table.name}: data.missing: drop leaves none of {table.rows} rows: {cells}. Set data.drop or mean."
        )
    notices.append(f"missing: drop: {table.name}: {len(kept)} of {table.rows} rows kept; {cells}.")
    columns = {column: values[kept] for column, values in table.columns.items()}
    return replace(table, columns=columns, rows_at=table.rows_at[kept])


def _missing_complaint(table: Table, column: str, mask: NDArray[np.bool_]) -> str:
    row, count = int(np.flatnonzero(mask)[0]), int(mask.sum())
    cell = table.columns[column][row]
    found = "missing cell" if cell is None or np.isnan(cell) else f"found {cell}, which is not finite"
    more = f" So {'is' if count == 2 else 'are'} {count - 1} more of the column." if count > 1 else ""
    return (
        f"{table.place(row)}: column {shown(column)}: {found}.{more}"
        f" Set data.missing to mean or drop, or {drop_hint(column)}."
    )


def _task_notice(table: Table, target: Target, inferred: bool) -> str:
    kind = target.task if target.classes is None else f"{target.task} ({len(target.classes)} classes)"
    return f"task: {kind}{', inferred' if inferred else ''}; target: {shown(table.target)}"


def _one_hot_notice(encoders: Sequence[Encoder]) -> list[str]:
    text = [f"{shown(encoder.column)} ({len(encoder.categories)})" for encoder in encoders if encoder.categories is not None]
    return [f"one-hot, with the number of categories: {', '.join(text)}"] if text else []


def _encoders(table: Table, train: NDArray[np.int64], standardize: bool) -> tuple[list[Encoder], list[str]]:
    """An encoder for each feature, and the warnings. Raises InputError with every column that cannot be encoded."""
    encoders: list[Encoder] = []
    warnings: list[str] = []
    complaints: list[str] = []
    for column in table.features:
        try:
            encoder, warning = fit(table, column, train, standardize)
        except InputError as error:
            complaints += error.complaints
            continue
        encoders.append(encoder)
        warnings += [warning] if warning else []
    if complaints:
        raise InputError(complaints)
    constant = [encoder.column for encoder in encoders if encoder.constant]
    if constant:
        warnings.append(f"{table.name}: constant in the training rows, so sd 1: {listed(constant, 5)}.")
    return encoders, warnings


def _header_warning(table: Table) -> list[str]:
    """Where a file may have no header: columns that are numbered are called by whole numbers, no column is called 0.25."""
    numbers = [name for name in table.columns if is_number(name) and any(map(str.isdigit, name))]
    values = [name for name in numbers if not name.strip().isdecimal()]
    if not values:
        return []
    said = f"{table.name}: the first row was taken for the names of the columns, {shown(values[0])} among them."
    return [f"{said} If it holds values, put a row of names above it."]


def _target_scale(
    table: Table, target: Target, train: NDArray[np.int64], standardize: bool
) -> tuple[float, float, list[str]]:
    """Mean and standard deviation that the target is scaled with, and the warnings."""
    if target.classes is None:
        where = f"{table.name}: target {shown(table.target)}"
        mean, sd, warning = scaling(target.values[train], standardize, where)
        return mean, sd, [warning] if warning else []
    if standardize:
        found = f"the target {shown(table.target)} has classes"
        raise InputError(f"data.standardize_target: only for regression, but {found}.")
    return 0.0, 1.0, []


def _part_warnings(
    label: str, table: Table, target: Target, rows: NDArray[np.int64], encoders: Sequence[Encoder]
) -> list[str]:
    """What a part that is not trained on holds, or lacks, to its harm."""
    found = [unseen_warning(encoder, table.columns[encoder.column][rows], label) for encoder in encoders]
    warnings = [warning for warning in found if warning]
    absent = sorted(set(range(len(target.names))) - set(target.values[rows].tolist())) if len(rows) else []
    if absent and target.classes is not None:
        warnings.append(f"{table.name}: no {label} row of class {listed(target.names[code] for code in absent)}.")
    return warnings
