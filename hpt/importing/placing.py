"""Each hyperparameter of another tool's search at its place in a configuration."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from hpt.foundation.catalogue import Hyperparameter
from hpt.importing.foreign import Choice, Foreign, Interval, Parameter
from hpt.importing.names import OPTIMIZER, optimizer_of, path_of
from hpt.importing.searches import UnfitError, constant, written
from hpt.importing.study_section import study_section
from hpt.importing.widths import Widths
from hpt.models import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.options import TRAINING
from hpt.yaml.diagnostics import listed

_USUAL = "adam"
_DROPOUT_OF = re.compile(r"drop[a-z_]*_?\d{1,2}")
_UNKNOWN = "hpt has no such hyperparameter"
_NAME = re.compile(r"[^A-Za-z0-9._-]+")
_ROWS: Mapping[str, Mapping[str, Hyperparameter]] = {
    "model": {row.name: row for row in MODELS["mlp"].hyperparameters},
    "training": {row.name: row for row in TRAINING},
}


@dataclass(frozen=True, slots=True)
class _Placed:
    """A hyperparameter of an optimizer. branch: the only one that has it, None for each that can."""

    parameter: Parameter
    key: str
    branch: str | None


def placed(found: Foreign, data: Mapping[str, Any]) -> dict[str, Any]:
    """The configuration that searches what `found` does, as far as it can; `found` gets what is left out and what was decided.

    data: the section, empty where it is not known.
    """
    widths = Widths()
    optimizers: Parameter | None = None
    own: list[_Placed] = []
    sections: dict[str, dict[str, Any]] = {"model": {}, "training": {}}
    top: dict[str, Any] = {}
    for parameter in found.parameters:
        path, branch = _path(parameter.steps)
        if path == OPTIMIZER:
            optimizers = parameter
        elif path is not None and path.startswith(f"{OPTIMIZER}."):
            own.append(_Placed(parameter, path.partition(".")[2], branch))
        elif path == "seed":
            _seed(found, parameter, top)
        elif (path is None or path == "model.hidden") and widths.take(parameter):
            continue
        elif path is not None:
            _put(found, parameter, path, sections)
        else:
            each_layer = _DROPOUT_OF.fullmatch(parameter.steps[-1].lower())
            found.refuse(parameter.name, "model.dropout is the same in each layer" if each_layer else _UNKNOWN)
    if (hidden := widths.hidden(found)) is not None:
        sections["model"]["hidden"] = hidden
    name = _NAME.sub("-", found.name or "").strip("-.")[:64]
    document = {
        **({"name": name} if name else {}),
        **top,
        **({"data": dict(data)} if data else {}),
        **({"model": sections["model"]} if sections["model"] else {}),
        OPTIMIZER: _optimizer(found, optimizers, own),
        **({"training": sections["training"]} if sections["training"] else {}),
    }
    study = study_section(found, document)
    return {**document, **({"study": study} if study else {})}


def _path(steps: Sequence[str]) -> tuple[str | None, str | None]:
    """The dotted path that a name means, and the optimizer it belongs to, where the name says one."""
    *above, last = steps
    if last.isdecimal() and above:
        *above, last = above
        index = f".{steps[-1]}"
    else:
        index = ""
    if last.lower() in ("name", "type") and above:
        *above, last = above
    branch = next((known for step in reversed(above) if (known := optimizer_of(step))), None)
    path = path_of(last)
    if path is None:
        for optimizer in OPTIMIZERS:
            rest = last.lower().removeprefix(f"{optimizer}_")
            if rest != last.lower() and (path := path_of(rest)) is not None:
                branch = optimizer
                break
    return (f"{path}{index}" if path is not None else None), branch


def _put(found: Foreign, parameter: Parameter, path: str, sections: dict[str, dict[str, Any]]) -> None:
    section, key = path.split(".", 1)
    row = _ROWS[section].get(key)
    if row is None:
        found.refuse(parameter.name, _UNKNOWN)
    elif key in sections[section]:
        found.refuse(parameter.name, f"{path} is searched under another name already")
    else:
        try:
            sections[section][key] = written(row, parameter.search, parameter.name, found.notices)
        except UnfitError as error:
            found.refuse(parameter.name, str(error))


def _seed(found: Foreign, parameter: Parameter, top: dict[str, Any]) -> None:
    value = constant(parameter.search)
    if type(value) is int and 0 <= value < 2**63:
        top["seed"] = value
    else:
        found.refuse(parameter.name, "a seed is not searched; study.repeats trains a setting with several")


def _optimizer(found: Foreign, optimizers: Parameter | None, own: Sequence[_Placed]) -> Any:
    """The section: one optimizer, or a branch for each."""
    names = _names(found, optimizers, own)
    cells: dict[str, dict[str, Any]] = {name: {} for name in names}
    # What is said of one optimizer goes before what is said of all.
    for one in sorted(own, key=lambda one: one.branch not in cells):
        _place(found, one, cells)
    branches = {name: _with_lists(name, cells[name]) for name in names}
    if len(names) > 1:
        return {"choose": branches}
    (name,) = names
    return {"name": name, **branches[name]} if branches[name] else name


def _names(found: Foreign, optimizers: Parameter | None, own: Sequence[_Placed]) -> list[str]:
    """The optimizers that are tried."""
    branches = list(dict.fromkeys(one.branch for one in own if one.branch is not None))
    if optimizers is None:
        if not branches:
            found.notices.append(f"{found.kind} that names no optimizer: {_USUAL} is taken.")
        return branches or [_USUAL]
    search = optimizers.search
    values = () if isinstance(search, Interval) else search.values if isinstance(search, Choice) else (search.value,)
    names = {str(value): optimizer_of(value) for value in values}
    unknown = [value for value, name in names.items() if name is None]
    if unknown or not values:
        found.refuse(optimizers.name, f"hpt has no optimizer {', '.join(unknown) or 'of that kind'}")
    known = list(dict.fromkeys(name for name in names.values() if name is not None))
    if not known:
        found.notices.append(f"{_USUAL} is taken for the optimizer.")
    return known or [_USUAL]


def _place(found: Foreign, one: _Placed, cells: dict[str, dict[str, Any]]) -> None:
    """Puts a hyperparameter into each branch that has it, and none yet."""
    branches = [one.branch] if one.branch in cells else list(cells)
    rows = {name: row for name in branches if (row := _row(name, one.key)) is not None}
    if not rows:
        verb = "has" if len(branches) == 1 else "have"
        found.refuse(one.parameter.name, f"{listed(branches)} {verb} no {one.key}")
    free = {name: row for name, row in rows.items() if one.key not in cells[name]}
    if rows and not free:
        found.refuse(one.parameter.name, f"{one.key} of {listed(rows)} is searched under another name already")
    for name, row in free.items():
        try:
            cells[name][one.key] = written(row, one.parameter.search, one.parameter.name, found.notices)
        except UnfitError as error:
            found.refuse(one.parameter.name, str(error))


def _row(optimizer: str, key: str) -> Hyperparameter | None:
    """The row of a hyperparameter of an optimizer, or of a member of a list, as `betas.0`; None where there is none."""
    name, _, index = key.partition(".")
    row = next((row for row in OPTIMIZERS[optimizer].hyperparameters if row.name == name), None)
    if row is None or not index:
        return row
    if not row.length or int(index) >= row.length:
        return None
    return replace(row, length=None, default=row.default[int(index)], search=None)


def _with_lists(optimizer: str, cells: Mapping[str, Any]) -> dict[str, Any]:
    """`cells` with a list in place of members that are searched, with defaults for the others."""
    whole = {key: cell for key, cell in cells.items() if "." not in key}
    for row in OPTIMIZERS[optimizer].hyperparameters:
        if any(key.startswith(f"{row.name}.") for key in cells):
            whole[row.name] = [cells.get(f"{row.name}.{index}", default) for index, default in enumerate(row.default)]
    return whole
