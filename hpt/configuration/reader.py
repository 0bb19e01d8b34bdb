"""Nodes checked against rows: one reader for every key of every section.

What it reads a node into is a cell (see `cells`). A node with a problem reads as the row's default, so that reading goes on
and finds the other problems.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from fractions import Fraction
from typing import Any

from hpt.configuration.cells import default_cell, only_entry, without_none
from hpt.configuration.constants import NOT_CONSTANT, constant
from hpt.configuration.messages import describe_node, describe_row
from hpt.configuration.suggestions import RANGE, missing_key, remedy, unknown_key
from hpt.foundation.catalogue import Entry, Hyperparameter, Range, Search, Values
from hpt.foundation.scales import DEFAULT_SCALE, SCALES
from hpt.yaml.diagnostics import Location, Problems, shortened
from hpt.yaml.scalars import number
from hpt.yaml.tree import Broken, List, Map, Node, Scalar

FORM_KEYS = ("values", "min", "max", "scale", "step")
SCALE = Hyperparameter("scale", "choice", DEFAULT_SCALE, "how the range is searched", choices=tuple(SCALES))


@dataclass(slots=True)
class Reader:
    """Reads nodes into cells.

    searching: whether ranges are allowed; without, each is a problem. root: the whole tree, short forms written out, for hints.
    locations: where each dotted path that was read so far was written.
    """

    problems: Problems
    searching: bool
    root: Map
    locations: dict[str, Location]

    def mapping(
        self,
        rows: Iterable[Hyperparameter],
        node: Map,
        path: str,
        *,
        owner: str = "",
        fixed: bool = False,
        apart: Collection[str] = (),
    ) -> dict[str, Any]:
        """The cell of each of `rows`, defaults where `node` does not write it.

        owner: whose keys they are, for messages. apart: keys of `node` that the caller reads.
        """
        known = {row.name: row for row in rows}
        for key in node.items:
            if key not in known and key not in apart:
                self._unknown(key, known, node, path, owner)
        read = (row for row in known.values() if row.name not in apart)
        return {row.name: self._member(row, node, _under(path, row.name), fixed=fixed) for row in read}

    def cell(self, row: Hyperparameter, node: Node, path: str, *, fixed: bool = False) -> Any:
        """What `node` says of `row`. fixed: only a constant is allowed here, whatever the command."""
        if isinstance(node, Broken):
            return _default(row, path)
        if (
            isinstance(node, Map)
            and not row.keyed
            and row.kind != "settings"
            and not _is_section(row, path)
            and _is_search(row, node)
        ):
            return self._search(row, node, path, fixed=fixed or row.scope == "never")
        value = constant(row, node)
        if value is not NOT_CONSTANT:
            return value
        return self._composed(row, node, path, fixed=fixed)

    def _composed(self, row: Hyperparameter, node: Node, path: str, *, fixed: bool) -> Any:
        """What `node` says of a `row` that is a list or a mapping of some kind."""
        if row.keyed or row.length is not None:
            return self._keyed(row, node, path) if row.keyed else self._list(row, node, path, fixed=fixed)
        if row.kind == "row":
            return self._entry(row, node, path, fixed=fixed or row.scope == "never")
        if row.kind == "settings" and isinstance(node, Map):
            return dict(self._settings(node, path))
        return self._mismatch(row, node, path)

    def _mismatch(self, row: Hyperparameter, node: Node, path: str) -> Any:
        """Reports that `node` is not what `row` expects, and reads as its default."""
        if not isinstance(node, Broken):
            text = f"expected {describe_row(row)}, found {describe_node(node)}.{remedy(row, node)}"
            self.problems.add(node.location, path, text)
        return _default(row, path)

    def _unknown(self, key: str, known: Mapping[str, Hyperparameter], node: Map, path: str, owner: str) -> None:
        owner = owner or path
        hint = unknown_key(key, known, path, owner, self.root)
        text = f"expected a key of {owner}, found {shortened(key)}. {hint}"
        self.problems.add(node.keys[key], _under(path, key), text)

    def _member(self, row: Hyperparameter, parent: Map, path: str, *, fixed: bool = False) -> Any:
        """The cell of `row` in `parent`, its default where it is not written."""
        if row.name in parent.items:
            self.locations[path] = parent.keys[row.name]
            return self.cell(row, parent.items[row.name], path, fixed=fixed)
        if row.default is None and not row.optional:
            expected = "this section" if _is_section(row, path) else describe_row(row)
            self.problems.add(parent.location, path, f"expected {expected}, {missing_key(row, parent)}")
        return _default(row, path)

    def _list(self, row: Hyperparameter, node: Node, path: str, *, fixed: bool) -> Any:
        if not isinstance(node, List) or (row.length and len(node.items) != row.length):
            return self._mismatch(row, node, path)
        members = []
        for index, item in enumerate(node.items):
            below = _under(path, str(index))
            self.locations[below] = item.location
            search = row.search[index] if isinstance(row.search, tuple) and index < len(row.search) else None
            member = replace(row, length=None, optional=False, default=None, search=search)
            members.append(self.cell(member, item, below, fixed=fixed))
        return tuple(members)

    def _keyed(self, row: Hyperparameter, node: Node, path: str) -> Any:
        """A mapping from names of the user's own to constants of the row's kind."""
        if not isinstance(node, Map):
            return self._mismatch(row, node, path)
        member = replace(row, keyed=False, default=None, optional=False, words=())
        cells = {}
        for key, item in node.items.items():
            self.locations[_under(path, key)] = node.keys[key]
            cells[key] = constant(member, item)
            if cells[key] is NOT_CONSTANT:
                cells[key] = self._mismatch(member, item, _under(path, key))
        return without_none(cells)

    def _settings(self, node: Map, path: str, below: str = "") -> Iterator[tuple[str, Any]]:
        """Values by dotted path; lists are tuples."""
        for key, item in node.items.items():
            name = _under(below, key)
            self.locations[_under(path, name)] = node.keys[key]
            if isinstance(item, Map):
                yield from self._settings(item, path, name)
            elif not isinstance(item, Broken):
                yield name, _value(item)

    def _entry(self, row: Hyperparameter, node: Node, path: str, *, fixed: bool) -> Any:
        """A mapping with the hyperparameters of the entry that it names under the row key."""
        if not isinstance(node, Map):
            return self._mismatch(row, node, path)
        if (only := only_entry(row)) is not None:
            cells = self.mapping(only.hyperparameters, node, path, fixed=fixed)
            return cells if _is_section(row, path) else without_none(cells)
        table = row.table or {}
        default = row.default if isinstance(row.default, str) else None
        choice = Hyperparameter(row.row_key, "choice", default, row.help, choices=tuple(table))
        name = self._member(choice, node, _under(path, row.row_key), fixed=True)
        if name is None:
            return _default(row, path)
        entry: Entry = table[name]
        cells = self.mapping(entry.hyperparameters, node, path, owner=entry.name, fixed=fixed, apart=(row.row_key,))
        return {row.row_key: entry.name, **cells}

    def _search(self, row: Hyperparameter, node: Map, path: str, *, fixed: bool) -> Any:
        if fixed:
            why = "it is the same in every trial of a study" if row.scope == "never" else "ranges do not nest"
            text = f"expected a constant ({why}), found {describe_node(node)}. Write {describe_row(row)}."
            self.problems.add(node.location, path, text)
            return _default(row, path)
        search = self._values(row, node, path) if "values" in node.items else self._range(row, node, path)
        if not self.searching:
            advice = f"Use `hpt tune` to search it, or --set {path}=VALUE to fix it."
            self.problems.add(node.location, path, f"expected a constant, found {describe_node(node)}. {advice}")
        return _default(row, path) if search is None else search

    def _values(self, row: Hyperparameter, node: Map, path: str) -> Search | None:
        for key in node.items:
            if key != "values":
                self.problems.add(
                    node.keys[key], _under(path, key), f"expected values alone, found {shortened(key)} beside it."
                )
        written = node.items["values"]
        path = _under(path, "values")
        if not isinstance(written, List) or not written.items:
            if not isinstance(written, Broken):
                self.problems.add(written.location, path, f"expected a list of values, found {describe_node(written)}.")
            return None
        before = len(self.problems)
        # A list in a choice may hold ranges: depths with widths of their own.
        members = tuple(
            self.cell(row, item, _under(path, str(i)), fixed=row.length is None or not isinstance(item, List))
            for i, item in enumerate(written.items)
        )
        if len(self.problems) > before or any(isinstance(item, Broken) for item in written.items):
            return None
        seen: set[str] = set()
        for item, member in zip(written.items, members, strict=True):
            # repr tells 1, 1.0 and True apart.
            if repr(member) in seen:
                self.problems.add(item.location, path, f"expected each value once, found {describe_node(item)} again.")
            seen.add(repr(member))
        return Values(members)

    def _range(self, row: Hyperparameter, node: Map, path: str) -> Search | None:
        if row.length is not None or row.kind not in ("float", "integer"):
            advice = (
                "Write a list whose members are ranges." if row.length is not None else "Use {values: […]} to search it."
            )
            self.problems.add(node.location, path, f"expected {describe_row(row)}, found {describe_node(node)}. {advice}")
            return None
        bound = replace(row, default=None, optional=False, words=(), search=None)
        step = replace(bound, name="step", low=0, open_low=True, high=None, optional=True)
        before = len(self.problems)
        rows = (replace(bound, name="min"), replace(bound, name="max"), SCALE, step)
        cells = self.mapping(rows, node, path, owner=RANGE, fixed=True)
        if len(self.problems) > before or None in (cells["min"], cells["max"]):
            return None
        search = Range(**cells)
        for key, text in _conflicts(row, search, node):
            self.problems.add(node.keys.get(key, node.location), _under(path, key), text)
        return search if len(self.problems) == before else None


def _default(row: Hyperparameter, path: str) -> Any:
    """What `row` reads as where nothing usable is written."""
    only = only_entry(row)
    return {h.name: default_cell(h) for h in only.hyperparameters} if only and _is_section(row, path) else default_cell(row)


def _is_section(row: Hyperparameter, path: str) -> bool:
    """Whether `row` is a plain mapping of the configuration itself: it holds all of its keys, those that are none too."""
    return "." not in path and only_entry(row) is not None


def _is_search(row: Hyperparameter, node: Map) -> bool:
    """Whether `node` is a range or values. A row's own mapping may have a key such as `min`, never `values`."""
    return any(key in node.items for key in (("values",) if row.kind == "row" else FORM_KEYS))


def _conflicts(row: Hyperparameter, search: Range, node: Map) -> Iterable[tuple[str, str]]:
    """What is wrong between the bounds, scale and step of a range, by the key to blame."""
    usual = row.search if isinstance(row.search, Range) and row.search.scale == search.scale else None
    kind = "an integer" if row.kind == "integer" else "a number"
    scale = search.scaling
    if scale.above is not None and search.min <= scale.above:
        advice = f" Try {number(usual.min)}." if usual else ""
        yield (
            "min",
            f"expected {kind} above {scale.above} (scale: {scale.name}), found {describe_node(node.items['min'])}.{advice}",
        )
    if row.kind == "integer" and not scale.integers:
        fitting = " or ".join(other.name for other in SCALES.values() if other.integers)
        yield "scale", f"expected {fitting} for an integer, found {scale.name}."
    elif scale.below is not None and search.max >= scale.below:
        advice = f" Try {number(usual.max)}." if usual else ""
        yield (
            "max",
            f"expected {kind} below {scale.below} (scale: {scale.name}), found {describe_node(node.items['max'])}.{advice}",
        )
    if search.min >= search.max:
        yield "max", f"expected {kind} above min ({number(search.min)}), found {number(search.max)}."
    elif search.step is not None and not scale.steps:
        yield "step", f"expected no step with scale: {scale.name}, found {number(search.step)}. Use {{values: […]}}."
    elif search.step is not None and (steps := _exact(search.max) - _exact(search.min)) % _exact(search.step):
        whole = steps // _exact(search.step)
        ends = [_exact(search.min) + count * _exact(search.step) for count in (whole, whole + 1) if count]
        nearby = " or ".join(number(float(end)) for end in ends)
        found = f"max - min = {number(float(steps))} in steps of {number(search.step)}"
        yield "step", f"expected a step that divides the range, found {found}. Try max: {nearby}."


def _exact(value: float) -> Fraction:
    """The decimal number that was written, which a float only comes near."""
    return Fraction(repr(value))


def _value(node: Node) -> Any:
    """A constant, or a list of such as a tuple, whatever it is."""
    if isinstance(node, Scalar):
        return node.value
    return tuple(map(_value, node.items)) if isinstance(node, List) else None


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
