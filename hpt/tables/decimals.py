"""Whether a file writes 1.5 or 1,5: decided once for the file, from all columns together."""

from __future__ import annotations

from collections.abc import Iterable

from hpt.foundation.errors import InputError
from hpt.tables import numbers
from hpt.tables.numbers import Decimal
from hpt.tables.raw import RawColumn, RawTable
from hpt.tables.wording import shown

_SAMPLE = 500


def decimal_of(raw: RawTable, columns: Iterable[str]) -> Decimal:
    """The decimal sign of a file, told from `columns`.

    A cell such as `0,5` or `1.234,56` tells; `1,234` does not. Where none tells, three digits after a sign in a column that
    also holds shorter whole numbers are thousands; else a file with `;` between its cells writes `,`.
    Raises InputError where two columns tell otherwise.
    """
    columns = list(columns)
    if raw.delimiter in (",", None) and not any(b"," in piece for name in columns for piece in raw.columns[name].packed):
        return "."
    told: dict[Decimal, tuple[str, str]] = {}
    grouped = {",": False, ".": False}
    open_commas = False
    for name in columns:
        column = raw.columns[name]
        texts = _numeric(column)
        for text in texts:
            sign = numbers.decimal_of(text)
            if sign is not None:
                told.setdefault(sign, (name, text))
        grouped = {mark: before or _beside_whole(texts, mark) for mark, before in grouped.items()}
        open_commas = open_commas or any("," in text for text in texts)
    if len(told) == 2:
        (first, one), (second, other) = told["."], told[","]
        raise InputError(
            f"{raw.name}: column {shown(first)} holds {shown(one)}, column {shown(second)} {shown(other)}: is the decimal sign"
            " a point or a comma? Set data.decimal: point or comma."
        )
    if told:
        return next(iter(told))
    if grouped["."] and not grouped[","]:
        return ","
    return "," if open_commas and not grouped[","] and raw.delimiter == ";" else "."


def _numeric(column: RawColumn) -> list[str]:
    """Different cells of a column where at least half are numbers in one way or the other: of one with commas all, else some."""
    counts: set[str] = set()
    every = any(b"," in piece for piece in column.packed)
    for piece in column.packed:
        counts.update(cell.strip() for cell in piece.decode("utf-8", "surrogatepass").split("\0"))
        if not every:
            break
    held = [text for text in sorted(counts) if not numbers.is_nothing(text)]
    held = held if every else held[:: max(1, len(held) // _SAMPLE)]
    found = [text for text in held if numbers.read(text, ".") is not None or numbers.read(text, ",") is not None]
    return found if 2 * len(found) >= len(held) else []


def _beside_whole(texts: Iterable[str], mark: str) -> bool:
    """Whether cells with one `mark` before three digits stand beside whole numbers of at most three digits."""
    every = [text.lstrip("+-−(").rstrip(")") for text in texts]
    parted = any(mark in text for text in every)
    whole = [text for text in every if text.isdecimal()]
    return parted and bool(whole) and all(len(text) <= 3 for text in whole)
