"""The parameters of trials under short names, so that branches share columns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from hpt.view.formats import literal
from hpt.view.page import BLANK, Column
from hpt.view.text import plain

# Words that say nothing without the one before them: `schedule.type`, as `betas.0`.
_DEPENDENT = frozenset({"type", "name"})


def short_names(records: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The shortest ending of each dotted path that tells the paths of any one record apart.

    Paths that never meet in a record may share a name: `optimizer.adam.learning_rate` and `optimizer.sgd.learning_rate`
    are both `learning_rate`.
    """
    companies = [tuple(keys) for keys in dict.fromkeys(tuple(record) for record in records)]
    lengths = {path: _least_length(path.split(".")) for company in companies for path in company}

    def name(path: str) -> str:
        return ".".join(path.split(".")[-lengths[path] :])

    while True:
        crowded = set()
        for company in companies:
            names = [name(path) for path in company]
            crowded |= {path for path in company if names.count(name(path)) > 1}
        growing = [path for path in crowded if lengths[path] < path.count(".") + 1]
        if not growing:
            return {path: name(path) for path in lengths}
        for path in growing:
            lengths[path] += 1


def parameter_columns(records: Sequence[Mapping[str, Any]], typical: Sequence[Mapping[str, Any]] = ()) -> list[Column]:
    """A column for each short name: what most records have first, the optimizer's own before the others.

    typical: records that are not shown, which decide on the columns and their order in place of `records`.
    """
    names = short_names([*typical, *records])
    rows = [{names[path]: value for path, value in record.items()} for record in records]
    deciding = [{names[path]: value for path, value in record.items()} for record in typical or records]
    paths = {title: path for path, title in reversed(names.items())}

    def place(title: str) -> tuple[int, bool]:
        return -sum(title in row for row in deciding), not paths[title].startswith("optimizer")

    return [_column(title, rows) for title in sorted(dict.fromkeys(names.values()), key=place)]


def parameter_texts(record: Mapping[str, Any]) -> list[str]:
    """The parameters of one trial as `name=value`, the optimizer and its own first."""
    names = short_names([record])
    paths = sorted(record, key=lambda path: not path.startswith("optimizer"))
    return [f"{plain(names[path])}={literal(record[path])}" for path in paths]


def _column(title: str, rows: Sequence[Mapping[str, Any]]) -> Column:
    numeric = all(_is_number(row[title]) for row in rows if title in row)
    cells = [row.get(title, BLANK) for row in rows]
    return Column(title, cells, "point" if numeric else "left", literal, spills=True)


def _is_number(value: Any) -> bool:
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _least_length(segments: Sequence[str]) -> int:
    """How many of the last segments it takes to reach a word that can stand alone."""
    for length, segment in enumerate(reversed(segments), start=1):
        if not segment.isdigit() and segment not in _DEPENDENT:
            return length
    return len(segments)
