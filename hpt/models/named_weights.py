"""Weights by name that come from a file, held against the model that they are to be."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from hpt.foundation.errors import InputError
from hpt.models.family import Architecture
from hpt.numerics.types import Floats


def check_weights(architecture: Architecture, weights: Mapping[str, Floats]) -> None:
    """Raises InputError where `weights` are not those of a model, by number, name or shape."""
    size, found = architecture.size, sum(array.size for array in weights.values())
    if size != found:  # first, as a few words of a configuration can ask for any number
        raise InputError(f"weights: expected {size:,} of the model in best.yaml, found {found:,}. Restore the files.")
    expected = {name: array.shape for name, array in architecture.named(np.zeros(size)).items()}
    for name in (*expected, *weights):
        there, shape = weights[name].shape if name in weights else "none", expected.get(name, "none")
        if there != shape:
            raise InputError(f"weights: {name}: expected shape {shape}, found {there}. Restore the files.")
