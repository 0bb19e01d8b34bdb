"""How to mend a value that is not what its row expects."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping

from hpt.configuration.diagnostics import listed, shortened
from hpt.configuration.messages import LARGEST_INTEGER, SPELLINGS
from hpt.configuration.yaml_scalars import NUMBER, number
from hpt.configuration.yaml_tree import List, Node, Scalar
from hpt.foundation.catalogue import Hyperparameter, Range, nearest

_BOOLEANS = {**dict.fromkeys(("yes", "on", "y", "1"), "true"), **dict.fromkeys(("no", "off", "n", "0"), "false")}


def remedy(row: Hyperparameter, node: Node) -> str:
    """A sentence, with a space before it, on how to mend `node`; empty where none comes to mind."""
    text = node.text.strip() if isinstance(node, Scalar) else ""
    if isinstance(node, List) and row.length is None:
        sentence = "To search several write {values: [...]}."
    elif row.length is not None:
        example = listed(row.default or ()) if row.length else shortened(text)
        sentence = f"Try [{example}]." if example else ""
    else:
        sentence = _BY_KIND[row.kind](row, node, text)
    return f" {sentence}" if sentence else ""


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
    near = nearest(text, known, SPELLINGS) if text else None
    return f"Did you mean {near}?" if near else ""


_BY_KIND: Mapping[str, Callable[[Hyperparameter, Node, str], str]] = {
    "float": _number,
    "integer": _number,
    "boolean": _boolean,
    "text": _text,
    "choice": _name,
    "row": _name,
}
