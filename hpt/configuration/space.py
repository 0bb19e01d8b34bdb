"""The search space: what is constant, what is searched, and the road from a trial to its settings."""

from __future__ import annotations

import hashlib
import json
import math
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from hpt.foundation.catalogue import Range, Values
from hpt.foundation.dimension import PLAIN, Dimension
from hpt.foundation.scales import DEFAULT_SCALE
from hpt.models import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.options import TRAINING
from hpt.training.settings import Settings

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution

Parameters = dict[str, Any]
Coordinates = dict[str, Any]

BRANCH = "optimizer"
BATCH_SIZE = "training.batch_size"
FULL = "full"


@dataclass(frozen=True, slots=True)
class SearchSpace:
    """Everything a trial may train with.

    model, training: cells by key; `model` also has its `type`.
    branches: by label, the cells of each optimizer with its `name`.
    chosen: whether the branches stand under `choose`, which puts their labels into the dotted paths.
    A cell is a constant, a Range or Values, a tuple that may hold those, or a mapping of cells. Every default is filled in.
    """

    model: Mapping[str, Any]
    branches: Mapping[str, Mapping[str, Any]]
    training: Mapping[str, Any]
    chosen: bool

    def paths(self) -> tuple[str, ...]:
        """The dotted names of all that is searched: `optimizer` where there is a choice, each branch's, the shared."""
        found = [dimension.path for label in self.branches for dimension in self.dimensions(label)]
        found.sort(key=lambda path: not path.startswith(f"{BRANCH}."))
        return tuple(dict.fromkeys(((BRANCH,) if len(self.branches) > 1 else ()) + tuple(found)))

    def dimensions(self, label: str) -> tuple[Dimension, ...]:
        """What is searched in one branch, in the order it is suggested: the optimizer's, then the model's and the training's."""
        cells = {key: cell for key, cell in self.branches[label].items() if key != "name"}
        found = (
            *_dimensions(cells, self.prefix(label)),
            *_dimensions(self.model, "model"),
            *_dimensions(self.training, "training"),
        )
        ignored = BATCH_SIZE if self._full_batch(label) else None
        return tuple(dimension for dimension in found if dimension.path != ignored)

    def shaping(self) -> frozenset[str]:
        """The dotted paths of what is searched and must be equal for two trials to train in one stack."""
        family = MODELS.get(self.model["type"])
        rows = {"model": family.hyperparameters if family else (), "training": TRAINING}
        keys = {f"{section}.{row.name}" for section, found in rows.items() for row in found if row.scope == "stack"}
        return frozenset(path for path in self.paths() if ".".join(path.split(".")[:2]) in keys)

    def prefix(self, label: str) -> str:
        """The dotted path of a branch."""
        return f"{BRANCH}.{label}" if self.chosen else BRANCH

    def label(self, parameters: Mapping[str, Any]) -> str:
        """The branch of `parameters` (or coordinates)."""
        return str(parameters[BRANCH]) if len(self.branches) > 1 else next(iter(self.branches))

    def parameters(self, coordinates: Mapping[str, Any], dimensions: Sequence[Dimension] | None = None) -> Parameters:
        """Coordinates as a user reads them; a searched batch size that the branch ignores is shown as `full`.

        dimensions: those of the branch, for who asks often.
        """
        label = self.label(coordinates)
        branch = {BRANCH: label} if len(self.branches) > 1 else {}
        searched = self.dimensions(label) if dimensions is None else dimensions
        values = _put_together(searched, {d.path: d.value(coordinates[d.path]) for d in searched})
        ignored = self._full_batch(label) and isinstance(self.training.get("batch_size"), (Range, Values))
        return branch | values | ({BATCH_SIZE: FULL} if ignored else {})

    def settings(self, parameters: Mapping[str, Any]) -> Settings:
        """The constants of one trial. parameters: as `parameters` gives them, also after a journey through JSON."""
        label = self.label(parameters)
        optimizer = _constant(self.branches[label], self.prefix(label), parameters)
        training = dict(self.training) | ({"batch_size": FULL} if self._full_batch(label) else {})
        model = _constant(self.model, "model", parameters)
        return Settings(model, optimizer, _constant(training, "training", parameters))

    def constants(self) -> Settings:
        """The settings where nothing is searched. Raises ValueError where something is."""
        if searched := self.paths():
            raise ValueError(f"{searched[0]} is searched")
        return self.settings({})

    def middle(self, label: str) -> Parameters:
        """A typical point of a branch: each range at its middle on its scale, the first of each `values`."""
        dimensions = self.dimensions(label)
        return {BRANCH: label} | _put_together(dimensions, {d.path: d.middle() for d in dimensions})

    def distributions(self, coordinates: Mapping[str, Any]) -> dict[str, BaseDistribution]:
        """The Optuna distribution of each of `coordinates`, in the order they are suggested."""
        from optuna.distributions import CategoricalDistribution

        branch: dict[str, BaseDistribution] = {}
        if len(self.branches) > 1:
            branch[BRANCH] = CategoricalDistribution(list(self.branches))
        return branch | {d.path: d.distribution() for d in self.dimensions(self.label(coordinates))}

    def grid_size(self) -> int:
        """The number of grid points, summed over the branches. Raises ValueError where a range has no step."""
        return sum(self._grid_sizes().values())

    def grid(self, limit: int, seed: int) -> list[Coordinates]:
        """The first `limit` grid points of a random order that depends on `seed` only.

        A shuffle that stores no more than it has moved: a vast grid costs nothing, a larger limit continues the order.
        """
        size = self.grid_size()
        draw = random.Random(seed)
        moved: dict[int, int] = {}
        points = []
        for position in range(min(limit, size)):
            other = draw.randrange(position, size)
            points.append(self._grid_point(moved.get(other, other)))
            moved[other] = moved.get(position, position)
        return points

    def only(self, labels: tuple[str, ...]) -> SearchSpace:
        """The same with these branches, in this order. Raises KeyError for a label it has not."""
        return replace(self, branches={label: self.branches[label] for label in labels})

    def document(self) -> dict[str, Any]:
        """`model`, `optimizer` and `training` as plain data, the way a user writes them."""
        branches = {
            label: {key: plain(cell) for key, cell in cells.items() if key != "name" or cell != label or not self.chosen}
            for label, cells in self.branches.items()
        }
        optimizer = {"choose": branches} if self.chosen else next(iter(branches.values()))
        return {"model": plain(self.model), "optimizer": optimizer, "training": plain(self.training)}

    def digest(self) -> str:
        """SHA-256 of everything in the space, constants included."""
        return hashlib.sha256(json.dumps(self.document(), allow_nan=False).encode()).hexdigest()

    def _full_batch(self, label: str) -> bool:
        return OPTIMIZERS[self.branches[label]["name"]].full_batch

    def _grid_sizes(self) -> dict[str, int]:
        return {label: math.prod(d.count() for d in self.dimensions(label)) for label in self.branches}

    def _grid_point(self, index: int) -> Coordinates:
        for label, size in self._grid_sizes().items():
            if index < size:
                coordinates: Coordinates = {BRANCH: label} if len(self.branches) > 1 else {}
                for dimension in self.dimensions(label):
                    index, position = divmod(index, dimension.count())
                    coordinates[dimension.path] = dimension.point(position)
                return coordinates
            index -= size
        raise IndexError("beyond the grid")


def plain(cell: Any) -> Any:
    """A cell as plain data, the way a user writes it: ranges and values as mappings, tuples as lists."""
    if isinstance(cell, Range):
        scale = {"scale": cell.scale} if cell.scale != DEFAULT_SCALE else {}
        step = {"step": cell.step} if cell.step is not None else {}
        return {"min": cell.min, "max": cell.max, **scale, **step}
    if isinstance(cell, Values):
        return {"values": plain(cell.values)}
    if isinstance(cell, Mapping):
        return {key: plain(value) for key, value in cell.items()}
    return [plain(item) for item in cell] if isinstance(cell, (tuple, list)) else cell


def _dimensions(cell: Any, path: str) -> Iterator[Dimension]:
    if isinstance(cell, (Range, Values)):
        yield Dimension(path, cell)
    for index, member in enumerate(cell.values if isinstance(cell, Values) else ()):
        yield from (replace(inner, given=(path, index)) for inner in _dimensions(member, f"{path}.{index}"))
    for key, member in _members(cell):
        yield from _dimensions(member, f"{path}.{key}")


def _put_together(dimensions: Iterable[Dimension], values: Mapping[str, Any]) -> Parameters:
    """The values by path, those within a choice of lists put into the list that was chosen."""
    found = {}
    for dimension in (each for each in dimensions if each.given is None):
        found[dimension.path] = value = values[dimension.path]
        if isinstance(dimension.search, Values) and isinstance(value, tuple):
            found[dimension.path] = _constant(value, f"{dimension.path}.{dimension.search.values.index(value)}", values)
    return found


def _members(cell: Any) -> Iterator[tuple[object, Any]]:
    if isinstance(cell, Mapping):
        yield from cell.items()
    elif isinstance(cell, tuple):
        yield from enumerate(cell)


def _constant(cell: Any, path: str, parameters: Mapping[str, Any]) -> Any:
    """`cell` with its ranges replaced by `parameters`; lists, as JSON gives them, become tuples."""
    if isinstance(cell, (Range, Values)):
        return _constant(parameters[path], path, parameters)
    if isinstance(cell, Mapping):
        # Most members are plain, and this is done for every trial.
        return {
            key: member if isinstance(member, PLAIN) else _constant(member, f"{path}.{key}", parameters)
            for key, member in cell.items()
        }
    if isinstance(cell, (tuple, list)):
        return tuple(_constant(member, f"{path}.{index}", parameters) for index, member in enumerate(cell))
    return cell
