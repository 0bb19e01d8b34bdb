"""The catalogue: what can be named in a file, and the hyperparameters of each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from hpt.foundation.catalogue import Entry, Hyperparameter, Range, Search, Values
from hpt.foundation.scales import DEFAULT_SCALE
from hpt.view.formats import literal
from hpt.view.page import Block, Column, Line, Page, Section, Sentence, Table

_LEAST_CELL = 10


def catalogue_page(tables: Mapping[str, Mapping[str, Entry]], *, full: bool) -> Page:
    """Each kind under its name: a line an entry, or every entry in `full`."""
    sections: list[Section] = []
    for kind, entries in tables.items():
        if full:
            sections += [section for entry in entries.values() for section in entry_sections(entry)]
        else:
            sections.append([Line(kind, "strong"), catalogue_table(entries)])
    return Page(sections)


def catalogue_table(entries: Mapping[str, Entry]) -> Table:
    """One line an entry: its name and what it does."""
    summaries = [entry.summary for entry in entries.values()]
    return Table([Column("name", list(entries)), Column("summary", summaries, importance=1, shrinks_to=_LEAST_CELL)])


def entry_sections(entry: Entry) -> list[Section]:
    """One entry in full: what it does, its formula and reference; then each hyperparameter."""
    head: list[Block] = [Line(entry.name, "strong"), Sentence(entry.summary, indented=True)]
    head += [Sentence(statement, "formula", indented=True) for statement in filter(None, entry.formula.split("; "))]
    head += [Sentence(entry.reference, "muted", indented=True)] if entry.reference else []
    return [head, [_hyperparameters(entry.hyperparameters)]] if entry.hyperparameters else [head]


def allowed(hyperparameter: Hyperparameter) -> str:
    """The values a hyperparameter may take: an interval, or words with a bar between them."""
    words = {
        "boolean": ("true", "false"),
        "choice": hyperparameter.choices,
        "row": tuple(hyperparameter.table or ()),
        "text": ("text",),
        "settings": ("values by dotted path",),
        "constant": ("number", "true", "false", "text"),
    }.get(hyperparameter.kind) or (_interval(hyperparameter),)
    if hyperparameter.keyed:
        words = (f"mapping to: {' | '.join(words)}",)
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


def _hyperparameters(hyperparameters: Sequence[Hyperparameter]) -> Table:
    """A table of them; below each what it may be and what it does."""
    groups = [_members(hyperparameter) for hyperparameter in hyperparameters]
    names, defaults, searches = zip(*(member for group in groups for member in group), strict=True)
    details = []
    for hyperparameter, group in zip(hyperparameters, groups, strict=True):
        details += [""] * (len(group) - 1) + [f"{allowed(hyperparameter)}  {hyperparameter.help}"]
    columns = [
        Column("hyperparameter", names),
        Column("default", defaults, spell=literal, importance=1, shrinks_to=_LEAST_CELL),
        Column("searched", searches, spell=searched, importance=2, shrinks_to=_LEAST_CELL),
    ]
    return Table(columns, details=details)


def _members(hyperparameter: Hyperparameter) -> list[tuple[str, Any, Search | None]]:
    """Name, default and search space; of a list searched member by member those of each."""
    name, default, search = hyperparameter.name, hyperparameter.default, hyperparameter.search
    if not isinstance(search, tuple):
        return [(name, default, search)]
    return [(f"{name}.{index}", *member) for index, member in enumerate(zip(default, search, strict=True))]
