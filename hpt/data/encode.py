"""From a column to inputs: numbers are filled and scaled, text becomes one-hot, all by what the training rows hold."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hpt.data.tables import Column, Table, drop_hint, is_text, listed, missing_cells, shown
from hpt.foundation.errors import InputError

MAX_CATEGORIES = 100
MISREAD_SHARE = 0.9


@dataclass(frozen=True, slots=True)
class Encoder:
    """How the cells of one column become inputs.

    categories: of a text column, sorted; None for numbers. fill: what a missing number counts as.
    mean, sd: of the scaling; 0 and 1 for text. constant: whether the training rows hold one value only.
    """

    column: str
    categories: tuple[str, ...] | None
    fill: float = 0.0
    mean: float = 0.0
    sd: float = 1.0
    constant: bool = False

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the inputs."""
        if self.categories is None:
            return (self.column,)
        return tuple(f"{self.column}={category}" for category in self.categories)

    def apply(self, cells: Column) -> NDArray[np.float64]:
        """(n, inputs) for (n,) cells. A missing text, or one the training rows do not hold, is all zeros."""
        if self.categories is None:
            filled = np.where(np.isfinite(cells), cells, self.fill)
            return ((filled - self.mean) / self.sd)[:, None]
        position = {category: index for index, category in enumerate(self.categories)}
        found = np.array([position.get(cell, -1) for cell in cells.tolist()], dtype=np.int64)
        one_hot = np.zeros((len(cells), len(self.categories)))
        known = np.flatnonzero(found >= 0)
        one_hot[known, found[known]] = 1.0
        return one_hot

    def unseen(self, cells: Column) -> dict[str, int]:
        """The texts among `cells` that the training rows do not hold, with how often each stands there."""
        if self.categories is None:
            return {}
        counts = Counter(cell for cell in cells.tolist() if cell is not None)
        return {text: count for text, count in sorted(counts.items()) if text not in self.categories}


def fit(table: Table, column: str, rows: NDArray[np.int64], standardize: bool) -> tuple[Encoder, str | None]:
    """The encoder of a column by its training `rows`, and a warning where text looks like numbers.

    The mean is that of the numbers present, the standard deviation that of all (divisor n) once it is filled in.
    Raises InputError where there is no value, where there are too many categories, or where float64 overflows.
    """
    cells = table.columns[column][rows]
    present = cells[~missing_cells(cells)]
    if len(present) == 0:
        raise InputError(f"{_where(table, column)}: no training row holds a value. To leave it out: {drop_hint(column)}.")
    if is_text(cells):
        return _fit_text(table, column, rows, present)
    numbers = present.astype(np.float64)
    if numbers.min() == numbers.max():
        return Encoder(column, None, float(numbers[0]), float(numbers[0]) if standardize else 0.0, constant=True), None
    with np.errstate(over="ignore", invalid="ignore"):
        mean = float(numbers.mean())
        sd = float(np.where(missing_cells(cells), mean, cells).std())
    if not np.isfinite([mean, sd]).all():
        largest = np.abs(numbers).max()
        raise InputError(
            f"{_where(table, column)}: numbers up to {largest:g} are too large to scale. Rescale them."
            f" To leave it out: {drop_hint(column)}."
        )
    return Encoder(column, None, mean, mean if standardize else 0.0, sd if standardize and sd > 0 else 1.0), None


def _fit_text(table: Table, column: str, rows: NDArray[np.int64], present: Column) -> tuple[Encoder, str | None]:
    texts = Counter(present.tolist())
    where = _where(table, column)
    refuse_commas(texts, where)
    categories = tuple(sorted(texts))
    numbers = sum(count for text, count in texts.items() if is_number(text))
    stray = stray_text(table, column)
    misread = f"{where} is read as text, though most of its cells are numbers, because of {stray}."
    is_misread = numbers >= MISREAD_SHARE * len(present)
    if len(categories) > MAX_CATEGORIES:
        raise InputError(
            f"{misread if is_misread else f'{where} is text: {stray}.'} It has {len(categories)} categories,"
            f" at most {MAX_CATEGORIES} become one-hot. To leave it out: {drop_hint(column)}."
        )
    constant = len(categories) == 1 and len(present) == len(rows)
    return Encoder(column, categories, constant=constant), misread if is_misread else None


def _where(table: Table, column: str) -> str:
    return f"{table.name}: column {shown(column)}"


def stray_text(table: Table, column: str) -> str:
    """The first cell of a text column that is not a number, and its place: `'abc' (wine.csv:17)`."""
    cells = table.columns[column].tolist()
    row = next(
        (row for row, cell in enumerate(cells) if cell is not None and not is_number(cell)),
        next(row for row, cell in enumerate(cells) if cell is not None),
    )
    return f"{shown(cells[row])} ({table.place(row)})"


def refuse_commas(texts: Iterable[str], where: str) -> None:
    """Raises InputError where all texts are numbers but for commas: as categories they would lose their order."""
    every = list(texts)
    with_comma = [text for text in every if "," in text]
    if with_comma and all(is_number(text.replace(",", "")) for text in every):
        raise InputError(f"{where}: {shown(with_comma[0])} has a comma in it. Write 1.5 for 1,5 and 1000 for 1,000.")


def unseen_warning(encoder: Encoder, cells: Column, part: str) -> str | None:
    """What to say where a part holds texts that the training rows do not."""
    unseen = encoder.unseen(cells)
    if not unseen:
        return None
    return (
        f"column {shown(encoder.column)}: {listed(unseen)}, in {sum(unseen.values())} {part} rows,"
        " stands in no training row and counts as no category (all zeros)."
    )


def is_number(text: str) -> bool:
    """Whether `text` reads as a number, without the underscores that Python would take."""
    try:
        float(text)
    except ValueError:
        return False
    return "_" not in text
