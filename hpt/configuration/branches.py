"""The branches of `optimizer`: one optimizer, or several under `choose`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from hpt.configuration.aliases import NAMES
from hpt.configuration.messages import describe_node
from hpt.configuration.reader import Reader
from hpt.configuration.resolution import canonical
from hpt.configuration.sections import CHOOSE, DEFAULT, EXAMPLES, OPTIMIZER, VALUES, paths_by_key
from hpt.foundation.catalogue import nearest
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.yaml.diagnostics import listed, shortened
from hpt.yaml.tree import Broken, Map, Node, Scalar

LABEL = re.compile(r"[A-Za-z0-9_-]{1,64}")
MAX_BRANCHES = 100
_PATH = OPTIMIZER.name

Branches = dict[str, dict[str, Any]]


def read_branches(reader: Reader) -> tuple[Branches, bool]:
    """The cells of each branch by label, with the optimizer's `name`; and whether they stand under `choose`."""
    root = reader.root
    node = root.items.get(_PATH)
    if node is None:
        example = f"{_PATH}: {{{CHOOSE}: [sgd, adam]}}" if reader.searching else EXAMPLES[_PATH]
        reader.problems.add(root.location, _PATH, f"expected this section, found nothing. Write {example}.")
        return {}, False
    reader.locations[_PATH] = root.keys[_PATH]
    if isinstance(node, Map) and CHOOSE in node.items:
        return _choice(reader, node), True
    if isinstance(node, Map) and isinstance(name := node.items.get(OPTIMIZER.row_key), Map) and VALUES in name.items:
        example = f"{CHOOSE}: {{sgd: {{…}}, adam: {{…}}}}"
        text = f"expected one optimizer, found {VALUES}. Put the optimizers under {CHOOSE}, each with what it searches: {example}."
        reader.problems.add(node.keys[OPTIMIZER.row_key], f"{_PATH}.{OPTIMIZER.row_key}", text)
        return {}, False
    if isinstance(node, Map) and (VALUES in node.items or _names_optimizers(node)):
        text = f"expected name or {CHOOSE}, found {listed(node.items)}. Put the optimizers under {CHOOSE}."
        reader.problems.add(node.location, _PATH, text)
        return {}, False
    cells = reader.cell(OPTIMIZER, node, _PATH)
    return ({cells[OPTIMIZER.row_key]: cells} if cells else {}), False


def _names_optimizers(node: Map) -> bool:
    """Whether the keys are optimizers, which belong under `choose`."""
    return OPTIMIZER.row_key not in node.items and any(key.lower() in OPTIMIZERS for key in node.items)


def _choice(reader: Reader, node: Map) -> Branches:
    """The branches under `choose`, which stands alone in `node`."""
    choice = node.items[CHOOSE]
    for key in node.items:
        if key != CHOOSE:
            reader.problems.add(node.keys[key], f"{_PATH}.{key}", _beside(reader, node, key))
    if not reader.searching:
        advice = f"Use `hpt tune` to search it, or --set {_PATH}=NAME to fix it."
        reader.problems.add(node.keys[CHOOSE], _PATH, f"expected one optimizer, found {CHOOSE}. {advice}")
    if not isinstance(choice, Map) or not 0 < len(choice.items) <= MAX_BRANCHES:
        if not isinstance(choice, Broken):
            what = "none" if isinstance(choice, Map) and not choice.items else describe_node(choice)
            text = f"expected 1 to {MAX_BRANCHES} optimizers, each once, found {what}. Write [sgd, adam] or a mapping."
            reader.problems.add(node.keys[CHOOSE], f"{_PATH}.{CHOOSE}", text)
        return {}
    # What is searched in a branch is no problem of its own where the choice is one already.
    searching, reader.searching = reader.searching, True
    cells = {label: _branch(reader, label, choice) for label in choice.items}
    reader.searching = searching
    return {label: branch for label, branch in cells.items() if branch}


def _branch(reader: Reader, label: str, choice: Map) -> dict[str, Any]:
    """The cells of one branch, none where it has a problem that leaves nothing to read."""
    node, location = choice.items[label], choice.keys[label]
    first = canonical(label, node)
    path = f"{_PATH}.{first}"
    if LABEL.fullmatch(label) is None:
        text = f"expected a name of letters, digits, _ and -, found {shortened(label)}."
        reader.problems.add(location, f"{_PATH}.{CHOOSE}", text)
        return {}
    if label != first:
        reader.problems.add(location, path, "expected each branch once, found it again. Give one its own name.")
        return {}
    reader.locations[path] = location
    unknown = label not in OPTIMIZERS and not (isinstance(node, Map) and OPTIMIZER.row_key in node.items)
    if isinstance(node, Map) and VALUES in node.items:
        text = f"expected hyperparameters, found {VALUES}. Search each hyperparameter by itself."
        reader.problems.add(node.keys[VALUES], f"{path}.{VALUES}", text)
    elif unknown and (isinstance(node, Map) or _is_default(node)):
        reader.problems.add(location, path, _not_an_optimizer(label))
    elif isinstance(node, Map):
        name = Scalar(label, label, location)
        named = node if OPTIMIZER.row_key in node.items else node.with_item(OPTIMIZER.row_key, name)
        cells: Mapping[str, Any] | None = reader.cell(OPTIMIZER, named, path)
        return dict(cells) if cells else {}
    elif not isinstance(node, Broken):
        text = f"expected {DEFAULT} or a mapping of hyperparameters, found {describe_node(node)}. Write {label}: {DEFAULT}."
        reader.problems.add(node.location, path, text)
    return {}


def _is_default(node: Node) -> bool:
    return isinstance(node, Scalar) and node.value == DEFAULT


def _beside(reader: Reader, node: Map, key: str) -> str:
    """What is wrong with `key` beside `choose`: a branch that is not there, or what belongs in each branch."""
    choice = node.items[CHOOSE]
    if isinstance(choice, Map) and (key.lower() in OPTIMIZERS or isinstance(node.items[key], Map)):
        added = f"Add it under {CHOOSE}, as {shortened(key)}: {DEFAULT}."
        return f"expected a branch of {CHOOSE}: {listed(choice.items)}, found {shortened(key)}. {added}"
    known = paths_by_key(reader.root).get(key.lower(), "")
    example = f", such as {known}" if known.startswith(f"{_PATH}.") else ""
    return f"expected {CHOOSE} alone, found {shortened(key)} beside it. Write it in each branch{example}."


def _not_an_optimizer(label: str) -> str:
    near = nearest(label, OPTIMIZERS, NAMES)
    hint = f"Did you mean {near}?" if near else f"Known: {listed(OPTIMIZERS)}."
    return f"expected an optimizer, found {shortened(label)}. {hint} A branch of another name says `name:` itself."
