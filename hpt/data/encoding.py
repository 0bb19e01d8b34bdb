"""How a file becomes inputs: learned from the training rows, kept as plain data, applied to any other file."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.data.encode import Encoder
from hpt.foundation.errors import InputError
from hpt.tables.files import ending_of, read_raw
from hpt.tables.npz_files import read_features
from hpt.tables.plans import Column, Plan, convert
from hpt.tables.raw import RawTable
from hpt.tables.table import Facts, missing_cells
from hpt.tables.wording import counted, listed, shown

SCHEMA = "hpt.encoding/1"
READING = ("missing_values", "decimal", "day_first", "delimiter", "encoding", "header", "skip_rows")
"""The keys of `DATA` that say how a file is read, which another file of the kind needs too."""


@dataclass(frozen=True, slots=True)
class NewRows:
    """A file's rows as inputs (n, D), where each row is found, and what was filled in or is no category."""

    inputs: NDArray[np.float64]
    places: tuple[str, ...]
    warnings: tuple[str, ...]


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

    def new_rows(self, path: Path) -> NewRows:
        """The rows of a data file. Columns it has beside those of the training rows, the target among them, are left out.

        Raises InputError where a column is not there, or the file cannot be read.
        """
        if ending_of(path) == ".npz":
            features = read_features(path, self._sources())
            return NewRows(
                self.inputs(features), tuple(f"row index {row}" for row in range(len(next(iter(features.values()))))), ()
            )
        raw = read_raw(path, self.reading)
        self._check(raw)
        cells: dict[str, Column] = {}
        warnings = list(raw.warnings)
        for encoder in self.columns:
            read = convert(raw.columns[encoder.column].cells(), encoder.plan)
            cells[encoder.column] = read.column
            warnings += _said(raw, encoder, Facts(encoder.plan, read.blank, read.strays), read.column)
        return NewRows(self.inputs(cells), tuple(raw.place(row) for row in range(len(raw.lines))), tuple(warnings))

    def _sources(self) -> tuple[str, ...]:
        return tuple(encoder.column for encoder in self.columns)

    def _check(self, raw: RawTable) -> None:
        missing = [name for name in self._sources() if name not in raw.columns]
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

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Encoding:
        """The encoding of such plain data. Raises InputError where it is something else."""
        try:
            if data["schema"] != SCHEMA:
                raise InputError(f"encoding: expected schema {SCHEMA}, found {shown(str(data['schema']))}.")
            reading = {key: data["reading"][key] for key in READING}
            return cls(
                tuple(Encoder.of(column) for column in data["columns"]),
                data["target"],
                Plan.of(data["target_plan"]),
                tuple(data["classes"]) if data["classes"] is not None else None,
                float(data["target_mean"]),
                float(data["target_sd"]),
                {**reading, "missing_values": tuple(reading["missing_values"])},
            )
        except (KeyError, TypeError, ValueError, AttributeError) as error:
            raise InputError(f"encoding: not readable ({error!r}).") from None


def _said(raw: RawTable, encoder: Encoder, fact: Facts, column: Column) -> list[str]:
    """What a column of new rows holds that counts as nothing."""
    where = f"{raw.name}: column {shown(encoder.column)}"
    said = []
    if fact.strays:
        text, (_, row) = next(iter(fact.strays.items()))
        count = sum(often for often, _ in fact.strays.values())
        said.append(
            f"{where}: {counted(count, 'cell')} is no {encoder.plan.kind}, such as {shown(text)} ({raw.place(row)})."
        )
    missing = int(missing_cells(column).sum())
    if missing:
        said.append(f"{where}: {counted(missing, 'missing cell')} filled in as in training.")
    if encoder.categories is not None:
        unknown = set(column.tolist()) - set(encoder.categories) - {None}
        if unknown:
            said.append(f"{where}: {listed(sorted(unknown), 5)} is no category of the training rows (all zeros).")
    return said
