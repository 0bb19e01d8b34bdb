"""What a column was taken for, and its cells as numbers or texts by that."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hpt.tables import dates, numbers
from hpt.tables.numbers import Decimal

Kind = Literal["number", "category", "date", "text", "identifier", "constant", "index", "drop"]
Column = NDArray[Any]
"""(n,) float64, NaN where a cell is missing; object, of str, None where one is missing; or bool (npz targets)."""

MISSING = frozenset({"", "?", "NA", "na", "N/A", "n/a", "NaN", "nan", "NAN", "null", "Null", "NULL"})
"""Cells that hold nothing, once stripped, in a column of texts. `None` and `-` are categories there in real files."""

NUMERIC = ("number", "date")
LEFT_OUT = ("text", "identifier", "index", "drop")
"""Kinds that give no inputs."""

# It begins with a NUL so that the search goes from cell to cell.
_LEADING_ZERO = re.compile(b"\0[ \t]*[+-]?0[0-9]")
_LARGEST_SURE = 1e15


@dataclass(frozen=True, slots=True)
class Plan:
    """How the cells of a column are read: all that is needed to read those of another file in the same way.

    decimal: the sign before the fraction. unit: what stands beside each number. magnitudes: whether k, M and their like before
    the unit multiply it. date: the format, a name of `dates.FORMATS`.
    nothing: texts that a user says stand for nothing. note: what was seen in the column, for people.
    """

    kind: Kind
    decimal: Decimal = "."
    unit: str = ""
    date: str = ""
    nothing: tuple[str, ...] = ()
    note: str = ""
    magnitudes: bool = False

    @property
    def numeric(self) -> bool:
        """Whether its cells become float64."""
        return self.kind in NUMERIC

    def data(self) -> dict[str, Any]:
        """The plan as plain data for JSON."""
        return {**asdict(self), "nothing": list(self.nothing)}

    @classmethod
    def of(cls, data: Mapping[str, Any]) -> Plan:
        """The plan of such plain data. Raises KeyError or TypeError where it is something else."""
        return cls(**{field.name: data[field.name] for field in fields(cls)} | {"nothing": tuple(data["nothing"])})


@dataclass(frozen=True, slots=True)
class Cells:
    """The cells of a column, read.

    blank: how many held a text that stands for nothing, by that text. strays: the texts that are not what the rest of the
    column is and count as missing, each with how often and in which row first.
    """

    column: Column
    blank: Mapping[str, int]
    strays: Mapping[str, tuple[int, int]]


def convert(written: Sequence[str], plan: Plan, plain: NDArray[np.float64] | None = None) -> Cells:
    """The cells of a column by `plan`, whichever file they come from. plain: their `plain_numbers`, where these are known."""
    if not plan.numeric:
        return Cells(text_column(written, MISSING | set(plan.nothing)), {}, {})
    if plan.kind == "number" and plan.decimal == "." and not plan.unit and not plan.magnitudes and not plan.nothing:
        plain = plain if plain is not None else plain_numbers(written)
        if plain is not None:
            return Cells(plain, _blanks(written, plain), {})
    stripped = [cell.strip() for cell in written]
    counts = Counter(stripped)
    extra = extra_nothing(plan.nothing)
    values = {text: math.nan if numbers.is_nothing(text, extra) else value_of(text, plan) for text in counts}
    blank = {text: counts[text] for text in counts if text and numbers.is_nothing(text, extra)}
    lost = {text for text, value in values.items() if value is None}
    column = np.array([math.nan if (value := values[text]) is None else value for text in stripped], dtype=np.float64)
    first: dict[str, int] = {}
    for row, text in enumerate(stripped if lost else ()):
        if text in lost:
            first.setdefault(text, row)
    return Cells(column, blank, {text: (counts[text], row) for text, row in first.items()})


def value_of(text: str, plan: Plan) -> float | None:
    """The number or the days since 1970 of a stripped cell; None where it is a stray."""
    if plan.kind == "date":
        return dates.read(text, plan.date)
    if plan.decimal == "." and text.casefold() in ("inf", "+inf", "-inf", "infinity", "-infinity"):
        return float(text)
    found = numbers.read(text, plan.decimal)
    if found is not None and plan.magnitudes:
        found = found.multiplied()
    return found.value if found is not None and fits_unit(found, plan.unit) else None


def fits_unit(found: numbers.Written, unit: str) -> bool:
    """Whether a number may stand in a column whose unit is `unit`: beside kilograms a bare 5 is 5 kg, beside per cent or k only 0."""
    return found.unit == unit or (not found.unit and (found.value == 0 or unit not in {"%", "‰", *numbers.MAGNITUDES}))


def plain_numbers(written: Sequence[str], packed: Sequence[bytes] | None = None) -> NDArray[np.float64] | None:
    """The cells as float64, NaN for empty ones, where all are written as programs write numbers; else None.

    packed: the same cells as in `RawColumn`. Leading zeros and integers that a float64 cannot hold are no plain numbers: they may be codes.
    """
    try:
        found = np.fromiter(map(float, written), dtype=np.float64, count=len(written))
    except ValueError:
        try:
            found = np.array([math.nan if cell.strip() in MISSING else float(cell) for cell in written], dtype=np.float64)
        except ValueError:
            return None
    pieces = packed if packed is not None else ["\0".join(written).encode("utf-8", "surrogatepass")]
    if any(b"_" in piece or _LEADING_ZERO.search(b"\0" + piece) for piece in pieces):
        return None
    large = np.flatnonzero(np.abs(found) > _LARGEST_SURE).tolist()
    return None if any(numbers.is_code(written[row].strip()) for row in large) else found


def extra_nothing(nothing: Iterable[str]) -> frozenset[str]:
    """The user's own texts for nothing, a number among them in its usual spellings: `-999` is `-999.0` too."""
    texts = set(nothing)
    for text in nothing:
        if numbers.is_plain(text) and float(text).is_integer():
            texts |= {str(int(float(text))), f"{int(float(text))}.0", f"{int(float(text))}.00", f"{int(float(text))}."}
    return frozenset(texts)


def text_column(cells: Iterable[str], missing: frozenset[str] | set[str] = MISSING) -> NDArray[np.object_]:
    """A text column: cells stripped, missing ones None, equal ones one object."""
    seen: dict[str, str] = {}
    stripped = [cell.strip() for cell in cells]
    column = np.empty(len(stripped), dtype=object)
    column[:] = [None if cell in missing else seen.setdefault(cell, cell) for cell in stripped]
    return column


def _blanks(written: Sequence[str], column: NDArray[np.float64]) -> dict[str, int]:
    counts = Counter(written[row].strip() for row in np.flatnonzero(np.isnan(column)).tolist())
    return {text: count for text, count in counts.items() if text}
