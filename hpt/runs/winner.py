"""The content of `best.npz`: the weights of the best trial, and how a file becomes inputs and outputs become predictions."""

from __future__ import annotations

import io
import json
import zipfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.data.dataset import Dataset, Shape
from hpt.data.encoding import Encoding
from hpt.foundation.errors import InputError
from hpt.numerics.types import Floats
from hpt.runs.damage import changed_files
from hpt.runs.files import check_regular, read_bytes
from hpt.runs.finding import BEST_CONFIG, BEST_WEIGHTS, RUN_FILE, open_existing
from hpt.runs.lock import held

_OURS = ("input.", "target.", "encoding")
"""How the names begin that are no weights."""


@dataclass(frozen=True, slots=True)
class Winner:
    """What `best.yaml` and `best.npz` hold: the constants, the weights by name, the shapes of a row of inputs, the encoding."""

    config: Config
    weights: Mapping[str, Floats]
    shapes: tuple[Shape, ...]
    encoding: Encoding


def archive(weights: Mapping[str, Floats], dataset: Dataset) -> dict[str, NDArray[Any]]:
    """All that is needed to predict with NumPy alone.

    `layers.0.weight` (in, out), `layers.0.bias` (out,), …; `input.names`, `input.mean`, `input.sd` (in,), by which inputs are
    standardised; `input.shape.0`, …; `target.classes`, or `target.mean` and `target.sd`, by which outputs are brought back into
    the target's units; `encoding`, a text in JSON that says how a file is read and encoded.
    """
    inputs = {
        "input.names": np.array(dataset.input_names),
        "input.mean": dataset.input_mean,
        "input.sd": dataset.input_sd,
        **{f"input.shape.{index}": np.array(shape, np.int64) for index, shape in enumerate(dataset.shapes)},
    }
    if dataset.encoding is not None:
        inputs["encoding"] = np.array(json.dumps(dataset.encoding.data(), ensure_ascii=False, allow_nan=False))
    if dataset.classes is not None:
        return {**weights, **inputs, "target.classes": np.array(dataset.classes)}
    return {**weights, **inputs, "target.mean": np.array(dataset.target_mean), "target.sd": np.array(dataset.target_sd)}


def read_winner(folder: Path) -> Winner:
    """The winner that a run, or `hpt train --save`, left in `folder`. Needs no other file.

    Raises InputError where there is none, or it is not as it was written.
    """
    for name in (BEST_CONFIG, BEST_WEIGHTS):
        if not (folder / name).is_file():
            raise InputError(f"{folder}: expected {name}, found none: no trial was completed there yet.")
    _check_unchanged(folder)
    config = configuration.read(folder / BEST_CONFIG, mode="train", data_needed=False)
    path = folder / BEST_WEIGHTS
    content = io.BytesIO(read_bytes(path) or b"")
    if not zipfile.is_zipfile(content):  # NumPy would leave it open
        raise InputError(f"{path}: not a readable archive. Restore it, or train again.")
    try:
        with np.load(content, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a readable archive ({error}). Restore it, or train again.") from None
    if "encoding" not in arrays:
        again = f"hpt train {folder / BEST_CONFIG} --save FOLDER"
        raise InputError(f"{path}: expected how files are encoded, found weights alone, of an older hpt. Try {again}.")
    try:
        told = json.loads(str(arrays["encoding"]))
        shapes = [arrays[name] for name in arrays if name.startswith("input.shape.")]
        encoding = Encoding.of(told)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path}: encoding: no JSON ({error}). Restore it, or train again.") from None
    weights = {name: array for name, array in arrays.items() if not name.startswith(_OURS)}
    return Winner(config, weights, tuple(tuple(int(size) for size in shape.ravel()) for shape in shapes), encoding)


def _check_unchanged(folder: Path) -> None:
    """Raises InputError where the files are none that are read, or not those that a finished run in `folder` wrote."""
    for name in (BEST_CONFIG, BEST_WEIGHTS):
        check_regular(folder / name)
    if (folder / RUN_FILE).is_file() and not held(folder):
        metadata = open_existing(folder).metadata
        if metadata.winner is not None and (changed := changed_files(folder, metadata)):
            raise InputError([f"{said} Go on with --resume, which trains it again." for said in changed])
