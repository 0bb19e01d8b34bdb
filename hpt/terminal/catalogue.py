"""The catalogue in the terminal: what can be named in a file, and the hyperparameters of each."""

from __future__ import annotations

import textwrap
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from rich.console import Group, RenderableType
from rich.text import Text

from hpt.foundation.catalogue import Entry, Hyperparameter, Range, Search, Values
from hpt.foundation.scales import DEFAULT_SCALE
from hpt.terminal.formats import literal
from hpt.terminal.grid import Column, Fitted, grid
from hpt.terminal.text import clean, plain

_INDENT = 2
_LEAST_CELL = 10


def catalogue_table(entries: Mapping[str, Entry]) -> Fitted:
    """One line an entry: its name and what it does."""
    columns = [
        Column("name", list(entries)),
        Column("summary", [plain(entry.summary) for entry in entries.values()], importance=1, shrinks_to=_LEAST_CELL),
    ]
    return Fitted(lambda width: Group(*grid(columns, width)))


def entry_view(entry: Entry) -> Fitted:
    """One entry in full: what it does, its formula, reference, and each hyperparameter."""
    return Fitted(lambda width: Group(*_entry_lines(entry, width)))


def catalogue_view(tables: Mapping[str, Mapping[str, Entry]], *, full: bool) -> Group:
    """Each kind under its name: a line an entry, or every entry in `full`."""
    parts: list[RenderableType] = []
    for kind, entries in tables.items():
        shown = [entry_view(entry) for entry in entries.values()] if full else [catalogue_table(entries)]
        heading = [] if full else [clean(kind, "bold")]
        parts.extend((*heading, *(part for view in shown for part in (view, clean("")))))
    return Group(*parts[:-1])


def allowed(hyperparameter: Hyperparameter) -> str:
    """The values a hyperparameter may take: an interval, or words with a bar between them."""
    words = {
        "boolean": ("true", "false"),
        "choice": hyperparameter.choices,
        "row": tuple(hyperparameter.table or ()),
        "text": ("text",),
    }.get(hyperparameter.kind) or (_interval(hyperparameter),)
    alternatives = [*words, *hyperparameter.words, *(["none"] if hyperparameter.optional else [])]
    spelled = " | ".join(dict.fromkeys(alternatives))
    return spelled if hyperparameter.length is None else f"list of {hyperparameter.length or 'any'}: {spelled}"


def searched(search: Search | None) -> str:
    """A default search space: `1e-5 to 0.1 log`, `16 to 256 step 16`, `relu, tanh`; empty for none."""
    match search:
        case None:
            return ""
        case Values(values):
            return ", ".join(map(literal, values))
        case Range(low, high, scale, step):
            how = f" step {literal(step)}" if step is not None else "" if scale == DEFAULT_SCALE else f" {scale}"
            return f"{literal(low)} to {literal(high)}{how}"


def _interval(hyperparameter: Hyperparameter) -> str:
    low, high = hyperparameter.low, hyperparameter.high
    left = "(" if low is None or hyperparameter.open_low else "["
    right = ")" if high is None or hyperparameter.open_high else "]"
    lowest = "-∞" if low is None else literal(low)
    highest = "∞" if high is None else literal(high)
    integer = "integer " if hyperparameter.kind == "integer" else ""
    return f"{integer}{left}{lowest}, {highest}{right}"


def _entry_lines(entry: Entry, width: int) -> Iterator[Text]:
    yield clean(entry.name, "bold")
    yield from _prose(entry.summary, width, 1)
    for statement in filter(None, entry.formula.split("; ")):
        yield from _prose(statement, width, 1, "cyan")
    yield from _prose(entry.reference, width, 1, "dim")
    if entry.hyperparameters:
        yield clean("")
        yield from _hyperparameter_lines(entry.hyperparameters, width)


def _hyperparameter_lines(hyperparameters: Sequence[Hyperparameter], width: int) -> Iterator[Text]:
    """A table of them; below each what it may be and what it does."""
    members = [_members(hyperparameter) for hyperparameter in hyperparameters]
    names, defaults, searches = zip(*(member for group in members for member in group), strict=True)
    columns = [
        Column("hyperparameter", names),
        Column("default", [literal(default) for default in defaults], importance=1, shrinks_to=_LEAST_CELL),
        Column("searched", [searched(search) for search in searches], importance=2, shrinks_to=_LEAST_CELL),
    ]
    lines = iter(grid(columns, width))
    yield next(lines)
    for hyperparameter, group in zip(hyperparameters, members, strict=True):
        yield from (next(lines) for _ in group)
        yield from _prose(f"{allowed(hyperparameter)}  {hyperparameter.help}", width, 2, "dim")


def _members(hyperparameter: Hyperparameter) -> list[tuple[str, Any, Search | None]]:
    """Name, default and search space; of a list searched member by member those of each."""
    name, default, search = hyperparameter.name, hyperparameter.default, hyperparameter.search
    if not isinstance(search, tuple):
        return [(name, default, search)]
    return [(f"{name}.{index}", *member) for index, member in enumerate(zip(default, search, strict=True))]


def _prose(text: str, width: int, depth: int, style: str = "") -> Iterator[Text]:
    """Lines of `text` broken between words, `depth` steps from the left."""
    indent = " " * _INDENT * depth
    for line in textwrap.wrap(
        plain(text), max(width, _LEAST_CELL + len(indent)), initial_indent=indent, subsequent_indent=indent
    ):
        yield clean(line, style)
