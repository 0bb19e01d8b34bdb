"""Data that is ready to train on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from hpt.data.encoding import Encoding
from hpt.tables.table import ColumnInfo

Task = Literal["classification", "regression"]
Shape = tuple[int, ...]
"""Of one input, without the axis of the rows: (columns,) of a table, (channels, height, width) of an image."""


@dataclass(frozen=True, slots=True)
class Part:
    """The rows of one part of a split.

    inputs: (n, D) float64, encoded and standardised; a row holds the arrays of `Dataset.shapes` one after the other, flattened.
    targets: (n,) int64 indices into the classes, or (n,) float64 in scaled units.
    """

    inputs: NDArray[np.float64]
    targets: NDArray[Any]


@dataclass(frozen=True, slots=True)
class Dataset:
    """A split data set and all that is needed to bring new rows into the same units.

    shapes: of the arrays that make a row of inputs, ((D,),) where it is a row of a table; together they have D entries.
    input_names: D names; a text column gives one for each category, `column=category`.
    input_mean, input_sd: (D,); an input is (raw - mean) / sd. One-hot columns have mean 0 and sd 1.
    classes: the classes as text, in the order of the codes; None in regression.
    target_mean, target_sd: in regression a target is (raw - mean) / sd; 0 and 1 without `standardize_target`.
    validation, test: None where their share is 0.
    warnings: what may go wrong; notices: what was decided for the user.
    columns: every column of the source, its target among them, and what it was taken for.
    encoding: how a file becomes inputs, and an output becomes a prediction; None where arrays came from no source.
    digest: sha256 in hex of the content of the source, and of the test source where there is one.
    """

    name: str
    task: Task
    train: Part
    validation: Part | None
    test: Part | None
    shapes: tuple[Shape, ...]
    input_names: tuple[str, ...]
    input_mean: NDArray[np.float64]
    input_sd: NDArray[np.float64]
    classes: tuple[str, ...] | None
    target_mean: float
    target_sd: float
    warnings: tuple[str, ...]
    notices: tuple[str, ...]
    digest: str
    columns: tuple[ColumnInfo, ...] = ()
    encoding: Encoding | None = None
