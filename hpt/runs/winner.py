"""The content of `best.npz`: the weights of the best trial, and how inputs and outputs are scaled."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.data.dataset import Dataset
from hpt.numerics.types import Floats


def archive(weights: Mapping[str, Floats], dataset: Dataset) -> dict[str, NDArray[Any]]:
    """All that is needed to predict with NumPy alone.

    `layers.0.weight` (in, out), `layers.0.bias` (out,), …; `input.names`, `input.mean`, `input.sd` (in,), by which inputs are
    standardised; `target.classes`, or `target.mean` and `target.sd`, by which outputs are brought back into the target's units.
    """
    inputs = {
        "input.names": np.array(dataset.input_names),
        "input.mean": dataset.input_mean,
        "input.sd": dataset.input_sd,
    }
    if dataset.classes is not None:
        return {**weights, **inputs, "target.classes": np.array(dataset.classes)}
    return {**weights, **inputs, "target.mean": np.array(dataset.target_mean), "target.sd": np.array(dataset.target_sd)}
