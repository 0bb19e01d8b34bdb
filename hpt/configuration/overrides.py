"""`--set path=value`: nodes put in place of others before anything is checked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import NamedTuple

from hpt.configuration.diagnostics import Complaints, Place, shortened
from hpt.configuration.messages import shown
from hpt.configuration.reader import filled, long_form, single
from hpt.configuration.sections import CHOOSE, DEFAULT, OPTIMIZER, ROOT, canonical, choices, default_branch
from hpt.configuration.space import plain
from hpt.configuration.yaml_tree import MAX_DEPTH, Broken, List, Map, Node, Scalar, parse, tree
from hpt.foundation.catalogue import Entry, Hyperparameter


class Override(NamedTuple):
    """A value (YAML) for the node at a dotted path. flag: what says so on the command line, where that is not --set."""

    path: str
    value: str
    flag: str = ""


def override(root: Map, overrides: Sequence[Override], complaints: Complaints) -> Map:
    """`root` with each value at its dotted path, replaced or inserted, later ones over earlier ones.

    A path is the one in the file (`optimizer.choose.adam.learning_rate`) or the dotted name
    (`optimizer.adam.learning_rate`); members of lists are counted from 0. Short forms on the way are written out first.
    Keys are checked with the rest of the file.
    """
    top = Hyperparameter("", "row", {}, "", table={"": Entry("", "", ROOT)})
    for path, text, flag in overrides:
        place = Place(flag or f"--set {shortened(path, 80)}")
        keys = tuple(path.split("."))
        if not all(keys) or len(keys) > MAX_DEPTH:
            complaints.add(place, "", "expected a dotted path, such as training.epochs=20, found an empty part or too many.")
            continue
        before = len(complaints)
        value = parse(text, place, complaints, path)
        if len(complaints) > before:
            continue
        put = _put(root, top, keys, value or Scalar(None, "", place), complaints)
        root = put if isinstance(put, Map) else root
    return root


def only_branches(root: Map, labels: Sequence[str]) -> Map:
    """`root` with a choice between `labels`: the branches it has of these names, the catalogue's defaults for the others."""
    place = Place("--optimizers")
    node = root.items.get(OPTIMIZER.name)
    written = _written_branches(node) if isinstance(node, Map) else {}
    branches = {
        label: written.get(canonical(label, Map({}, {}, place)), Scalar(DEFAULT, DEFAULT, place)) for label in labels
    }
    choice = Map(branches, dict.fromkeys(branches, place), place)
    return root.overridden(OPTIMIZER.name, Map({CHOOSE: choice}, {CHOOSE: place}, place))


def _written_branches(node: Map) -> dict[str, Node]:
    """What stands under `optimizer` by the name of the branch."""
    if CHOOSE in node.items:
        choice = choices(node.items[CHOOSE])
        return {canonical(label, branch): branch for label, branch in choice.items.items()} if choice is not None else {}
    named = node.items.get(OPTIMIZER.row_key)
    return {str(named.value).lower(): node} if isinstance(named, Scalar) else {}


def _put(node: Node, row: Hyperparameter | None, keys: tuple[str, ...], value: Node, complaints: Complaints) -> Node:
    """`node`, which `row` describes (None: nothing does), with `value` at `keys` below it."""
    if not keys:
        return value
    node = node if row is None else long_form(row, node)
    if isinstance(node, List):
        return _put_member(node, row, keys, value, complaints)
    if not isinstance(node, Map):
        if not isinstance(node, Broken):
            complaints.add(value.place, "", f"expected a key with a mapping before .{keys[0]}, found {shown(node)}.")
        return node
    if row is OPTIMIZER and CHOOSE in node.items and (choice := choices(node.items[CHOOSE])) is not None:
        below = keys[1:] if keys[0] == CHOOSE else keys
        if below and (label := _label(choice, below[0])) is not None:
            branch_row = replace(OPTIMIZER, default=canonical(label, choice.items[label]))
            branch = default_branch(branch_row.default, choice.items[label])
            changed = _put(branch, branch_row, below[1:], value, complaints)
            return node.replaced(CHOOSE, choice.replaced(label, changed))
        if below is not keys and below:
            added = _put(Map({}, {}, value.place), None, below[1:], value, complaints)
            return node.replaced(CHOOSE, choice.replaced(below[0], added))
    child_row = _rows(row, node).get(keys[0])
    child = node.items.get(keys[0]) or _unwritten(child_row, value.place)
    put = Map.replaced if keys[1:] else Map.overridden
    return put(node, keys[0], _put(child, child_row, keys[1:], value, complaints))


def _put_member(node: List, row: Hyperparameter | None, keys: tuple[str, ...], value: Node, complaints: Complaints) -> Node:
    if keys[0] not in map(str, range(len(node.items))):
        found = shortened(keys[0])
        complaints.add(value.place, "", f"expected the number of a list member, 0 to {len(node.items) - 1}, found {found}.")
        return node
    index = int(keys[0])
    member = _put(node.items[index], replace(row, length=None) if row else None, keys[1:], value, complaints)
    return List((*node.items[:index], member, *node.items[index + 1 :]), node.place)


def _unwritten(row: Hyperparameter | None, place: Place) -> Node:
    """What stands where nothing is written: a list's default, so that one member can be replaced, else a mapping to fill."""
    if row is not None and row.length is not None and row.default is not None:
        return tree(plain(filled(row)), place)
    return Map({}, {}, place)


def _rows(row: Hyperparameter | None, node: Map) -> dict[str, Hyperparameter]:
    """The rows of the keys of `node`, as far as it says which entry of the row's table it is."""
    if row is None or row.table is None:
        return {}
    entry = single(row)
    if entry is None:
        named = node.items.get(row.row_key)
        name = named.value if isinstance(named, Scalar) else row.default
        entry = row.table.get(name.lower()) if isinstance(name, str) else None
    return {h.name: h for h in entry.hyperparameters} if entry is not None else {}


def _label(choice: Map, label: str) -> str | None:
    """The branch that `label` means: as written, or whatever the case of an optimizer's name."""
    if label in choice.items:
        return label
    same = (written for written, branch in choice.items.items() if canonical(written, branch) == label.lower())
    return next(same, None)
