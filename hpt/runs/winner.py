"""The content of `best.npz`: the weights of the best trial, and how a file becomes inputs and outputs become predictions."""

from __future__ import annotations

import io
import json
import zipfile
import zlib
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
from hpt.runs.fields import MismatchError
from hpt.runs.files import MOST_BYTES, check_regular, read_bytes
from hpt.runs.finding import BEST_CONFIG, BEST_WEIGHTS, RUN_FILE, open_existing
from hpt.runs.lock import held
from hpt.runs.stored_encoding import read_encoding
from hpt.tables.wording import shown

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

    `layers.0.weight` (in, out), `layers.0.bias` (out,), …, of several networks after `networks.0.` and so on; `input.names`,
    `input.mean`, `input.sd` (in,), by which inputs are standardised; `input.shape.0`, …; `target.classes`, or `target.mean` and
    `target.sd`, by which outputs are brought back into the target's units; `encoding`, a text in JSON that says how a file is read and
    encoded.
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
            _check_unchanged(folder)
            raise InputError(f"{folder}: expected {name}, found none: no trial was completed there yet.")
    _check_unchanged(folder)
    config = configuration.read(folder / BEST_CONFIG, mode="train", data_needed=False)
    path = folder / BEST_WEIGHTS
    content = io.BytesIO(read_bytes(path) or b"")
    if not zipfile.is_zipfile(content):  # NumPy would leave it open
        raise InputError(f"{path}: not a readable archive. Restore it, or train again.")
    try:
        _check_size(path, content)
        with np.load(content, allow_pickle=False) as stored:
            arrays = {name: stored[name] for name in stored.files}
    except (OSError, ValueError, EOFError, KeyError, RuntimeError, zlib.error, zipfile.BadZipFile) as error:
        raise InputError(f"{path}: not a readable archive ({error}). Restore it, or train again.") from None
    if "encoding" not in arrays:
        again = f"hpt train {folder / BEST_CONFIG} --save FOLDER"
        raise InputError(f"{path}: expected how files are encoded, found weights alone, of an older hpt. Try {again}.")
    try:
        encoding = read_encoding(str(arrays["encoding"]))
        shapes = [_shape(name, arrays[name]) for name in arrays if name.startswith("input.shape.")]
        weights = {name: _finite(name, array) for name, array in arrays.items() if not name.startswith(_OURS)}
    except MismatchError as error:
        raise InputError(f"{path}: {error}. Restore it, or train again.") from None
    return Winner(config, weights, tuple(shapes), encoding)


def _finite(name: str, weights: NDArray[Any]) -> Floats:
    """Weights as they are. Raises MismatchError where they are no finite numbers."""
    if weights.dtype.kind != "f" or not np.isfinite(weights).all():
        raise MismatchError(name, "finite numbers", "others")
    return weights


def _shape(name: str, sizes: NDArray[Any]) -> Shape:
    """The shape of an array of inputs. Raises MismatchError where it is none."""
    if sizes.dtype.kind != "i" or sizes.ndim != 1 or not (sizes > 0).all():
        raise MismatchError(name, "whole numbers above 0", shown(str(sizes.tolist())))
    return tuple(int(size) for size in sizes)


def _check_size(path: Path, content: io.BytesIO) -> None:
    """Raises InputError where the arrays of an archive take more than a file may: a few kilobytes can become gigabytes."""
    with zipfile.ZipFile(content) as archived:
        size = sum(entry.file_size for entry in archived.infolist())
    content.seek(0)
    if size > MOST_BYTES:
        raise InputError(
            f"{path}: expected at most {MOST_BYTES:,} bytes of arrays, found {size:,}. Restore it, or train again."
        )


def _check_unchanged(folder: Path) -> None:
    """Raises InputError where the files are none that are read, or not those that a finished run in `folder` wrote."""
    for name in (BEST_CONFIG, BEST_WEIGHTS):
        check_regular(folder / name)
    if (folder / RUN_FILE).is_file() and not held(folder):
        metadata = open_existing(folder).metadata
        if metadata.winner is not None and (changed := changed_files(folder, metadata)):
            raise InputError([f"{said} Go on with --resume, which trains it again." for said in changed])
