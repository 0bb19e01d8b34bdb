"""The row: the one declaration from which validation, search space, schema, `hpt list`, docs and tests derive.

An `Entry` is one thing a user can name. It holds its `Hyperparameter` rows. Each kind of thing (optimizers, losses, data
sets) has a subclass beside its table, with what the kind must say as typed fields. A table is a plain module-level mapping
from name to entry.
"""

from __future__ import annotations

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Literal, TypeVar

from hpt.foundation.scales import DEFAULT_SCALE, SCALES, Scale


@dataclass(frozen=True, slots=True)
class Range:
    """A searched interval, both ends included.

    scale: a name in SCALES. step: divides `max - min`, on a scale that has steps. The bounds are both int or both float,
    as the values are.
    """

    min: float
    max: float
    scale: str = DEFAULT_SCALE
    step: float | None = None

    @property
    def scaling(self) -> Scale:
        """What the scale of that name does."""
        return SCALES[self.scale]

    @property
    def integer(self) -> bool:
        """Whether the values are integers."""
        return isinstance(self.min, int)


@dataclass(frozen=True, slots=True)
class Values:
    """A searched choice between constants, told apart by type too."""

    values: tuple[Any, ...]


Search = Range | Values


@dataclass(frozen=True, slots=True)
class Hyperparameter:
    """One key a user can write.

    kind: `float`, `integer`, `boolean`, `text`; `constant` (any of these); `choice` (one of `choices`); `row` (a name from
        `table`, or a mapping that names it under `row_key` and holds the hyperparameters of that entry); `settings` (a mapping,
        nested or not, that reads as values by dotted path).
    low, high: bounds, inclusive unless `open_low` / `open_high`.
    words: texts allowed beside a number, such as `full` or `auto`.
    optional: whether `none` is allowed (YAML `null` or the word).
    length: how many members a list has; 0 is any number (an empty list too); None is no list. `low`, `high`, `kind` then
        speak of each member, `default` is a tuple.
    alone: whether one value may stand for a list of one.
    keyed: whether it is a mapping from names that the user has (columns, classes) to such values; `default` is a mapping.
    search: the default search space; for a list a tuple with one for each member.
    scope: `member`, may differ between the members of one stack; `stack`, fixes shapes or control flow;
        `never`, a constant in every study.
    """

    name: str
    kind: Literal["float", "integer", "boolean", "text", "constant", "choice", "row", "settings"]
    default: Any
    help: str
    low: float | None = None
    high: float | None = None
    open_low: bool = False
    open_high: bool = False
    choices: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    optional: bool = False
    length: int | None = None
    alone: bool = False
    keyed: bool = False
    table: Mapping[str, Entry] | None = None
    row_key: str = "type"
    search: Search | tuple[Search, ...] | None = None
    scope: Literal["member", "stack", "never"] = "member"
    aliases: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing a user can name: its hyperparameters, its formula and where that comes from.

    Subclasses add the callable that does it, and the facts that the code asks a row for instead of asking for its name.
    """

    name: str
    summary: str
    hyperparameters: tuple[Hyperparameter, ...] = ()
    formula: str = ""
    reference: str = ""

    def defaults(self) -> dict[str, Any]:
        """The default of each hyperparameter, by name."""
        return {h.name: h.default for h in self.hyperparameters}


EntryT = TypeVar("EntryT", bound=Entry)
Table = Mapping[str, EntryT]
"""The entries of one kind by name."""


def table(*entries: EntryT) -> dict[str, EntryT]:
    """A table of `entries` by name, in their order. Raises ValueError when two share a name."""
    rows = {entry.name: entry for entry in entries}
    if len(rows) != len(entries):
        raise ValueError("two rows of a table share a name")
    return rows


def imported(target: str) -> Callable[..., Any]:
    """The callable that `target` names as `module:name`, imported when it is called: a row may name what lies on a higher floor."""

    def call(*args: Any, **keywords: Any) -> Any:
        module, _, name = target.partition(":")
        return getattr(import_module(module), name)(*args, **keywords)

    return call


def nearest(word: str, known: Iterable[str], aliases: Mapping[str, str] | None = None) -> str | None:
    """The known spelling closest to `word`: the name behind an alias first, then by likeness; None if nothing is near."""
    folded = word.strip().lower().replace("-", "_")
    names = {name.lower(): name for name in known}
    if aliases and folded in aliases and aliases[folded].lower() in names:
        return names[aliases[folded].lower()]
    close = difflib.get_close_matches(folded, names, n=3, cutoff=0.6)
    # Fingers that were too fast swap letters. What is no likelier than that to be the same word may mean something else.
    swapped = [name for name in close if sorted(name) == sorted(folded)]
    likely = difflib.get_close_matches(folded, close, n=1, cutoff=0.7)
    return names[(swapped or likely)[0]] if swapped or likely else None
