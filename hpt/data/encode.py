"""From a column to inputs: numbers and dates are filled and scaled, categories become one-hot, by what the training rows hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.foundation.errors import InputError
from hpt.tables.dates import PARTS, moment
from hpt.tables.plans import Column, Plan
from hpt.tables.table import Table, is_text, missing_cells
from hpt.tables.wording import drop_hint, shown

MAX_CATEGORIES = 100


@dataclass(frozen=True, slots=True)
class Encoder:
    """How the cells of one column become inputs.

    plan: how they are read from a file. categories: of a column of texts, sorted; None for numbers.
    fill: what a missing number counts as. origin: of dates, the earliest training row in days since 1970, which is day 0.
    mean, sd: of the scaling, once the origin is taken off; 0 and 1 for text. constant: whether the training rows hold one value.
    parts: names of `PARTS` that dates give beside their days.
    """

    column: str
    plan: Plan
    categories: tuple[str, ...] | None = None
    fill: float = 0.0
    mean: float = 0.0
    sd: float = 1.0
    constant: bool = False
    origin: float = 0.0
    parts: tuple[str, ...] = ()

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        if self.categories is not None:
            return tuple(f"{self.column}={category}" for category in self.categories)
        return (self.column, *(f"{self.column}.{part}={name}" for part in self.parts for name in PARTS[part].names))

    @property
    def means(self) -> tuple[float, ...]:
        """What is taken off each input."""
        return (self.mean, *([0.0] * (len(self.names) - 1)))

    @property
    def sds(self) -> tuple[float, ...]:
        """What each input is divided by."""
        return (self.sd, *([1.0] * (len(self.names) - 1)))

    def apply(self, cells: Column) -> NDArray[np.float64]:
        """(n, inputs) for (n,) cells. A missing text, or one that is no category, is all zeros; so are parts of no date."""
        if self.categories is None:
            known = np.isfinite(cells)
            filled = np.where(known, cells, self.fill)
            days = filled - self.origin if self.origin else filled
            scaled = ((days - self.mean) / self.sd)[:, None]
            return np.concatenate([scaled, *(self._part(part, cells, known) for part in self.parts)], axis=1)
        position = {category: index for index, category in enumerate(self.categories)}
        found = np.array([position.get(cell, -1) for cell in cells.tolist()], dtype=np.int64)
        return _one_hot(found, len(self.categories))

    def _part(self, part: str, cells: Column, known: NDArray[np.bool_]) -> NDArray[np.float64]:
        of = PARTS[part].of
        found = [of(moment(days)) if held else -1 for days, held in zip(cells.tolist(), known.tolist(), strict=True)]
        return _one_hot(np.array(found, dtype=np.int64), len(PARTS[part].names))

    def data(self) -> dict[str, Any]:
        """The encoder as plain data for JSON, numbers to the bit."""
        data = {field.name: getattr(self, field.name) for field in fields(self)}
        categories = list(self.categories) if self.categories is not None else None
        return {**data, "plan": self.plan.data(), "categories": categories, "parts": list(self.parts)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Encoder:
        """The encoder of such plain data. Raises KeyError or TypeError where it is something else."""
        categories = tuple(data["categories"]) if data["categories"] is not None else None
        read = {"plan": Plan.of(data["plan"]), "categories": categories, "parts": tuple(data["parts"])}
        return cls(**{field.name: data[field.name] for field in fields(cls)} | read)


def _one_hot(found: NDArray[np.int64], width: int) -> NDArray[np.float64]:
    """(n, width) with a one at each index; an index of -1 is all zeros."""
    one_hot = np.zeros((len(found), width))
    known = np.flatnonzero(found >= 0)
    one_hot[known, found[known]] = 1.0
    return one_hot


def fit(
    table: Table, column: str, rows: NDArray[np.int64], standardize: bool, parts: tuple[str, ...] = ()
) -> tuple[Encoder, str | None]:
    """The encoder of a column by its training `rows`, and a warning where not every category becomes an input.

    The mean is that of the numbers present, the standard deviation that of all (divisor n) once it is filled in.
    Raises InputError where there is no value, or where float64 overflows.
    """
    cells = table.columns[column][rows]
    plan = table.fact(column).plan
    present = cells[~missing_cells(cells)]
    if len(present) == 0:
        raise InputError(f"{_where(table, column)}: no training row holds a value. To leave it out: {drop_hint(column)}.")
    if is_text(cells):
        return _fit_text(table, column, plan, present, whole=len(present) == len(rows))
    numbers = present.astype(np.float64)
    origin = float(numbers.min()) if plan.kind == "date" else 0.0
    dated = parts if plan.kind == "date" else ()
    if numbers.min() == numbers.max():
        mean = float(numbers[0]) - origin if standardize else 0.0
        constant = Encoder(column, plan, None, float(numbers[0]), mean, constant=True, origin=origin, parts=dated)
        return constant, None
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(numbers.mean())
        sd = float(np.where(missing_cells(cells), mean, cells).std())
    if not np.isfinite([mean, sd]).all():
        largest = np.abs(numbers).max()
        raise InputError(
            f"{_where(table, column)}: numbers up to {largest:g} are too large to scale. Rescale them."
            f" To leave it out: {drop_hint(column)}."
        )
    scale = (mean - origin if standardize else 0.0, sd if standardize and sd > 0 else 1.0)
    return Encoder(column, plan, None, mean, *scale, origin=origin, parts=dated), None


def _fit_text(table: Table, column: str, plan: Plan, present: Column, *, whole: bool) -> tuple[Encoder, str | None]:
    texts = Counter(present.tolist())
    # The most frequent ones; among equals the first by name.
    kept = sorted(sorted(texts), key=lambda text: -texts[text])[:MAX_CATEGORIES]
    warning = None
    if len(texts) > len(kept):
        rest = len(present) - sum(texts[text] for text in kept)
        warning = (
            f"{_where(table, column)}: {len(texts)} categories; the {MAX_CATEGORIES} most frequent become inputs, the others, in"
            f" {rest} of {len(present)} training rows, are all zeros. To leave it out: {drop_hint(column)}."
        )
    return Encoder(column, plan, tuple(sorted(kept)), constant=len(kept) == 1 and whole), warning


def _where(table: Table, column: str) -> str:
    return f"{table.name}: column {shown(column)}"
