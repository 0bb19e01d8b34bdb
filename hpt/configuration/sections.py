"""The sections of a configuration, and the branches of `optimizer`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from typing import Any

from hpt.configuration.diagnostics import listed, shortened
from hpt.configuration.messages import GENERAL, SPELLINGS, shown
from hpt.configuration.options import COMPARE, STUDY, TOP
from hpt.configuration.reader import Reader, filled, long_form, single
from hpt.configuration.space import plain
from hpt.configuration.yaml_tree import Broken, List, Map, Node, Scalar, tree
from hpt.data.options import DATA
from hpt.foundation.catalogue import Entry, Hyperparameter, nearest, table
from hpt.models.dense import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.options import TRAINING

CHOOSE = "choose"
VALUES = "values"
DEFAULT = "default"
LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_BRANCHES = 100


def _section(
    name: str, rows: tuple[Hyperparameter, ...], summary: str, *, shorthand: str = "", required: bool = False
) -> Hyperparameter:
    """A plain mapping with these rows; a text in its place is the value of the key `shorthand`."""
    return Hyperparameter(
        name, "row", None if required else {}, summary, table=table(Entry(name, summary, rows)), row_key=shorthand
    )


OPTIMIZER = Hyperparameter(
    "optimizer", "row", None, "update rule, or the choice between several", table=OPTIMIZERS, row_key="name"
)
SECTIONS = (
    _section("data", DATA, "what is learned", shorthand="source", required=True),
    Hyperparameter("model", "row", "mlp", "what learns", table=MODELS),
    OPTIMIZER,
    _section("training", TRAINING, "how a trial trains"),
    _section("study", STUDY, "how the search goes"),
    _section("compare", COMPARE, "how optimizers are ranked"),
)
ROOT = (*TOP, *SECTIONS)
_EXAMPLES = {"data": "digits", "optimizer": "adam"}


def homes(root: Map) -> dict[str, str]:
    """The dotted path of each key and alias, for keys that were written elsewhere in `root`; the first section has it.

    Under `choose` the keys of an optimizer are those of the first branch whose optimizer has them.
    """
    found: dict[str, str] = {}
    _settle(ROOT, "", found)
    node = root.items.get(OPTIMIZER.name)
    choice = choices(node.items[CHOOSE]) if isinstance(node, Map) and CHOOSE in node.items else None
    for label, branch in reversed(list(choice.items.items())) if choice is not None else ():
        name = branch.items.get(OPTIMIZER.row_key) if isinstance(branch, Map) else None
        optimizer = OPTIMIZERS.get((str(name.value) if isinstance(name, Scalar) else label).lower())
        keys = [h.name for h in optimizer.hyperparameters] if optimizer else []
        found |= {key: f"{OPTIMIZER.name}.{label}.{key}" for key in keys if found[key].startswith(OPTIMIZER.name)}
    return {alias: found[name] for alias, name in GENERAL.items() if name in found} | found


def _settle(rows: Iterable[Hyperparameter], path: str, found: dict[str, str]) -> None:
    """Adds the path of each row under `path`, then those of the rows below them."""
    rows = tuple(rows)
    for row in rows:
        found.setdefault(row.name, f"{path}{row.name}")
    for row in rows:
        for entry in (row.table or {}).values():
            _settle(entry.hyperparameters, f"{path}{row.name}.", found)


def read_sections(reader: Reader, root: Map) -> dict[str, Any]:
    """Every key of the file as cells; `optimizer` as its branches, see `read_branches`."""
    for key in root.items:
        if key not in {row.name for row in ROOT}:
            reader.unknown(key, {row.name: row for row in ROOT}, root, "", "a configuration")
    cells: dict[str, Any] = {}
    for row in ROOT:
        if row is OPTIMIZER:
            cells[row.name] = read_branches(reader, root)
        elif (only := single(row)) is not None:
            cells[row.name] = _read_section(reader, row, only, root)
        else:
            cells[row.name] = reader.member(row, root, row.name)
    return cells


def _read_section(reader: Reader, row: Hyperparameter, only: Entry, root: Map) -> dict[str, Any]:
    defaults = {h.name: filled(h) for h in only.hyperparameters}
    if row.name not in root.items:
        if row.default is None:
            reader.complaints.add(root.place, row.name, f"expected this section, found nothing. {_example(row)}")
        return defaults
    reader.places[row.name] = root.keys[row.name]
    node = long_form(row, root.items[row.name])
    if isinstance(node, Map):
        return reader.mapping(only.hyperparameters, node, row.name)
    if not isinstance(node, Broken):
        keys = listed(h.name for h in only.hyperparameters)
        reader.complaints.add(node.place, row.name, f"expected a mapping, found {shown(node)}. Its keys: {keys}.")
    return defaults


def read_branches(reader: Reader, root: Map) -> tuple[dict[str, dict[str, Any]], bool]:
    """The cells of each branch by label, with the optimizer's `name`; and whether they stand under `choose`."""
    node = root.items.get(OPTIMIZER.name)
    if node is None:
        example = f"Write optimizer: {{{CHOOSE}: [sgd, adam]}}." if reader.searching else _example(OPTIMIZER)
        reader.complaints.add(root.place, OPTIMIZER.name, f"expected this section, found nothing. {example}")
        return {}, False
    reader.places[OPTIMIZER.name] = root.keys[OPTIMIZER.name]
    if isinstance(node, Map) and CHOOSE in node.items:
        return _choice(reader, node), True
    if isinstance(node, Map) and (VALUES in node.items or _names_optimizers(node)):
        text = f"expected name or {CHOOSE}, found {listed(node.items)}. Put the optimizers under {CHOOSE}."
        reader.complaints.add(node.place, OPTIMIZER.name, text)
        return {}, False
    cells = reader.cell(OPTIMIZER, node, OPTIMIZER.name)
    return ({cells[OPTIMIZER.row_key]: cells} if cells else {}), False


def _names_optimizers(node: Map) -> bool:
    """Whether the keys are optimizers, which belong under `choose`."""
    return OPTIMIZER.row_key not in node.items and any(key.lower() in OPTIMIZERS for key in node.items)


def _choice(reader: Reader, node: Map) -> dict[str, dict[str, Any]]:
    path = OPTIMIZER.name
    for key in node.items:
        if key != CHOOSE:
            reader.complaints.add(node.keys[key], f"{path}.{shortened(key)}", _beside(reader, node, key))
    if not reader.searching:
        advice = f"Use `hpt tune` to search it, or --set {path}=NAME to fix it."
        reader.complaints.add(node.keys[CHOOSE], path, f"expected one optimizer, found {CHOOSE}. {advice}")
    choice = choices(node.items[CHOOSE])
    if choice is None or not 0 < len(choice.items) <= MAX_BRANCHES:
        found = "none" if choice is not None and not choice.items else shown(node.items[CHOOSE])
        if not isinstance(node.items[CHOOSE], Broken):
            text = f"expected 1 to {MAX_BRANCHES} optimizers, each once, found {found}. Write [sgd, adam] or a mapping."
            reader.complaints.add(node.keys[CHOOSE], f"{path}.{CHOOSE}", text)
        return {}
    searching, reader.searching = reader.searching, True
    branches: dict[str, dict[str, Any]] = {}
    for written, branch in choice.items.items():
        label = canonical(written, branch)
        place = choice.keys[written]
        reader.places[f"{path}.{label}"] = place
        if LABEL.fullmatch(label) is None:
            text = f"expected a name of letters, digits, _ and -, found {shortened(label)}."
            reader.complaints.add(place, f"{path}.{CHOOSE}", text)
        elif label in branches:
            reader.complaints.add(
                place, f"{path}.{label}", "expected each branch once, found it again. Give one its own name."
            )
        elif cells := _branch(reader, label, branch):
            branches[label] = cells
    reader.searching = searching
    return branches


def _beside(reader: Reader, node: Map, key: str) -> str:
    """What is wrong with `key` beside `choose`: a branch that is not there, or what belongs in each branch."""
    choice = choices(node.items[CHOOSE])
    if choice is not None and (key.lower() in OPTIMIZERS or isinstance(node.items[key], Map)):
        added = f"Add it under {CHOOSE}, as {shortened(key)}: {DEFAULT}."
        return f"expected a branch of {CHOOSE}: {listed(choice.items)}, found {shortened(key)}. {added}"
    home = reader.homes.get(key.lower(), "")
    example = f", such as {home}" if home.startswith(f"{OPTIMIZER.name}.") else ""
    return f"expected {CHOOSE} alone, found {shortened(key)} beside it. Write it in each branch{example}."


def choices(node: Node) -> Map | None:
    """What stands under `choose` by label; the list form as branches that are `default`. None where it is neither."""
    if isinstance(node, Map):
        return node
    if not isinstance(node, List):
        return None
    names = [item for item in node.items if isinstance(item, Scalar) and isinstance(item.value, str)]
    labels = {str(item.value): item.place for item in names}
    if len(labels) < len(node.items):
        return None
    return Map({label: Scalar(DEFAULT, DEFAULT, place) for label, place in labels.items()}, labels, node.place)


def canonical(label: str, branch: Node) -> str:
    """The label of a branch: the optimizer's own spelling where the label names it, whatever its case."""
    named = isinstance(branch, Map) and OPTIMIZER.row_key in branch.items
    return label.lower() if not named and label.lower() in OPTIMIZERS else label


def default_branch(label: str, node: Node) -> Node:
    """The catalogue's own search space in place of the word `default`; other nodes as they are."""
    entry = OPTIMIZERS.get(label)
    if not isinstance(node, Scalar) or node.value != DEFAULT or entry is None:
        return node
    return tree({h.name: plain(h.search) for h in entry.hyperparameters if h.search is not None}, node.place)


def _branch(reader: Reader, label: str, written: Node) -> dict[str, Any]:
    path = f"{OPTIMIZER.name}.{label}"
    node = default_branch(label, written)
    if isinstance(node, Scalar) and node.value == DEFAULT:
        reader.complaints.add(node.place, path, _not_an_optimizer(reader, label))
        return {}
    if not isinstance(node, Map):
        if not isinstance(node, Broken):
            text = f"expected {DEFAULT} or a mapping of hyperparameters, found {shown(node)}. Write {label}: {DEFAULT}."
            reader.complaints.add(node.place, path, text)
        return {}
    if VALUES in node.items:
        text = f"expected hyperparameters, found {VALUES}. Search each hyperparameter by itself."
        reader.complaints.add(node.keys[VALUES], f"{path}.{VALUES}", text)
        return {}
    if OPTIMIZER.row_key not in node.items:
        if label not in OPTIMIZERS:
            reader.complaints.add(reader.places[path], path, _not_an_optimizer(reader, label))
            return {}
        node = node.replaced(OPTIMIZER.row_key, tree(label, reader.places[path]))
    cells: Mapping[str, Any] | None = reader.cell(OPTIMIZER, node, path)
    return dict(cells) if cells else {}


def _not_an_optimizer(reader: Reader, label: str) -> str:
    near = nearest(label, OPTIMIZERS, SPELLINGS)
    hint = f"Did you mean {near}?" if near else f"Known: {listed(OPTIMIZERS)}."
    return f"expected an optimizer, found {shortened(label)}. {hint} A branch of another name says `name:` itself."


def _example(row: Hyperparameter) -> str:
    return f"Write {row.name}: {_EXAMPLES[row.name]}."
