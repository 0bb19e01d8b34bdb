"""Nodes checked against rows: one reader for every key of every section.

A *cell* is what a key holds: a constant, a Range or Values, a tuple that may hold those, or (kind `row`) a mapping of cells.
A value that was complained about reads as the row's default, so that reading goes on and finds the rest.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from fractions import Fraction
from typing import Any

from hpt.configuration.diagnostics import Complaints, Place, listed, shortened
from hpt.configuration.messages import FORM_KEYS, aliases, convert, describe, is_none, shown, within
from hpt.configuration.suggestions import remedy
from hpt.configuration.yaml_scalars import number
from hpt.configuration.yaml_tree import Broken, List, Map, Node, Scalar
from hpt.foundation.catalogue import Entry, Hyperparameter, Range, Search, Values, nearest
from hpt.foundation.scales import DEFAULT_SCALE, SCALES

SCALE = Hyperparameter("scale", "choice", DEFAULT_SCALE, "how the range is searched", choices=tuple(SCALES))


def filled(row: Hyperparameter) -> Any:
    """The default of `row` as a cell: for kind `row`, with every hyperparameter of the entry that the default names."""
    if row.kind != "row" or row.table is None or row.default is None:
        return row.default
    if (entry := single(row)) is not None:
        return in_force({h.name: filled(h) for h in entry.hyperparameters} | row.default)
    given = row.default if isinstance(row.default, Mapping) else {row.row_key: row.default}
    entry = row.table[given[row.row_key]]
    return {row.row_key: entry.name, **{h.name: given.get(h.name, filled(h)) for h in entry.hyperparameters}}


def single(row: Hyperparameter) -> Entry | None:
    """The only entry of the row's table: such a row is a plain mapping, which names no entry."""
    entries = tuple((row.table or {}).values())
    return entries[0] if len(entries) == 1 else None


def in_force(cells: Mapping[str, Any]) -> dict[str, Any]:
    """`cells` without those that are None."""
    return {name: cell for name, cell in cells.items() if cell is not None}


def long_form(row: Hyperparameter, node: Node) -> Node:
    """`adam` as `{name: adam}`: a text in place of a mapping is what stands under the row key, where there is one."""
    if row.kind == "row" and row.row_key and isinstance(node, Scalar) and isinstance(node.value, str):
        return Map({row.row_key: node}, {row.row_key: node.place}, node.place)
    return node


@dataclass(slots=True)
class Reader:
    """Reads nodes into cells.

    searching: whether ranges are allowed; without, each is complained about.
    homes: the dotted path of each known key and alias, for hints. places: the place of each dotted path read so far.
    """

    complaints: Complaints
    searching: bool
    homes: Mapping[str, str] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)

    def place_of(self, path: str) -> Place:
        """The place of `path`, or of the nearest mapping around it that was written."""
        while path and path not in self.places:
            path = path.rpartition(".")[0]
        return self.places[path]

    def mapping(
        self, rows: Iterable[Hyperparameter], node: Map, path: str, *, owner: str = "", fixed: bool = False
    ) -> dict[str, Any]:
        """The cell of each of `rows`, defaults where `node` is silent. `owner` is whose keys they are, for messages."""
        known = {row.name: row for row in rows}
        for key in node.items:
            if key not in known:
                self.unknown(key, known, node, path, owner)
        return {name: self.member(row, node, _under(path, name), fixed=fixed) for name, row in known.items()}

    def member(self, row: Hyperparameter, parent: Map, path: str, *, fixed: bool = False) -> Any:
        """The cell of `row` in `parent`, its default where it is not written."""
        if row.name in parent.items:
            self.places[path] = parent.keys[row.name]
            return self.cell(row, parent.items[row.name], path, fixed=fixed)
        if row.default is None and not row.optional:
            meant = [key for key in parent.items if aliases([row]).get(key.lower()) == row.name]
            found = (
                f"found {shortened(meant[0])}. Did you mean {row.name}?" if meant else "found nothing. This key is required."
            )
            self.complaints.add(parent.place, path, f"expected {describe(row)}, {found}")
        return filled(row)

    def unknown(self, key: str, known: Mapping[str, Hyperparameter], node: Map, path: str, owner: str) -> None:
        """Complains about a key that is not among `known`, with the right spelling or the right place for it."""
        names = aliases(known.values())
        near = nearest(key, known, names)
        home = self.homes.get(key.lower())
        if home is not None and f"{path}.".startswith(f"{home.rpartition('.')[0]}."):
            home = None
        if near is not None and near != key:
            # What is spelt like a key here may be, letter by letter, one of another place.
            elsewhere = home is not None and near != names.get(key.lower()) and "." in home
            hint = f"Did you mean {near}, or {home}?" if elsewhere else f"Did you mean {near}?"
        elif home is not None:
            hint = f"Did you mean {home}?" if "." in home else f"{home} stands at the top level."
        else:
            hint = f"Known: {listed(known)}." if known else "It has none."
        whose = f"a key of {owner or path}" if owner or path else "a section"
        self.complaints.add(
            node.keys[key], _under(path, shortened(key)), f"expected {whose}, found {shortened(key)}. {hint}"
        )

    def cell(self, row: Hyperparameter, node: Node, path: str, *, fixed: bool = False) -> Any:
        """What `node` says of `row`. fixed: only constants are allowed, in this place, whatever the command."""
        if isinstance(node, Broken):
            return filled(row)
        if isinstance(node, Map) and _is_search(row, node):
            return self._search_or_complaint(row, node, path, fixed=fixed or row.scope == "never")
        if row.length is not None:
            return self._members(row, node, path, fixed=fixed)
        if row.kind == "row":
            return self._row(row, node, path, fixed=fixed or row.scope == "never")
        return self._constant(row, node, path)

    def _constant(self, row: Hyperparameter, node: Node, path: str) -> Any:
        if is_none(row, node):
            return None
        if isinstance(node, Scalar):
            value = convert(row, node)
            if value is not None and within(row, value):
                return value
        self._expected(row, node, path)
        return filled(row)

    def _members(self, row: Hyperparameter, node: Node, path: str, *, fixed: bool) -> Any:
        if is_none(row, node):
            return None
        if not isinstance(node, List) or (row.length and len(node.items) != row.length):
            self._expected(row, node, path)
            return filled(row)
        self.places |= {_under(path, str(i)): item.place for i, item in enumerate(node.items)}
        return tuple(
            self.cell(_member(row, i), item, _under(path, str(i)), fixed=fixed) for i, item in enumerate(node.items)
        )

    def _row(self, row: Hyperparameter, node: Node, path: str, *, fixed: bool) -> Any:
        if is_none(row, node):
            return None
        entry, written = self.entry(row, long_form(row, node), path)
        if entry is None or written is None:
            return filled(row)
        if single(row) is not None:
            return in_force(self.mapping(entry.hyperparameters, written, path, fixed=fixed))
        cells = self.mapping(entry.hyperparameters, written, path, owner=entry.name, fixed=fixed)
        return {row.row_key: entry.name, **cells}

    def entry(self, row: Hyperparameter, node: Node, path: str) -> tuple[Entry | None, Map | None]:
        """The entry that `node` names under the row key, and the mapping without that key; None after a complaint."""
        if not isinstance(node, Map):
            self._expected(row, node, path)
            return None, None
        if (only := single(row)) is not None:
            return only, node
        table = row.table or {}
        default = row.default if isinstance(row.default, str) else None
        choice = Hyperparameter(row.row_key, "choice", default, row.help, choices=tuple(table))
        name = self.member(choice, node, _under(path, row.row_key), fixed=True)
        rest = Map({key: value for key, value in node.items.items() if key != row.row_key}, node.keys, node.place)
        return (table[name], rest) if name is not None else (None, None)

    def _search_or_complaint(self, row: Hyperparameter, node: Map, path: str, *, fixed: bool) -> Any:
        if fixed:
            why = "it is the same in every trial of a study" if row.scope == "never" else "ranges do not nest"
            self.complaints.add(
                node.place, path, f"expected a constant ({why}), found {shown(node)}. Write {describe(row)}."
            )
            return filled(row)
        search = self._values(row, node, path) if "values" in node.items else self._range(row, node, path)
        if not self.searching:
            advice = f"Use `hpt tune` to search it, or --set {path}=VALUE to fix it."
            self.complaints.add(node.place, path, f"expected a constant, found {shown(node)}. {advice}")
        return filled(row) if search is None else search

    def _values(self, row: Hyperparameter, node: Map, path: str) -> Search | None:
        for key in node.items:
            if key != "values":
                self.complaints.add(
                    node.keys[key], _under(path, key), f"expected values alone, found {shortened(key)} beside it."
                )
        written = node.items["values"]
        path = _under(path, "values")
        if not isinstance(written, List) or not written.items:
            if not isinstance(written, Broken):
                self.complaints.add(written.place, path, f"expected a list of values, found {shown(written)}.")
            return None
        before = len(self.complaints)
        members = tuple(self.cell(row, item, _under(path, str(i)), fixed=True) for i, item in enumerate(written.items))
        if len(self.complaints) > before or any(isinstance(item, Broken) for item in written.items):
            return None
        seen: set[str] = set()
        for item, member in zip(written.items, members, strict=True):
            # repr tells 1, 1.0 and True apart.
            if repr(member) in seen:
                self.complaints.add(item.place, path, f"expected each value once, found {shown(item)} again.")
            seen.add(repr(member))
        return Values(members)

    def _range(self, row: Hyperparameter, node: Map, path: str) -> Search | None:
        if row.length is not None or row.kind not in ("float", "integer"):
            advice = (
                "Write a list whose members are ranges." if row.length is not None else "Use {values: […]} to search it."
            )
            self.complaints.add(node.place, path, f"expected {describe(row)}, found {shown(node)}. {advice}")
            return None
        bound = replace(row, default=None, optional=False, words=(), search=None)
        step = replace(bound, name="step", low=0, open_low=True, high=None, optional=True)
        before = len(self.complaints)
        rows = (replace(bound, name="min"), replace(bound, name="max"), SCALE, step)
        cells = self.mapping(rows, node, path, owner="a range", fixed=True)
        if len(self.complaints) > before or None in (cells["min"], cells["max"]):
            return None
        search = Range(**cells)
        for key, text in _faults(row, search, node):
            self.complaints.add(node.keys.get(key, node.place), _under(path, key), text)
        return search if len(self.complaints) == before else None

    def _expected(self, row: Hyperparameter, node: Node, path: str) -> None:
        if not isinstance(node, Broken):
            text = f"expected {describe(row)}, found {shown(node)}.{remedy(row, node)}"
            self.complaints.add(node.place, path, text)


def _member(row: Hyperparameter, index: int) -> Hyperparameter:
    """The row of one member of a list."""
    search = row.search[index] if isinstance(row.search, tuple) and index < len(row.search) else None
    return replace(row, length=None, optional=False, default=None, search=search)


def _is_search(row: Hyperparameter, node: Map) -> bool:
    """Whether `node` is a range or values. A row's own mapping may have a key such as `min`, never `values`."""
    return any(key in node.items for key in (("values",) if row.kind == "row" else FORM_KEYS))


def _faults(row: Hyperparameter, search: Range, node: Map) -> Iterable[tuple[str, str]]:
    """What is wrong between the parts of a range, by the key to blame."""
    usual = row.search if isinstance(row.search, Range) and row.search.scale == search.scale else None
    kind = "an integer" if row.kind == "integer" else "a number"
    scale = search.scaling
    if scale.above is not None and search.min <= scale.above:
        advice = f" Try {number(usual.min)}." if usual else ""
        yield (
            "min",
            f"expected {kind} above {scale.above} (scale: {scale.name}), found {shown(node.items['min'])}.{advice}",
        )
    if row.kind == "integer" and not scale.integers:
        fitting = " or ".join(other.name for other in SCALES.values() if other.integers)
        yield "scale", f"expected {fitting} for an integer, found {scale.name}."
    elif scale.below is not None and search.max >= scale.below:
        advice = f" Try {number(usual.max)}." if usual else ""
        yield (
            "max",
            f"expected {kind} below {scale.below} (scale: {scale.name}), found {shown(node.items['max'])}.{advice}",
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


def _under(path: str, key: str) -> str:
    return f"{path}.{key}" if path else key
