"""How a file becomes inputs: learned from the training rows, kept as plain data, applied to any other file."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.data.encode import Encoder
from hpt.foundation.errors import InputError
from hpt.tables.files import ending_of, read_raw
from hpt.tables.npz_files import read_features
from hpt.tables.plans import Cells, Column, Plan, convert
from hpt.tables.raw import RawTable
from hpt.tables.table import missing_cells
from hpt.tables.wording import counted, first_few, listed, shown

SCHEMA = "hpt.encoding/1"
READING = ("missing_values", "decimal", "day_first", "delimiter", "encoding", "header", "skip_rows")
"""The keys of `DATA` that say how a file is read, which another file of the kind needs too."""


@dataclass(frozen=True, slots=True)
class NewRows:
    """A file's rows as inputs (n, D), where each row is found, and what was filled in or is no category.

    complete: (n,) False where a row lacks a cell and `data.missing: drop` would have dropped it.
    """

    inputs: NDArray[np.float64]
    places: tuple[str, ...]
    warnings: tuple[str, ...]
    complete: NDArray[np.bool_]


@dataclass(frozen=True, slots=True)
class Encoding:
    """All that is needed to encode a new file as the training rows were, and to name what a model answers.

    columns: the encoders in the order of the inputs. target, target_plan: the column that is predicted, and how it is read.
    classes: as text, in the order of the codes; None in regression, where a prediction is output · target_sd + target_mean.
    reading: the keys in `READING`.
    """

    columns: tuple[Encoder, ...]
    target: str
    target_plan: Plan
    classes: tuple[str, ...] | None
    target_mean: float
    target_sd: float
    reading: Mapping[str, Any]

    def inputs(self, cells: Mapping[str, Column]) -> NDArray[np.float64]:
        """(n, D) for (n,) cells by column, read by the plans."""
        return np.concatenate([encoder.apply(cells[encoder.column]) for encoder in self.columns], axis=1)

    def new_rows(self, path: Path, missing: str = "mean") -> NewRows:
        """The rows of a data file. Columns it has beside those of the training rows, the target among them, are left out.

        missing: `data.missing` of the training rows, by which cells that hold nothing are refused, filled in, or tell that a
        row is not complete. Raises InputError where a column is not there or is another kind of column, where a cell is missing
        and must not be, or where the file cannot be read.
        """
        if ending_of(path) == ".npz":
            if not all(column.rpartition(".")[2].isdecimal() for column in self._sources()):
                raise InputError(
                    f"{path.name}: expected a table with the columns of the training rows, found an archive of arrays."
                )
            features = read_features(path, self._sources())
            rows = range(len(next(iter(features.values()))))
            return self._encoded(features, [f"{path.name}: row index {row}" for row in rows], missing, path.name, [])
        raw = read_raw(path, self.reading)
        self._check(raw)
        read = {encoder.column: convert(_written(raw, encoder.column), encoder.plan) for encoder in self.columns}
        if misfits := [text for encoder in self.columns if (text := _misfit(raw, encoder, read[encoder.column]))]:
            raise InputError(first_few(misfits, raw.name))
        warnings = [*raw.notices, *raw.warnings]
        for encoder in self.columns:
            warnings += _said(raw, encoder, read[encoder.column])
        cells = {column: found.column for column, found in read.items()}
        return self._encoded(cells, [raw.place(row) for row in range(len(raw.lines))], missing, raw.name, warnings)

    def _encoded(
        self, cells: Mapping[str, Column], places: Sequence[str], missing: str, name: str, warnings: Sequence[str]
    ) -> NewRows:
        """The rows of `cells`, once `missing` has said what becomes of those that hold nothing."""
        gone = {column: mask for column, found in cells.items() if (mask := missing_cells(found)).any()}
        dropped = np.any([np.zeros(len(places), dtype=bool), *(gone.values() if missing == "drop" else ())], axis=0)
        if missing == "error" and gone:
            raise InputError(first_few([_refused(column, mask, places) for column, mask in gone.items()], name))
        said = []
        if missing == "drop" and gone:
            count = counted(int(dropped.sum()), "row")
            said = [
                f"{name}: no prediction for {count} with missing cells in {listed(gone, 5)}, as data.missing: drop had it."
            ]
        elif gone:
            filled = [f"{shown(column)} ({counted(int(mask.sum()), 'missing cell')})" for column, mask in gone.items()]
            more = f" and {len(filled) - 5} more columns" if len(filled) > 5 else ""
            said = [f"{name}: filled in as in training: {', '.join(filled[:5])}{more}."]
        return NewRows(self.inputs(cells), tuple(places), (*warnings, *said), ~dropped)

    def _sources(self) -> tuple[str, ...]:
        return tuple(encoder.column for encoder in self.columns)

    def _check(self, raw: RawTable) -> None:
        empty = {out.name for out in raw.left_out}
        missing = [name for name in self._sources() if name not in raw.columns and name not in empty]
        if missing:
            hint = f" {raw.no_header}" if raw.no_header else ""
            raise InputError(f"{raw.name}: expected the columns of the training rows, found no {listed(missing)}.{hint}")

    def data(self) -> dict[str, Any]:
        """The encoding as plain data for JSON, numbers to the bit."""
        return {
            "schema": SCHEMA,
            "columns": [encoder.data() for encoder in self.columns],
            "target": self.target,
            "target_plan": self.target_plan.data(),
            "classes": list(self.classes) if self.classes is not None else None,
            "target_mean": self.target_mean,
            "target_sd": self.target_sd,
            "reading": {**self.reading, "missing_values": list(self.reading["missing_values"])},
        }


def _written(raw: RawTable, column: str) -> Sequence[str]:
    """The cells of a column; one that is there and empty was left out."""
    return raw.columns[column].cells() if column in raw.columns else [""] * len(raw.lines)


def _misfit(raw: RawTable, encoder: Encoder, read: Cells) -> str | None:
    """What is wrong where a column of numbers or dates holds none, but something else."""
    if not read.strays or np.isfinite(read.column).any():
        return None
    text, (_, row) = next(iter(read.strays.items()))
    kind = f"{encoder.plan.kind}s"
    written = f" ({encoder.plan.date})" if encoder.plan.date else ""
    return f"{raw.place(row)}: column {shown(encoder.column)}: expected {kind}{written} as in training, found {shown(text)}."


def _refused(column: str, mask: NDArray[np.bool_], places: Sequence[str]) -> str:
    """Why rows with missing cells get no predictions from a model that was trained without."""
    count = int(mask.sum())
    more = f" So {'is' if count == 2 else 'are'} {count - 1} more of the column." if count > 1 else ""
    return (
        f"{places[int(np.flatnonzero(mask)[0])]}: column {shown(column)}: expected a value, as the run has data.missing: error,"
        f" found a missing cell.{more} Fill it in, or tune with data.missing: mean."
    )


def _said(raw: RawTable, encoder: Encoder, read: Cells) -> list[str]:
    """What a column of new rows holds that counts as nothing."""
    where = f"{raw.name}: column {shown(encoder.column)}"
    said = []
    if read.strays:
        text, (_, row) = next(iter(read.strays.items()))
        count = counted(sum(often for often, _ in read.strays.values()), "cell")
        said.append(f"{where}: no {encoder.plan.kind} in {count}, such as {shown(text)} ({raw.place(row)}): missing.")
    if encoder.categories is not None:
        known = {*encoder.categories, None}
        unknown = Counter(cell for cell in read.column.tolist() if cell not in known)
        if unknown:
            texts = listed(sorted(unknown), 5)
            count = counted(unknown.total(), "cell")
            said.append(f"{where}: no category of the training rows in {count} (all zeros): {texts}.")
    return said
