"""A sweep of W&B, as its YAML file says it: https://docs.wandb.ai/models/sweeps/sweep-config-keys."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any, TypeGuard

from hpt.configuration.config_file import is_sweep
from hpt.configuration.messages import describe_node
from hpt.foundation.errors import InputError
from hpt.importing.foreign import Choice, Constant, Foreign, Interval, Parameter, Search
from hpt.yaml.diagnostics import Location, Problems, shortened
from hpt.yaml.tree import List, Map, Node, Scalar, parse

KIND = "a W&B sweep"
PARAMETERS = "parameters"
_SAMPLERS = {"bayes": "tpe", "random": "random", "grid": "grid"}
_ETA = 3
_MOST_BANDS = 60
_IGNORED = {
    "program": "hpt trains its own models",
    "command": "hpt trains its own models",
    "project": "a run has no project here",
    "entity": "a run has no owner here",
    "description": "a comment says as much",
    "controller": "there is none here",
    "job": "hpt trains its own models",
    "launch": "hpt trains its own models",
    "scheduler": "see docs/cluster.md for many machines",
}
_LARGEST_EXPONENT = 700.0
_DIGITS = 6


def read_sweep(path: Path, text: str) -> Foreign:
    """The sweep in `text`, the content of `path`. Raises InputError with the first thing that makes it none."""
    root = _parsed(path, text)
    if not isinstance(root, Map) or not is_sweep(root):
        raise InputError(
            f"{path}: expected {KIND}, a mapping with method and parameters, or an Optuna study, found {_described(root)}"
        )
    found = Foreign(KIND)
    for key, node in root.items.items():
        if key in _SECTIONS:
            _SECTIONS[key](found, key, node)
        else:
            found.refuse(key, _IGNORED.get(key, "hpt knows no such key of a sweep"))
    return found


def _described(root: Node | None) -> str:
    if root is None:
        return "an empty file."
    if isinstance(root, Map) and "data" in root.items:
        return "a configuration of hpt. `hpt check` says what it searches."
    return f"{'another mapping' if isinstance(root, Map) else describe_node(root)}."


def _parsed(path: Path, text: str) -> Node | None:
    """The tree of `text`. Raises InputError with the first problem alone: a file that is no plain YAML has hundreds."""
    problems = Problems()
    try:
        root = parse(text, Location(shortened(str(path), 200), 1), problems)
        problems.raise_any()
    except InputError as error:
        raise InputError(error.complaints[0]) from error
    return root


def _name(found: Foreign, key: str, node: Node) -> None:
    found.name = node.text if isinstance(node, Scalar) else None


def _method(found: Foreign, key: str, node: Node) -> None:
    word = node.text if isinstance(node, Scalar) else ""
    found.sampler = _SAMPLERS.get(word)
    if found.sampler is None:
        found.refuse(key, f"expected one of {', '.join(_SAMPLERS)}, found {describe_node(node)}; tpe is taken")


def _metric(found: Foreign, key: str, node: Node) -> None:
    facts = _scalars(node)
    name, goal, target = facts.get("name"), facts.get("goal", "minimize"), facts.get("target")
    found.metric = name if isinstance(name, str) else None
    found.direction = goal if goal in ("minimize", "maximize") else None
    if _is_number(target):
        found.target = target
    if found.metric is None:
        found.refuse(key, "it has no name")


def _run_cap(found: Foreign, key: str, node: Node) -> None:
    value = node.value if isinstance(node, Scalar) else None
    if type(value) is int and value > 0:
        found.trials = value
    else:
        found.refuse(key, f"expected a whole number above 0, found {describe_node(node)}")


def _early_terminate(found: Foreign, key: str, node: Node) -> None:
    """Hyperband by its first band: bands lie at min_iter · etaⁱ, or at max_iter / etaⁱ for i up to s."""
    facts = _scalars(node)
    eta, first = facts.get("eta", _ETA), facts.get("min_iter")
    if str(facts.get("type", "hyperband")).lower() != "hyperband" or not _is_number(eta):
        found.refuse(key, "only hyperband has a counterpart, study.pruner: halving")
        return
    if _is_number(most := facts.get("max_iter")):
        times = facts.get("s")
        bands = [most / eta**i for i in range(1, 1 + min(times if type(times) is int else 1, _MOST_BANDS))]
        first = min((band for band in bands if band >= 1), default=1.0)
    if not _is_number(first):
        found.refuse(key, "expected min_iter, or max_iter and s")
        return
    found.pruner = {"type": "halving", "eta": max(2, round(eta)), "min_epochs": max(1, int(first))}
    found.notices.append(
        "early_terminate counts values that were logged, study.pruner epochs: they are the same where each epoch logs one."
    )


def _parameters(found: Foreign, key: str, node: Node) -> None:
    _add(found, (), node)
    if not found.parameters and isinstance(node, Map) and not node.items:
        found.refuse(key, "there is none")


def _add(found: Foreign, steps: tuple[str, ...], node: Node) -> None:
    """Adds what is below `steps`; a parameter may hold parameters."""
    for key, item in node.items.items() if isinstance(node, Map) else ():
        below = (*steps, key)
        if isinstance(item, Map) and isinstance(inner := item.items.get(PARAMETERS), Map):
            _add(found, below, inner)
        elif isinstance(item, Map):
            _one(found, below, item)
        else:
            found.refuse(
                ".".join(below), f"expected a mapping with value, values or min and max, found {describe_node(item)}"
            )


def _one(found: Foreign, steps: tuple[str, ...], node: Map) -> None:
    facts = {key: _plain(item) for key, item in node.items.items()}
    kind = str(facts.get("distribution") or _kind(facts))
    try:
        search = _DISTRIBUTIONS[kind](facts)
    except KeyError as missing:
        reason = f"{kind} has no counterpart" if missing.args == (kind,) else f"{kind} without {missing.args[0]}"
        found.refuse(".".join(steps), reason)
    except (TypeError, ValueError, OverflowError):
        found.refuse(".".join(steps), f"{kind} with bounds that make no range")
    else:
        if "probabilities" in facts:
            found.notices.append(f"{'.'.join(steps)}: its values are as likely as each other here.")
        found.parameters.append(Parameter(steps, search))


def _kind(facts: Mapping[str, Any]) -> str:
    """The distribution of a parameter that names none."""
    if "value" in facts:
        return "constant"
    if "values" in facts:
        return "categorical"
    if "min" in facts and "max" in facts:
        return "int_uniform" if type(facts["min"]) is int and type(facts["max"]) is int else "uniform"
    return "a parameter without value, values or min and max"


def _interval(low: float, high: float, *, log: bool = False, step: float | None = None) -> Interval:
    """Raises ValueError where this is no range, OverflowError where it is none that can be counted."""
    if not (_is_number(low) and _is_number(high) and low <= high and (low > 0 or not log)):
        raise ValueError(low, high)
    return Interval(low, high, log, step)


def _exponential(value: float) -> float:
    if abs(value) > _LARGEST_EXPONENT:
        raise OverflowError(value)
    return float(f"{math.exp(value):.{_DIGITS}g}")


def _quantized(facts: Mapping[str, Any], low: float, high: float) -> Interval:
    """Every multiple of q to which a number of the range is rounded; the ends are exact decimals."""
    step = facts.get("q", 1)
    if not step > 0:
        raise ValueError(step)
    ends = (round(low / step) * step, round(high / step) * step)
    exact = ends if type(step) is int else tuple(float(f"{end:.12g}") for end in ends)
    return _interval(*exact, step=None if exact[0] == exact[1] else step)


_DISTRIBUTIONS: Mapping[str, Callable[[Mapping[str, Any]], Search]] = {
    "constant": lambda facts: Constant(facts["value"]),
    "categorical": lambda facts: Choice(tuple(facts["values"])),
    "categorical_w_probabilities": lambda facts: Choice(tuple(facts["values"])),
    "uniform": lambda facts: _interval(facts["min"], facts["max"]),
    "int_uniform": lambda facts: _interval(facts["min"], facts["max"], step=1),
    "q_uniform": lambda facts: _quantized(facts, facts["min"], facts["max"]),
    "log_uniform": lambda facts: _interval(_exponential(facts["min"]), _exponential(facts["max"]), log=True),
    "log_uniform_values": lambda facts: _interval(facts["min"], facts["max"], log=True),
    "q_log_uniform": lambda facts: _interval(
        _exponential(facts["min"]), _exponential(facts["max"]), log=True, step=facts.get("q", 1)
    ),
    "q_log_uniform_values": lambda facts: _interval(facts["min"], facts["max"], log=True, step=facts.get("q", 1)),
    "inv_log_uniform": lambda facts: _interval(_exponential(-facts["max"]), _exponential(-facts["min"]), log=True),
    "inv_log_uniform_values": lambda facts: _interval(facts["min"], facts["max"], log=True),
}

_SECTIONS: Mapping[str, Callable[[Foreign, str, Node], None]] = {
    "name": _name,
    "method": _method,
    "metric": _metric,
    "run_cap": _run_cap,
    "early_terminate": _early_terminate,
    PARAMETERS: _parameters,
}


def _scalars(node: Node) -> dict[str, Any]:
    """The constants of a mapping; none where it is no mapping."""
    items = node.items.items() if isinstance(node, Map) else ()
    return {key: item.value for key, item in items if isinstance(item, Scalar)}


def _plain(node: Node) -> Any:
    if isinstance(node, Scalar):
        return node.value
    if isinstance(node, List):
        return [_plain(item) for item in node.items]
    return {key: _plain(item) for key, item in node.items.items()} if isinstance(node, Map) else None


def _is_number(value: Any) -> TypeGuard[float]:
    return isinstance(value, (int, float)) and not isinstance(value, bool) and math.isfinite(value)
