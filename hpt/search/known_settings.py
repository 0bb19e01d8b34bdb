"""Known settings that a study tries first: what `study.first` says, checked against the search space."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from hpt.configuration.config import Config
from hpt.configuration.space import BRANCH, Coordinates, SearchSpace, plain
from hpt.foundation.catalogue import Values, nearest
from hpt.foundation.dimension import Dimension, by_index
from hpt.training.settings import Settings
from hpt.yaml.diagnostics import Problems, listed, location_of, shortened
from hpt.yaml.scalars import number

Problem = tuple[str, str]
"""A dotted path, and what is wrong with it."""

_NAME = f"{BRANCH}.name"


def first_coordinates(config: Config) -> list[Coordinates]:
    """The coordinates of the settings that `config` wants to be tried first. Raises InputError where they are none of its space."""
    first, trials = config.study["first"], config.study["trials"]
    problems: list[Problem] = []
    if first and config.study["sampler"]["type"] == "grid":
        problems.append(("", "expected none with sampler: grid, which has its own order. Remove it, or take tpe or random."))
    if len(first) > trials:
        problems.append(("", f"expected no more than study.trials ({trials}), found {len(first)}. Raise it."))
    found = []
    for index, written in enumerate(first):
        coordinates, wrong = known_coordinates(config.space, written)
        problems += [(f".{index}.{path}", text) for path, text in wrong]
        found.append(coordinates)
    told = Problems()
    for path, text in problems:
        told.add(location_of(f"study.first{path}", config.locations), f"study.first{path}", text)
    told.raise_any()
    return found


def known_coordinates(space: SearchSpace, written: Mapping[str, Any]) -> tuple[Coordinates, list[Problem]]:
    """The coordinates of a setting, and what is wrong with it.

    written: values by dotted path. What is searched and not written takes the middle of its range, or the first of its values.
    """
    problems: list[Problem] = []
    label = _label(space, written, problems)
    if label is None:
        return {}, problems
    dimensions = {dimension.path: dimension for dimension in space.dimensions(label)}
    fixed = constants_of(space.settings(space.middle(label)), space.prefix(label))
    coordinates: Coordinates = {BRANCH: label} if len(space.branches) > 1 else {}
    given: dict[str, Any] = {}
    for path, value in _members(written, dimensions, fixed):
        if path in dimensions:
            given |= _within(dimensions, path, value)
            if given[path] is None:
                problems.append((path, f"expected {_described(dimensions[path])}, found {_shown(value)}."))
        elif path not in (BRANCH, _NAME, f"{space.prefix(label)}.name"):
            problems += _constant(path, value, fixed, dimensions)
    middle = {path: _coordinate(dimension, dimension.middle()) for path, dimension in dimensions.items()}
    return coordinates | {path: given.get(path, middle[path]) for path in dimensions}, problems


def constants_of(settings: Settings, prefix: str) -> dict[str, Any]:
    """The constants of a setting by dotted path; prefix: that of its optimizer."""
    return dict(_flat(_sections(settings), prefix))


def _label(space: SearchSpace, written: Mapping[str, Any], problems: list[Problem]) -> str | None:
    """The branch of a setting: the one that it names, or below which its keys stand."""
    labels = {label.lower(): label for label in space.branches}
    named = written.get(BRANCH, written.get(_NAME))
    if named is None:
        under = {path.split(".")[1] for path in written if path.startswith(f"{BRANCH}.") and space.chosen}
        found = [label for label in space.branches if label in under]
        if len(space.branches) == 1:
            return next(iter(space.branches))
        if len(found) == 1:
            return found[0]
        what = "none" if not found else listed(found)
        problems.append((BRANCH, f"expected one of {listed(space.branches)}, found {what}. Write {BRANCH}: NAME."))
        return None
    if (label := labels.get(str(named).lower())) is None:
        problems.append((BRANCH, f"expected one of {listed(space.branches)}, found {_shown(named)}."))
    return label


def _members(
    written: Mapping[str, Any], dimensions: Mapping[str, Dimension], fixed: Mapping[str, Any]
) -> Iterator[tuple[str, Any]]:
    """The written values, those of a list that is searched member by member each by its own path."""
    for path, value in written.items():
        if isinstance(value, tuple) and path not in dimensions and f"{path}.0" in {*dimensions, *fixed}:
            yield from ((f"{path}.{index}", member) for index, member in enumerate(value))
        else:
            yield path, value


def _within(dimensions: Mapping[str, Dimension], path: str, value: Any) -> dict[str, Any]:
    """The coordinate of `value`, and those of the ranges in the list of a choice that it is; None where there is none."""
    search = dimensions[path].search
    for index, member in enumerate(search.values if isinstance(search, Values) else ()):
        if isinstance(member, tuple) and isinstance(value, tuple) and len(member) == len(value):
            paths = [f"{path}.{index}.{at}" for at in range(len(member))]
            inner = {p: _coordinate(dimensions[p], v) for p, v in zip(paths, value, strict=True) if p in dimensions}
            fixed = all(v == m for p, v, m in zip(paths, value, member, strict=True) if p not in dimensions)
            if fixed and None not in inner.values():
                return {path: index, **inner}
    return {path: _coordinate(dimensions[path], value)}


def _coordinate(dimension: Dimension, value: Any) -> Any:
    """The coordinate of `value`, None where the dimension has none."""
    search = dimension.search
    if isinstance(search, Values):
        same = [index for index, member in enumerate(search.values) if repr(member) == repr(value)]
        alike = same or [index for index, member in enumerate(search.values) if plain(member) == plain(value)]
        if not alike:
            return None
        return alike[0] if by_index(search) else search.values[alike[0]]
    if isinstance(value, bool) or not isinstance(value, (int, float)) or not search.min <= value <= search.max:
        return None
    if search.integer and not float(value).is_integer():
        return None
    value = int(value) if search.integer else float(value)
    if search.step is not None:
        index = round((value - search.min) / search.step)
        nearest_point = dimension.point(index)
        return nearest_point if abs(nearest_point - value) <= 1e-9 * max(1.0, abs(value)) else None
    return search.scaling.ends(value, value)[0]


def _constant(path: str, value: Any, fixed: Mapping[str, Any], dimensions: Mapping[str, Dimension]) -> list[Problem]:
    """What is wrong with a value for what is not searched: it is another constant in the file, or nothing at all."""
    if path in fixed:
        if plain(fixed[path]) == plain(value):
            return []
        text = f"expected {_shown(fixed[path])}, the constant of this file, found {_shown(value)}. Give the file a range for it."
        return [(path, text)]
    ending = [
        known
        for known in dimensions
        if known.endswith(f".{path}") or known.split(".")[-1] == path.rsplit(".", maxsplit=1)[-1]
    ]
    near = ending[0] if ending else nearest(path, dimensions)
    hint = f"Did you mean {near}?" if near else f"Searched: {listed(dimensions)}."
    return [(path, f"expected what is searched, by its dotted path, found {shortened(path)}. {hint}")]


def _described(dimension: Dimension) -> str:
    search = dimension.search
    if isinstance(search, Values):
        return f"one of {listed([_shown(member) for member in search.values])}"
    step = f" in steps of {number(search.step)}" if search.step is not None else ""
    kind = "an integer" if search.integer else "a number"
    return f"{kind} from {number(search.min)} to {number(search.max)}{step}"


def _shown(value: Any) -> str:
    return shortened(str(plain(value)).replace("'", ""))


def _sections(settings: Settings) -> dict[str, Any]:
    return {"model": settings.model, BRANCH: settings.optimizer, "training": settings.training}


def _flat(document: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    for section, cells in document.items():
        yield from _below(cells, prefix if section == BRANCH else section)


def _below(cell: Any, path: str) -> Iterator[tuple[str, Any]]:
    yield path, cell
    if isinstance(cell, Mapping):
        for key, member in cell.items():
            yield from _below(member, f"{path}.{key}")
    elif isinstance(cell, tuple):
        for index, member in enumerate(cell):
            yield from _below(member, f"{path}.{index}")
