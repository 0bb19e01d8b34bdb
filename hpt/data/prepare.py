"""From a table to a data set that is ready to train on. What is learned from data is learned from the training rows."""

from __future__ import annotations

import hashlib
import math
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.data.arrangement import Arrangement, arrangement, refuse_shared_groups
from hpt.data.columns import column_infos, described, repeated_ids, unseen
from hpt.data.dataset import Dataset, Part, Shape
from hpt.data.drawing import Drawing, Validating
from hpt.data.encode import Encoder, fit
from hpt.data.encoding import READING, Encoding
from hpt.data.missing import handled
from hpt.data.targets import Target, read_target, read_test_target, scaling
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.tables.plans import LEFT_OUT, Column
from hpt.tables.table import Table, is_text, missing_cells
from hpt.tables.wording import first_few, listed, shown


def prepare(
    table: Table,
    options: Mapping[str, Any],
    entropy: tuple[int, ...],
    test_table: Table | None = None,
    validation_table: Table | None = None,
    validating: Validating = "share",
) -> Dataset:
    """Splits, encodes and scales a table.

    options: every key of `DATA`. entropy: seeds the split.
    test_table, validation_table: the rows of these parts, with the same columns; they are then not drawn from `table`.
    validating: which rows validate; where none do, those of `validation_table` train.
    Raises InputError with file, line and column where the data does not allow what the options ask for; what may be no
    header is said first.
    """
    apart = {part: t for part, t in (("test", test_table), ("validation", validation_table)) if t is not None}
    try:
        return _prepared(table, apart, options, entropy, validating)
    except InputError as error:
        first = [table.no_header] if table.no_header and table.no_header not in error.complaints else []
        raise InputError(first_few([*first, *error.complaints], table.name)) from None


def _prepared(
    table: Table,
    apart: Mapping[str, Table],
    options: Mapping[str, Any],
    entropy: tuple[int, ...],
    validating: Validating,
) -> Dataset:
    sources = [table, *apart.values()]
    infos = column_infos(table, options["drop"])
    (table, *others), arranged, notices = _cleaned(table, apart, options)
    target = read_target(table, options["task"])
    notices.append(_task_notice(table, target, inferred=options["task"] is None))
    train, validation, test = Drawing.of(table.rows, target, arranged, options, entropy, tuple(apart)).parts(validating)
    held_out = {"validation": (table, target, validation), "test": (table, target, test)}
    for label, source in zip(apart, others, strict=True):
        if label == "validation" and validating == "none":
            train = np.concatenate([train, table.rows + np.arange(source.rows)])
            table, target = _joined(table, target, source)
        else:
            held_out[label] = (source, read_test_target(source, target), np.arange(source.rows))

    warnings = _of_reading(sources)
    encoders, encoder_warnings = _encoders(table, train, options)
    warnings += [*encoder_warnings, *_part_warnings("training", table, target, train)]
    warnings += repeated_ids(table, target) if arranged is None else []
    notices += described(encoders)
    mean, sd, target_warnings = _target_scale(table, target, train, options["standardize_target"])
    warnings += target_warnings
    for label, rows_of in held_out.items():
        warnings += unseen(label, rows_of[0], rows_of[2], table, train, encoders)
        warnings += _part_warnings(label, *rows_of)

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
        input_mean=np.array(
            [encoder.origin * (index == 0) + mean for encoder in encoders for index, mean in enumerate(encoder.means)]
        ),
        input_sd=np.array([sd for encoder in encoders for sd in encoder.sds]),
        classes=target.names if target.classes is not None else None,
        target_mean=mean,
        target_sd=sd,
        warnings=tuple(warnings),
        notices=tuple(notices),
        columns=infos,
        encoding=_encoding(table, target, encoders, (mean, sd), options),
        digest=_digest(sources),
    )


def _of_reading(sources: Sequence[Table]) -> list[str]:
    """What the reading of the tables warned of, first where one may have no header."""
    return [*(t.no_header for t in sources if t.no_header), *(warning for t in sources for warning in t.warnings)]


def _joined(table: Table, target: Target, other: Table) -> tuple[Table, Target]:
    """`table` and its target with the rows of `other` after its own."""
    columns = {name: np.concatenate([cells, other.columns[name]]) for name, cells in table.columns.items()}
    values = np.concatenate([target.values, read_test_target(other, target).values])
    rows_at = np.concatenate([table.rows_at, other.rows_at])
    return replace(table, columns=columns, rows_at=rows_at), replace(target, values=values)


def _encoding(
    table: Table, target: Target, encoders: Sequence[Encoder], scale: tuple[float, float], options: Mapping[str, Any]
) -> Encoding:
    """What brings new rows into the same units. scale: mean and standard deviation of the target."""
    return Encoding(
        columns=tuple(encoders),
        target=table.target,
        target_plan=table.fact(table.target).plan,
        classes=target.names if target.classes is not None else None,
        target_mean=scale[0],
        target_sd=scale[1],
        reading={key: options[key] for key in READING},
    )


def _digest(sources: Sequence[Table]) -> str:
    """Of one source its own, of several that of theirs."""
    digests = [source.digest for source in sources]
    return digests[0] if len(digests) == 1 else hashlib.sha256("".join(digests).encode()).hexdigest()


def _cleaned(
    table: Table, apart: Mapping[str, Table], options: Mapping[str, Any]
) -> tuple[list[Table], Arrangement | None, list[str]]:
    """`table` and those of parts that stand `apart`, with the columns that are used and the rows that can be.

    With what a split of the first has to respect, and what is said of all that.
    """
    _check_drop(table, options["drop"])
    arranged = arrangement(table, options)
    left_out = {*options["drop"], *_left_out(table)}
    notices = [notice for source in (table, *apart.values()) for notice in source.notices]
    if arranged is not None:
        notices.append(arranged.notice())
        if arranged.kind == "group":
            left_out.add(arranged.column)
            sources = {f"{part}_source": other for part, other in apart.items()}
            refuse_shared_groups(arranged.column, {"source": table, **sources})
    if not set(table.features) - left_out:
        _refuse_nothing_left(table, left_out)
    kept = [_without(source, left_out) for source in (table, *apart.values())]
    kept = [kept[0], *(_matched(source, kept[0]) for source in kept[1:])]
    cleaned = [handled(source, options["missing"], notices) for source in kept]
    if arranged is not None:
        arranged = arranged.keep(np.searchsorted(table.rows_at, cleaned[0].rows_at))
    return cleaned, arranged, notices


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
    if complaints:
        raise InputError(complaints)


def _left_out(table: Table) -> list[str]:
    """The features that are no inputs, by what they were taken for."""
    return [name for name in table.features if table.fact(name).plan.kind in LEFT_OUT]


def _refuse_nothing_left(table: Table, left_out: set[str]) -> None:
    taken = [f"{shown(name)} ({table.fact(name).plan.note})" for name in table.features if table.fact(name).plan.note]
    if len(table.columns) == 1 and table.counted == "line" and not table.outside:
        raise InputError(
            f"{table.name}: no column is left beside the target {shown(table.target)}, the only one that was found."
            " If cells stand apart by something else, say data.delimiter."
        )
    why = f" Left out: {', '.join(taken[:5])}. To use one: data.columns." if left_out and taken else ""
    raise InputError([*table.warnings, f"{table.name}: no column is left beside the target {shown(table.target)}.{why}"])


def _without(table: Table, left_out: set[str]) -> Table:
    return replace(table, columns={column: cells for column, cells in table.columns.items() if column not in left_out})


def _matched(test: Table, source: Table) -> Table:
    """The test table with the columns of the source, in its order. Raises InputError where they differ."""
    # A column that is empty in one of the files was left out there.
    empty, unused = ({out.name for out in table.outside} for table in (test, source))
    missing = [column for column in source.columns if column not in test.columns and column not in empty]
    surplus = [column for column in test.columns if column not in source.columns and column not in unused]
    complaints = []
    if missing:
        complaints.append(f"{test.name}: expected the columns of {source.name}, found no {listed(missing)}.")
    if surplus:
        complaints.append(f"{test.name}: {source.name} has no column {listed(surplus)}. Take it out of {test.name}.")
    if complaints:
        raise InputError(complaints)
    columns: dict[str, Column] = {}
    for column, expected in source.columns.items():
        cells = test.columns.get(column, np.full(test.rows, np.nan))
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


def _task_notice(table: Table, target: Target, inferred: bool) -> str:
    kind = target.task if target.classes is None else f"{target.task} ({len(target.classes)} classes)"
    return f"task: {kind}{', inferred' if inferred else ''}; target: {shown(table.target)}"


def _encoders(table: Table, train: NDArray[np.int64], options: Mapping[str, Any]) -> tuple[list[Encoder], list[str]]:
    """An encoder for each feature, and the warnings. Raises InputError with every column that cannot be encoded."""
    encoders: list[Encoder] = []
    warnings: list[str] = []
    complaints: list[str] = []
    for column in table.features:
        try:
            encoder, warning = fit(table, column, train, options["standardize"], tuple(options["date_parts"]))
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


def _target_scale(
    table: Table, target: Target, train: NDArray[np.int64], standardize: bool
) -> tuple[float, float, list[str]]:
    """Mean and standard deviation that the target is scaled with, and the warnings."""
    if target.classes is None:
        where = f"{table.name}: target {shown(table.target)}"
        mean, sd, warning = scaling(target.values[train], standardize, where)
        return mean, sd, [warning] if warning else []
    return 0.0, 1.0, []


def _part_warnings(label: str, table: Table, target: Target, rows: NDArray[np.int64]) -> list[str]:
    """The classes that a part lacks."""
    absent = sorted(set(range(len(target.names))) - set(target.values[rows].tolist())) if len(rows) else []
    if absent and target.classes is not None:
        return [f"{table.name}: no {label} row of class {listed(target.names[code] for code in absent)}."]
    return []
