"""Constants: what a scalar stands for where a row says which kind of value is expected."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from enum import Enum, auto

from hpt.foundation.catalogue import Hyperparameter
from hpt.yaml.tree import Node, Scalar

LARGEST_INTEGER = 2**53


class NotConstant(Enum):
    """What `constant` gives for a node that is no constant of the row's kind."""

    NOT_CONSTANT = auto()


NOT_CONSTANT = NotConstant.NOT_CONSTANT


def is_none(row: Hyperparameter, node: Node) -> bool:
    """Whether `node` is the `none` that `row` allows: null, or the word where it cannot be meant as a text."""
    none = isinstance(node, Scalar) and (node.value is None or (row.kind != "text" and node.value == "none"))
    return none and row.optional and not (row.table and "none" in row.table)


def constant(row: Hyperparameter, node: Node) -> bool | float | str | NotConstant | None:
    """The value of `node` in the row's kind and bounds, None for `none`; NOT_CONSTANT where it has none. Names ignore case."""
    if is_none(row, node):
        return None
    if isinstance(node, Scalar) and isinstance(node.value, str) and (word := node.value.strip().lower()) in row.words:
        return word
    if row.keyed or row.length is not None or row.kind in ("row", "settings") or not isinstance(node, Scalar):
        return NOT_CONSTANT
    value = _BY_KIND[row.kind](row, node)
    return value if value is not None and _within_bounds(row, value) else NOT_CONSTANT


def _within_bounds(row: Hyperparameter, value: float | str) -> bool:
    """Whether a number keeps the row's bounds; True for anything else."""
    if isinstance(value, (bool, str)):
        return True
    above = row.low is None or (value > row.low if row.open_low else value >= row.low)
    below = row.high is None or (value < row.high if row.open_high else value <= row.high)
    return above and below and (row.high is not None or not isinstance(value, int) or abs(value) <= LARGEST_INTEGER)


def _float(row: Hyperparameter, node: Scalar) -> float | None:
    plain = isinstance(node.value, (int, float)) and not isinstance(node.value, bool)
    return float(node.value) if plain else None  # type: ignore[arg-type]


def _integer(row: Hyperparameter, node: Scalar) -> int | None:
    """Floats without a fraction are integers too: the kind is the row's, whatever the spelling (`1e3`)."""
    value = node.value
    if isinstance(value, int) and not isinstance(value, bool):
        return value
    whole = isinstance(value, float) and value.is_integer() and abs(value) <= LARGEST_INTEGER
    return int(value) if whole else None  # type: ignore[arg-type]


def _boolean(row: Hyperparameter, node: Scalar) -> bool | None:
    return node.value if isinstance(node.value, bool) else None


def _text(row: Hyperparameter, node: Scalar) -> str | None:
    """The text as it was written, a number's or truth value's too: nothing is turned into something else."""
    return node.text if node.text and node.value is not None else None


def _any(row: Hyperparameter, node: Scalar) -> bool | float | str | None:
    return node.value


def _choice(row: Hyperparameter, node: Scalar) -> str | None:
    names = {choice.lower(): choice for choice in row.choices}
    return names.get(node.value.strip().lower()) if isinstance(node.value, str) else None


_BY_KIND: Mapping[str, Callable[[Hyperparameter, Scalar], bool | float | str | None]] = {
    "float": _float,
    "integer": _integer,
    "boolean": _boolean,
    "text": _text,
    "constant": _any,
    "choice": _choice,
}
