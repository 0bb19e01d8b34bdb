"""What messages say of a row and of a node: what was expected, what was found."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from hpt.foundation.catalogue import Hyperparameter
from hpt.yaml.diagnostics import listed, shortened
from hpt.yaml.scalars import number
from hpt.yaml.tree import List, Map, Node, Scalar


def describe_row(row: Hyperparameter) -> str:
    """What `row` expects: `a number above 0`, `one of relu, tanh`, `a list of 2 numbers …`, `… or none`."""
    alone = _EXPECTED[row.kind](row)
    if row.keyed:
        alone = f"a mapping from names to {alone}"
    if row.length is not None:
        count = f"{row.length} members" if row.length else "members"
        alone = f"a list of {count}, each {alone}"
    others = (*row.words, *(("none",) if row.optional else ()))
    return " or ".join((alone, *others))


def describe_node(node: Node) -> str:
    """What was found, short and on one line."""
    if isinstance(node, Scalar):
        if isinstance(node.value, str):
            return f"the text '{shortened(node.text)}'"
        return "nothing" if node.value is None else shortened(node.text)
    if isinstance(node, Map):
        if "values" in node.items:
            return "values"
        return "a range" if "min" in node.items or "max" in node.items else "a mapping"
    if isinstance(node, List):
        return f"a list of {len(node.items)}" if node.items else "an empty list"
    return "nothing readable"


def _bounded(row: Hyperparameter, noun: str) -> str:
    low = None if row.low is None else number(row.low)
    high = None if row.high is None else number(row.high)
    if low is None and high is None:
        return noun
    if high is None:
        return f"{noun} above {low}" if row.open_low else f"{noun} of at least {low}"
    if low is None:
        return f"{noun} below {high}" if row.open_high else f"{noun} of at most {high}"
    start = f"above {low}" if row.open_low else f"from {low}"
    return f"{noun} {start} {'to below' if row.open_high else 'to'} {high}"


_EXPECTED: Mapping[str, Callable[[Hyperparameter], str]] = {
    "float": lambda row: _bounded(row, "a number"),
    "integer": lambda row: _bounded(row, "an integer"),
    "boolean": lambda _: "true or false",
    "text": lambda _: "a text",
    "settings": lambda _: "a mapping from dotted paths to values",
    "constant": lambda _: "a number, true, false or a text",
    "choice": lambda row: f"one of {listed(row.choices)}",
    "row": lambda row: f"one of {listed(row.table or ())}" if len(row.table or ()) > 1 else "a mapping",
}
