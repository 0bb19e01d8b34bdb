"""Whether what a run recorded of its trials are settings of its search space: a run may come from anyone."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

from hpt.configuration.space import BRANCH, SearchSpace, plain
from hpt.foundation.dimension import Dimension
from hpt.foundation.errors import InputError
from hpt.runs.fields import MismatchError, found
from hpt.runs.trial_record import TrialRecord

_CLOSE = 1e-9
"""A value is computed from its coordinate, by another version perhaps with another rounding."""


class RecordedSpace:
    """A search space, to check many settings against."""

    def __init__(self, space: SearchSpace) -> None:
        self._space = space
        self._dimensions: dict[str, dict[str, Dimension]] = {}

    def check_coordinates(self, coordinates: Mapping[str, Any], path: str = "coordinates") -> Sequence[Dimension]:
        """The dimensions that they are of.

        Raises MismatchError, by its dotted path below `path`, for the first coordinate that is none of the space or missing.
        """
        space = self._space
        label = coordinates.get(BRANCH) if len(space.branches) > 1 else next(iter(space.branches))
        if not isinstance(label, str) or label not in space.branches:
            raise MismatchError(f"{path}.{BRANCH}", " or ".join(space.branches), found(label))
        if label not in self._dimensions:
            self._dimensions[label] = {dimension.path: dimension for dimension in space.dimensions(label)}
        dimensions = self._dimensions[label]
        for name, dimension in dimensions.items():
            if name not in coordinates or not dimension.has(coordinates[name]):
                raise MismatchError(f"{path}.{name}", dimension.described(), _found(coordinates, name))
        for name in coordinates:
            if name not in dimensions and (name != BRANCH or len(space.branches) == 1):
                raise MismatchError(f"{path}.{name}", "nothing", _found(coordinates, name))
        return tuple(dimensions.values())

    def check_setting(self, coordinates: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
        """Raises MismatchError where the coordinates are none of the space, or the parameters are not theirs."""
        dimensions = self.check_coordinates(coordinates)
        check_parameters(self._space.parameters(coordinates, dimensions), parameters)


def check_settings(path: Path, space: SearchSpace, records: Sequence[TrialRecord]) -> None:
    """Raises InputError, with the line in `path`, for the first of `records` whose setting is none of `space`."""
    recorded = RecordedSpace(space)
    for record in sorted(records, key=lambda each: each.trial):
        try:
            recorded.check_setting(record.coordinates, record.parameters)
        except MismatchError as error:
            raise InputError(
                f"{path}:{record.trial + 1}: {error}. The file was damaged or changed: restore it, or start anew."
            ) from error


def check_prior(path: Path, space: SearchSpace, prior: Iterable[Mapping[str, Any]]) -> None:
    """Raises InputError where `prior`, as it stands in the metadata at `path`, are no coordinates of `space`."""
    recorded = RecordedSpace(space)
    for index, coordinates in enumerate(prior):
        try:
            recorded.check_coordinates(coordinates, f"prior.{index}")
        except MismatchError as error:
            raise InputError(f"{path}: {error}. It is not the file of a run as hpt wrote it: restore it.") from error


def check_parameters(expected: Mapping[str, Any], parameters: Mapping[str, Any]) -> None:
    """Raises MismatchError for the first of the recorded parameters that is not as expected."""
    for name, value in expected.items():
        if name not in parameters or not _alike(plain(value), parameters[name]):
            raise MismatchError(f"parameters.{name}", f"{found(plain(value))}, by the coordinates", _found(parameters, name))
    for name in parameters:
        if name not in expected:
            raise MismatchError(f"parameters.{name}", "nothing", _found(parameters, name))


def _found(values: Mapping[str, Any], name: str) -> str:
    return found(values[name]) if name in values else "nothing"


def _alike(expected: Any, value: Any) -> bool:
    """Whether two pieces of plain data say the same, types included."""
    if type(expected) is not type(value):
        return False
    if isinstance(expected, float):
        return math.isclose(expected, value, rel_tol=_CLOSE)
    if isinstance(expected, list):
        return len(expected) == len(value) and all(map(_alike, expected, value))
    if isinstance(expected, dict):
        return expected.keys() == value.keys() and all(_alike(expected[key], value[key]) for key in expected)
    return bool(expected == value)
