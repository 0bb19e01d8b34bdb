"""Ranges with more room at an end, as far as the catalogue lets a hyperparameter go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from hpt.configuration.space import SearchSpace, plain
from hpt.foundation.catalogue import Hyperparameter, Range
from hpt.foundation.dimension import Dimension
from hpt.models import MODELS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.options import TRAINING
from hpt.yaml.scalars import number


def widened(search: Range, end: str, row: Hyperparameter) -> Range | None:
    """The range with more room at `end`, as much as its scale says; None where the hyperparameter ends there."""
    low, high = search.scaling.wider(search.min, search.max, search.step)
    if end == "low":
        low = low if row.low is None else max(low, type(low)(row.low))
        return replace(search, min=low) if low < search.min else None
    high = high if row.high is None else min(high, type(high)(row.high))
    return replace(search, max=high) if high > search.max else None


def written(search: Range) -> str:
    """A range the way a user writes it."""
    parts = (f"{key}: {value if isinstance(value, str) else number(value)}" for key, value in plain(search).items())
    return f"{{{', '.join(parts)}}}"


def row_of(space: SearchSpace, name: str, dimension: Dimension) -> Hyperparameter:
    """The catalogue's row of a searched hyperparameter; a member of a list has its list's."""
    branch = space.branches[name]
    prefix = f"{space.prefix(name)}."
    if dimension.path.startswith(prefix):
        return _row_at(OPTIMIZERS[branch["name"]].hyperparameters, dimension.path.removeprefix(prefix).split("."), branch)
    section, *keys = dimension.path.split(".")
    if section == "model":
        return _row_at(MODELS[space.model["type"]].hyperparameters, keys, space.model)
    return _row_at(TRAINING, keys, space.training)


def _row_at(rows: Sequence[Hyperparameter], keys: Sequence[str], cells: Mapping[str, Any]) -> Hyperparameter:
    row = next(h for h in rows if h.name == keys[0])
    if row.table is None or len(keys) == 1:
        return row
    cell = cells[row.name]
    return _row_at(row.table[cell[row.row_key]].hyperparameters, keys[1:], cell)
