"""What rows and nodes are called in messages, and how a scalar reads as a row's kind."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from hpt.configuration.diagnostics import listed, shortened
from hpt.configuration.yaml_scalars import number
from hpt.configuration.yaml_tree import List, Map, Node, Scalar
from hpt.foundation.catalogue import Hyperparameter

FORM_KEYS = ("values", "min", "max", "scale", "step")
LARGEST_INTEGER = 2**53

# What a user of another tool would call a key, beside the rows' own aliases.
GENERAL = {
    "algorithm": "type",
    "dataset": "data",
    "datasets": "data",
    "network": "model",
    "optimiser": "optimizer",
    "optim": "optimizer",
    "opt": "optimizer",
    "train": "training",
    "trainer": "training",
    "search": "study",
    "random_state": "seed",
    "low": "min",
    "lower": "min",
    "high": "max",
    "upper": "max",
    "q": "step",
    "distribution": "scale",
    "choices": "values",
    "options": "values",
    "num_epochs": "epochs",
    "n_epochs": "epochs",
    "max_epochs": "epochs",
    "iterations": "epochs",
    "steps": "epochs",
    "type": "name",
    "lr": "learning_rate",
    "wd": "weight_decay",
    "bs": "batch_size",
    "lr_decay": "decay",
    "beta1": "betas",
    "beta2": "betas",
    "gradient_clip": "clip_norm",
    "max_grad_norm": "clip_norm",
    "early_stopping": "stop",
}

# What other tools call what a table holds.
SPELLINGS = {
    "xavier": "glorot",
    "xavier_normal": "glorot_normal",
    "xavier_uniform": "glorot_uniform",
    "kaiming": "he",
    "kaiming_normal": "he_normal",
    "kaiming_uniform": "he_uniform",
    "swish": "silu",
    "logistic": "sigmoid",
    "linear": "identity",
    "none": "identity",
    "l2": "mse",
    "mean_squared_error": "mse",
    "l1": "mae",
    "mean_absolute_error": "mae",
    "smooth_l1": "huber",
    "categorical_crossentropy": "cross_entropy",
    "softmax": "cross_entropy",
    "bce": "binary_cross_entropy",
    "binary_crossentropy": "binary_cross_entropy",
    "gradient_descent": "gd",
    "momentum": "sgd",
    "nesterov": "sgd",
    "dense": "mlp",
}


def aliases(rows: Iterable[Hyperparameter]) -> dict[str, str]:
    """The name behind each alias: the general ones first, overruled by the rows' own."""
    return GENERAL | {alias: row.name for row in rows for alias in row.aliases}


def describe(row: Hyperparameter) -> str:
    """What `row` expects: `a number above 0`, `one of relu, tanh`, `a list of 2 numbers …`, `… or none`."""
    alone = _BY_KIND[row.kind](row)
    if row.length is not None:
        count = f"{row.length} members" if row.length else "members"
        alone = f"a list of {count}, each {alone}"
    others = (*row.words, *(("none",) if row.optional else ()))
    return " or ".join((alone, *others))


def shown(node: Node) -> str:
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


def is_none(row: Hyperparameter, node: Node) -> bool:
    """Whether `node` is the `none` that `row` allows: null, or the word where it cannot be meant as a text."""
    none = isinstance(node, Scalar) and (node.value is None or (row.kind != "text" and node.value == "none"))
    return none and row.optional and not (row.table and "none" in row.table)


def convert(row: Hyperparameter, node: Scalar) -> bool | float | str | None:
    """The value of `node` in the row's kind, None where it has none. Names ignore case."""
    if isinstance(node.value, str):
        word = node.value.strip().lower()
        if word in row.words:
            return word
    return _CONVERSIONS[row.kind](row, node)


def within(row: Hyperparameter, value: float | str) -> bool:
    """Whether a number keeps the row's bounds; True for anything else."""
    if isinstance(value, (bool, str)):
        return True
    above = row.low is None or (value > row.low if row.open_low else value >= row.low)
    below = row.high is None or (value < row.high if row.open_high else value <= row.high)
    return above and below and (row.high is not None or not isinstance(value, int) or abs(value) <= LARGEST_INTEGER)


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


_BY_KIND: Mapping[str, Callable[[Hyperparameter], str]] = {
    "float": lambda row: _bounded(row, "a number"),
    "integer": lambda row: _bounded(row, "an integer"),
    "boolean": lambda _: "true or false",
    "text": lambda _: "a text",
    "choice": lambda row: f"one of {listed(row.choices)}",
    "row": lambda row: f"one of {listed(row.table or ())}" if len(row.table or ()) > 1 else "a mapping",
}


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


def _choice(row: Hyperparameter, node: Scalar) -> str | None:
    names = {choice.lower(): choice for choice in row.choices}
    return names.get(node.value.strip().lower()) if isinstance(node.value, str) else None


_CONVERSIONS: Mapping[str, Callable[[Hyperparameter, Scalar], bool | float | str | None]] = {
    "float": _float,
    "integer": _integer,
    "boolean": _boolean,
    "text": _text,
    "choice": _choice,
}
