"""What another tool tries of a hyperparameter, as a user writes it here, checked by the hyperparameter's own row."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any

from hpt.configuration.reader import Reader
from hpt.foundation.catalogue import Hyperparameter
from hpt.foundation.errors import InputError
from hpt.importing.foreign import Choice, Constant, Interval, Search
from hpt.importing.names import entry_of
from hpt.yaml.diagnostics import Location, Problems, listed
from hpt.yaml.tree import Map, tree

_NOWHERE = Location("")


class UnfitError(ValueError):
    """A search that the hyperparameter cannot have."""


def written(row: Hyperparameter, search: Search, name: str, notices: list[str]) -> Any:
    """What `row` is to try, as plain data: a constant, a range or values. Raises UnfitError with the reason where it cannot.

    name: of the parameter, for `notices`, which get what had to be changed.
    """
    if row.kind == "choice" or row.table is not None:
        search = _named(row, search, name, notices)
    if isinstance(search, Interval):
        found: Any = _range(row, search, name, notices)
    elif isinstance(search, Choice):
        values = [value for index, value in enumerate(search.values) if value not in search.values[:index]]
        found = values[0] if len(values) == 1 else {"values": values}
    else:
        found = search.value
    if row.scope == "never" and isinstance(found, dict):
        found = _one(row, found, name, notices)
    check(row, found, name)
    return found


def check(row: Hyperparameter, plain: Any, name: str) -> None:
    """Raises UnfitError where a configuration may not say `plain` of `row`."""
    problems = Problems()
    Reader(problems, True, Map({}, {}, _NOWHERE), {}).cell(row, tree(plain, _NOWHERE), name)
    try:
        problems.raise_any()
    except InputError as error:
        _, _, found = error.complaints[0].partition(": expected ")
        raise UnfitError(f"expected {found.removesuffix('.')}") from error


def _named(row: Hyperparameter, search: Search, name: str, notices: list[str]) -> Search:
    """The entries of the catalogue that the values name; those that there are not are left out."""
    known = tuple(row.choices or row.table or ())
    values = _values(search)
    entries = {value: entry_of(value, known) for value in values if isinstance(value, str)}
    if unknown := [value for value in values if not entries.get(value if isinstance(value, str) else "")]:
        if len(unknown) == len(values):
            raise UnfitError(f"expected some of {listed(known)}, found {listed(unknown)}")
        notices.append(f"{name}: {listed(unknown)} left out; {row.name} is one of {listed(known)}.")
    return Choice(tuple(dict.fromkeys(entry for entry in entries.values() if entry)))


def _values(search: Search) -> Sequence[Any]:
    """The values of a choice or constant. Raises UnfitError for a range."""
    if isinstance(search, Interval):
        raise UnfitError(f"expected names, found a range from {search.low:g} to {search.high:g}")
    return search.values if isinstance(search, Choice) else (search.value,)


def _range(row: Hyperparameter, search: Interval, name: str, notices: list[str]) -> Any:
    low, high, step = search.low, search.high, search.step
    integer = row.kind == "integer"
    if integer:
        low, high = math.ceil(low), math.floor(high)
        if (low, high) != (search.low, search.high):
            notices.append(f"{name}: whole numbers from {low} to {high}.")
    else:
        low, high = float(low), float(high)
    if step == 1 and integer:
        step = None
    if step is not None and search.log:
        notices.append(f"{name}: without its step of {step:g}, which a range with scale: log has not.")
        step = None
    if low == high:
        return low
    scale = {"scale": "log"} if search.log else {}
    return {"min": low, "max": high, **scale, **({"step": step} if step is not None else {})}


def _one(row: Hyperparameter, found: dict[str, Any], name: str, notices: list[str]) -> Any:
    """The largest of several numbers, for what is the same in every trial. Raises UnfitError where these are no numbers."""
    values = [found["max"]] if "max" in found else found["values"]
    if not all(isinstance(value, (int, float)) and not isinstance(value, bool) for value in values):
        raise UnfitError("it is the same in every trial of a study")
    notices.append(f"{name}: {row.name} is the same in every trial of a study; the largest, {max(values)}, is taken.")
    return max(values)


def constant(search: Search) -> Any:
    """The value of a constant or of a choice of one, None where there are several."""
    if isinstance(search, Constant):
        return search.value
    return search.values[0] if isinstance(search, Choice) and len(search.values) == 1 else None
