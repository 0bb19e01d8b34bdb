"""From the tree as it is written to the tree as it is meant: short forms written out, overrides put in, branches picked.

`data: digits` stands for `data: {source: digits}`, `model: linear` for `model: {type: linear}`, `choose: [sgd, adam]` for a
mapping of branches, and a branch that is `default` for the ranges that the catalogue gives its optimizer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

from hpt.configuration.cells import default_cell, only_entry
from hpt.configuration.constants import is_none
from hpt.configuration.messages import describe_node
from hpt.configuration.sections import CHOICE, CHOOSE, CONFIGURATION, DEFAULT, OPTIMIZER, VALUES
from hpt.configuration.space import plain
from hpt.foundation.catalogue import Hyperparameter
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.yaml.diagnostics import Location, Problems, shortened
from hpt.yaml.tree import MAX_DEPTH, Broken, List, Map, Node, Scalar, parse, tree


class Override(NamedTuple):
    """A value (YAML) for the node at a dotted path. flag: what says so on the command line, where that is not --set."""

    path: str
    value: str
    flag: str = ""


def resolve(root: Map, overrides: Sequence[Override], optimizers: Sequence[str], problems: Problems) -> Map:
    """`root` as it is meant: short forms written out, `overrides` put in, only the branches `optimizers` if there are any.

    A path is the one in the file (`optimizer.choose.adam.learning_rate`) or the dotted name
    (`optimizer.adam.learning_rate`); members of lists are counted from 0. Later overrides go over earlier ones. Keys are
    checked with the rest of the file. `optimizers` that are no branch of the file get the catalogue's defaults.
    """
    root = _written_out(root)
    for override in overrides:
        root = _written_out(_overridden(root, override, problems))
    return _written_out(_only_branches(root, optimizers)) if optimizers else root


def canonical(label: str, branch: Node) -> str:
    """The label of a branch: the optimizer's own spelling where the label names it, whatever its case."""
    named = isinstance(branch, Map) and OPTIMIZER.row_key in branch.items
    return label.lower() if not named and label.lower() in OPTIMIZERS else label


def _written_out(root: Map) -> Map:
    """`root` with every short form in its long form; what is no form at all stays as it is."""
    node = _long_form(CONFIGURATION, root)
    return node if isinstance(node, Map) else root


def _long_form(row: Hyperparameter, node: Node) -> Node:
    if row is CHOICE:
        return _branches(node)
    if row.alone and isinstance(node, Scalar) and node.value is not None:
        return List((node,), node.location)
    if row.kind != "row" or is_none(row, node):
        return node
    if isinstance(node, List):
        return _each(row, node) if row.length is not None else node
    if row.row_key and isinstance(node, Scalar) and isinstance(node.value, str):
        node = Map({row.row_key: node}, {row.row_key: node.location}, node.location)
    if not isinstance(node, Map):
        return node
    rows = _rows_of(row, node)
    items = {key: _long_form(rows[key], item) if key in rows else item for key, item in node.items.items()}
    if isinstance(values := items.get(VALUES), List):
        items[VALUES] = _each(row, values)
    return Map(items, node.keys, node.location)


def _each(row: Hyperparameter, node: List) -> List:
    return List(tuple(_long_form(replace(row, length=None), item) for item in node.items), node.location)


def _branches(node: Node) -> Node:
    """What stands under `choose` as branches by label. A label that is there twice keeps the case in which it was written."""
    if isinstance(node, List):
        names = [item for item in node.items if isinstance(item, Scalar) and isinstance(item.value, str)]
        locations = {str(item.value): item.location for item in names}
        if len(locations) < len(node.items):
            return node
        node = Map({label: Scalar(DEFAULT, DEFAULT, at) for label, at in locations.items()}, locations, node.location)
    if not isinstance(node, Map):
        return node
    items: dict[str, Node] = {}
    locations = {}
    for written, branch in node.items.items():
        label = canonical(written, branch)
        if label in items or label in node.items:
            label = written
        items[label], locations[label] = _branch(label, branch), node.keys[written]
    return Map(items, locations, node.location)


def _branch(label: str, node: Node) -> Node:
    if isinstance(node, Scalar) and node.value == DEFAULT and label in OPTIMIZERS:
        ranges = {h.name: plain(h.search) for h in OPTIMIZERS[label].hyperparameters if h.search is not None}
        return tree(ranges, node.location)
    return _long_form(replace(OPTIMIZER, default=label), node) if isinstance(node, Map) else node


def _overridden(root: Map, override: Override, problems: Problems) -> Map:
    location = Location(override.flag or f"--set {shortened(override.path, 80)}")
    keys = tuple(override.path.split("."))
    if not all(keys) or len(keys) > MAX_DEPTH:
        problems.add(location, "", "expected a dotted path, such as training.epochs=20, found an empty part or too many.")
        return root
    before = len(problems)
    value = parse(override.value, location, problems, override.path) or Scalar(None, "", location)
    node = root if len(problems) > before else _put(root, CONFIGURATION, _as_written(keys, root), value, problems)
    return node if isinstance(node, Map) else root


def _as_written(keys: tuple[str, ...], root: Map) -> tuple[str, ...]:
    """`keys` as they stand in the file: a branch under `choose`, with its label as it is written there."""
    optimizer = root.items.get(keys[0]) if keys[0] == OPTIMIZER.name else None
    choice = optimizer.items.get(CHOOSE) if isinstance(optimizer, Map) else None
    below = keys[2:] if keys[1:2] == (CHOOSE,) else keys[1:]
    if not isinstance(choice, Map) or not below:
        return keys
    label = next((label for label in (below[0], below[0].lower()) if label in choice.items), None)
    return keys if label is None else (OPTIMIZER.name, CHOOSE, label, *below[1:])


def _put(node: Node, row: Hyperparameter | None, keys: tuple[str, ...], value: Node, problems: Problems) -> Node:
    """`node`, which `row` describes (None: nothing does), with `value` at `keys` below it."""
    if not keys:
        return value
    if isinstance(node, List):
        return _put_member(node, row, keys, value, problems)
    if isinstance(node, Scalar) and node.value in (None, "none") and row is not None and row.kind == "row":
        node = Map({}, {}, value.location)
    if not isinstance(node, Map):
        if not isinstance(node, Broken):
            problems.add(
                value.location, "", f"expected a key with a mapping before .{keys[0]}, found {describe_node(node)}."
            )
        return node
    key, *below = keys
    child_row = None if row is None else _rows_of(row, node).get(key)
    child = node.items.get(key) or _unwritten(child_row, value.location)
    item = _put(child, child_row, tuple(below), value, problems)
    location = node.keys.get(key, value.location) if below else value.location
    return Map({**node.items, key: item}, {**node.keys, key: location}, node.location)


def _put_member(node: List, row: Hyperparameter | None, keys: tuple[str, ...], value: Node, problems: Problems) -> Node:
    if keys[0] not in map(str, range(len(node.items))):
        expected = f"expected the number of a list member, 0 to {len(node.items) - 1}"
        problems.add(value.location, "", f"{expected}, found {shortened(keys[0])}.")
        return node
    index = int(keys[0])
    member = _put(node.items[index], replace(row, length=None) if row else None, keys[1:], value, problems)
    return List((*node.items[:index], member, *node.items[index + 1 :]), node.location)


def _unwritten(row: Hyperparameter | None, location: Location) -> Node:
    """What stands where nothing is written: a list's default, so that one member can be replaced, else a mapping to fill."""
    if row is not None and row.length is not None and row.default is not None:
        return tree(plain(default_cell(row)), location)
    return Map({}, {}, location)


def _only_branches(root: Map, labels: Sequence[str]) -> Map:
    """`root` with a choice between `labels`: the branches it has of these names, the catalogue's defaults for the others."""
    location = Location("--optimizers")
    node = root.items.get(OPTIMIZER.name)
    written: Mapping[str, Node] = {}
    if isinstance(node, Map) and isinstance(choice := node.items.get(CHOOSE), Map):
        written = choice.items
    elif isinstance(node, Map) and len(node.items) > 1 and isinstance(name := node.items.get(OPTIMIZER.row_key), Scalar):
        # A name alone says no more of the optimizer than the label does.
        written = {str(name.value).lower(): node}
    default = Scalar(DEFAULT, DEFAULT, location)
    known = (canonical(label, default) for label in labels)
    branches = {label: written.get(label, default) for label in known}
    choice = Map(branches, dict.fromkeys(branches, location), location)
    return root.with_item(OPTIMIZER.name, Map({CHOOSE: choice}, {CHOOSE: location}, location))


def _rows_of(row: Hyperparameter, node: Map) -> dict[str, Hyperparameter]:
    """The rows of the keys of `node`, as far as it says which entry of the row's table it is."""
    if row is OPTIMIZER and CHOOSE in node.items:
        return {CHOOSE: CHOICE}
    if row is CHOICE:
        return {label: replace(OPTIMIZER, default=label) for label in node.items}
    entry = only_entry(row)
    if entry is None:
        named = node.items.get(row.row_key)
        name = named.value if isinstance(named, Scalar) else row.default
        entry = (row.table or {}).get(name.lower()) if isinstance(name, str) else None
    return {h.name: h for h in entry.hyperparameters} if entry is not None else {}
