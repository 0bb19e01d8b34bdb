"""How to mend what was refused: the right spelling of a value, the right place for a key."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hpt.configuration.aliases import ADVICE, KEYS, NAMES
from hpt.configuration.cells import only_entry
from hpt.configuration.constants import LARGEST_INTEGER
from hpt.configuration.sections import EXAMPLES, paths_by_key
from hpt.foundation.catalogue import Hyperparameter, Range, nearest
from hpt.yaml.diagnostics import listed, shortened
from hpt.yaml.scalars import NUMBER, number
from hpt.yaml.tree import List, Map, Node, Scalar

RANGE = "a range"
_BOOLEANS = {**dict.fromkeys(("yes", "on", "y", "1"), "true"), **dict.fromkeys(("no", "off", "n", "0"), "false")}


def remedy(row: Hyperparameter, node: Node) -> str:
    """A sentence, with a space before it, on how to mend `node`; empty where none comes to mind."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    if row.kind == "row" and row.length is None and (only := only_entry(row)) is not None:
        sentence = f"Its keys: {listed(h.name for h in only.hyperparameters)}."
    elif isinstance(node, Map) and (form := _form_of_another_tool(row, node)):
        sentence = f"Write {form}."
    elif isinstance(node, List) and row.length is None:
        sentence = "To search several write {values: [...]}."
    elif row.length is not None:
        example = listed(row.default or ()) if row.length else shortened(text)
        sentence = f"Try [{example}]." if example else ""
    else:
        sentence = _REMEDIES[row.kind](row, node, text)
    return f" {sentence}" if sentence else ""


def unknown_key(key: str, known: Mapping[str, Hyperparameter], path: str, owner: str, root: Map) -> str:
    """A sentence on how to mend a key that is not `known` at the dotted `path` of `root`: its spelling, or where it belongs.

    owner: whose key it would be, as messages say it.
    """
    if (owner, key.lower()) in ADVICE:
        return ADVICE[owner, key.lower()]
    aliases = KEYS | {alias: row.name for row in known.values() for alias in row.aliases}
    near = nearest(key, known, aliases)
    elsewhere = paths_by_key(root).get(key.lower()) if owner != RANGE else None
    if elsewhere is not None and f"{path}.".startswith(f"{elsewhere.rpartition('.')[0]}."):
        elsewhere = None
    if near is not None and near != key:
        # A key that is spelt like one of this mapping may be, letter by letter, the key of another.
        either = elsewhere is not None and "." in elsewhere and near != aliases.get(key.lower())
        return f"Did you mean {near}, or {elsewhere}?" if either else f"Did you mean {near}?"
    if elsewhere is not None:
        return f"Did you mean {elsewhere}?" if "." in elsewhere else f"{elsewhere} stands at the top level."
    return f"Known: {listed(known)}." if known else "It has none."


def missing_key(row: Hyperparameter, parent: Map) -> str:
    """What stands in `parent` instead of the required key `row`, and how to mend that."""
    if row.name in EXAMPLES:
        return f"found nothing. Write {EXAMPLES[row.name]}."
    aliases = KEYS | dict.fromkeys(row.aliases, row.name)
    meant = next((key for key in parent.items if aliases.get(key.lower()) == row.name), None)
    return "found nothing. This key is required." if meant is None else f"found {shortened(meant)}. Did you mean {row.name}?"


def _form_of_another_tool(row: Hyperparameter, node: Map) -> str:
    """What `{low: …, high: …, log: true}` or `{value: …}` is here; empty where `node` is neither."""
    written = {KEYS.get(key, key): item for key, item in node.items.items() if isinstance(item, Scalar)}
    if list(node.items) == ["value"] and "value" in written:
        return shortened(written["value"].text)
    if row.length is not None or row.kind not in ("float", "integer") or not {"min", "max"} <= set(written):
        return ""
    scale = ", scale: log" if "log" in written and written["log"].value is True else ""
    return f"{{min: {shortened(written['min'].text)}, max: {shortened(written['max'].text)}{scale}}}"


def _number(row: Hyperparameter, node: Node, text: str) -> str:
    if isinstance(node, Scalar) and isinstance(node.value, str):
        if NUMBER.fullmatch(text):
            return "Remove the quotes."
        plain = re.fullmatch(r"[-+]?[0-9][0-9_]{0,30}", text)
        return f"Write {int(text)}." if plain else _spelling(text, row.words)
    if isinstance(node, Scalar) and isinstance(node.value, int) and node.value > LARGEST_INTEGER and row.high is None:
        return f"The largest is {LARGEST_INTEGER}."
    usual = row.search.min if isinstance(row.search, Range) else row.default
    usable = isinstance(usual, (int, float)) and not isinstance(usual, bool)
    return f"Try {number(usual)}." if usable else ""


def _boolean(row: Hyperparameter, node: Node, text: str) -> str:
    return f"Write {_BOOLEANS[text.lower()]}." if text.lower() in _BOOLEANS else ""


def _text(row: Hyperparameter, node: Node, text: str) -> str:
    return ""


def _name(row: Hyperparameter, node: Node, text: str) -> str:
    return _spelling(text, tuple(row.choices or row.table or ()))


def _spelling(text: str, known: tuple[str, ...]) -> str:
    near = nearest(text, known, NAMES) if text else None
    return f"Did you mean {near}?" if near else ""


_REMEDIES: Mapping[str, Callable[[Hyperparameter, Node, str], str]] = {
    "float": _number,
    "integer": _number,
    "boolean": _boolean,
    "text": _text,
    "constant": _text,
    "choice": _name,
    "row": _name,
    "settings": lambda row, node, text: "Write a mapping, such as {optimizer.learning_rate: 1e-3}.",
}
