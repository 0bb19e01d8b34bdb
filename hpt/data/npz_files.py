"""Reading NumPy archives into a table, without trusting them."""

from __future__ import annotations

import math
import struct
import zipfile
import zlib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from hpt.data.tables import Column, Table, listed, shown, text_column
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError

MAX_BYTES = 2 * 1024**3
USUAL_TARGETS = ("y", "target")
NUMBER_KINDS = "biuf"
HEADER_READERS = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,  # encrypted members; NotImplementedError, of unknown compression, is one too
    MemoryError,
    SyntaxError,
    KeyError,
)
"""What zipfile and numpy.lib.format raise on archives that are cut off, encrypted or made up."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the header of one array says of it, before anything is loaded."""

    member: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]


def read_npz(path: Path, name: str, target: str | None) -> Table:
    """The table of an .npz archive that holds a target and exactly one other array, the features.

    target: the name of a (n,) or (n, 1) array of numbers, bools or text; by default `y` or `target`, whichever exists.
    The features are (n, …) numbers; all axes but the first are flattened in C order: columns `array.0`, `array.1`, …,
    with their shape beside them.
    Sizes and types are read from the headers: object arrays, and more than `MAX_BYTES` once unpacked, are refused.
    Raises InputError.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            declared = _declared(archive, name)
            target_name, features_name = _roles(declared, name, target)
            _check_shapes(declared[target_name], declared[features_name], target_name, features_name, name)
            labels = _array(archive, declared[target_name])
            features = _array(archive, declared[features_name])
    except DAMAGED as error:
        raise InputError(f"{name}: not a readable .npz archive ({error or type(error).__name__}).") from None
    rows = len(features)
    matrix = np.ascontiguousarray(features.reshape(rows, -1).T, dtype=np.float64)
    columns: dict[str, Column] = {f"{features_name}.{index}": cells for index, cells in enumerate(matrix)}
    # A matrix is a table: only where there are more axes is there more to say of them.
    shapes = (features.shape[1:],) if features.ndim > 2 else None
    return Table.of(name, columns | {target_name: _target(labels.reshape(rows), name)}, target_name, shapes=shapes)


def _declared(archive: zipfile.ZipFile, name: str) -> dict[str, _Declared]:
    """The arrays by name. Raises InputError on what must not be loaded."""
    members = archive.infolist()
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        raise InputError(f"{name}: unpacks to {total / 1024**3:.1f} GiB, at most {MAX_BYTES // 1024**3} GiB are loaded.")
    found: dict[str, _Declared] = {}
    complaints = []
    for member in members:
        array = member.filename.removesuffix(".npy")
        with archive.open(member) as stream:
            version = npy.read_magic(stream)
            if version not in HEADER_READERS:
                raise ValueError(f"array {shown(array)} has format version {version}")
            shape, _, dtype = HEADER_READERS[version](stream)
            held = member.file_size - stream.tell()
        if dtype.hasobject:
            complaints.append(
                f"{name}: array {shown(array)} holds Python objects. They are pickles, which can run code when loaded:"
                " save it as numbers or text."
            )
        elif dtype.fields is not None:
            complaints.append(f"{name}: array {shown(array)} is structured. Save plain arrays, or a .csv file.")
        elif min(shape, default=0) < 0 or math.prod(shape) * dtype.itemsize != held:
            complaints.append(f"{name}: array {shown(array)} declares shape {shape} of {dtype}, but holds {held} bytes.")
        elif array in found:
            complaints.append(f"{name}: two arrays are called {shown(array)}.")
        found[array] = _Declared(member.filename, shape, dtype)
    if complaints:
        raise InputError(complaints)
    return found


def _roles(declared: dict[str, _Declared], name: str, target: str | None) -> tuple[str, str]:
    """The names of the target and of the features."""
    arrays = "Arrays: " + (", ".join(f"{shown(key)} {array.shape}" for key, array in declared.items()) or "none") + "."
    if target is None:
        usual = [candidate for candidate in USUAL_TARGETS if candidate in declared]
        if len(usual) != 1:
            raise InputError(f"{name}: which array is the target? Say data.target. {arrays}")
        target = usual[0]
    if target not in declared:
        near = nearest(target, declared)
        raise InputError(
            f"data.target: no array {shown(target)} in {name}.{f' Nearest: {shown(near)}.' if near else ''} {arrays}"
        )
    others = [array for array in declared if array != target]
    if len(others) != 1:
        found = listed(others) or "none"
        raise InputError(f"{name}: expected exactly one array beside the target {shown(target)}, found {found}. {arrays}")
    return target, others[0]


def _check_shapes(target: _Declared, features: _Declared, target_name: str, features_name: str, name: str) -> None:
    """Raises InputError unless the two arrays are a target and features of the same rows."""
    of_target = f"{name}: target {shown(target_name)}"
    of_features = f"{name}: features {shown(features_name)}"
    complaints = []
    if features.dtype.kind not in NUMBER_KINDS:
        complaints.append(f"{of_features}: expected numbers, found {features.dtype}.")
    if target.dtype.kind not in NUMBER_KINDS + "U":
        complaints.append(f"{of_target}: expected numbers, bools or text, found {target.dtype}.")
    if len(features.shape) == 0 or math.prod(features.shape[1:]) == 0:
        complaints.append(f"{of_features}: expected shape (rows, columns), found {features.shape}.")
    if len(target.shape) == 0 or math.prod(target.shape[1:]) != 1:
        complaints.append(f"{of_target}: expected shape (rows,), found {target.shape}.")
    if not complaints and target.shape[0] != features.shape[0]:
        complaints.append(f"{of_target} has {target.shape[0]} rows, {shown(features_name)} has {features.shape[0]}.")
    elif not complaints and target.shape[0] == 0:
        complaints.append(f"{name}: expected rows, found none.")
    if complaints:
        raise InputError(complaints)


def _array(archive: zipfile.ZipFile, declared: _Declared) -> NDArray[Any]:
    with archive.open(declared.member) as stream:
        array: NDArray[Any] = npy.read_array(stream, allow_pickle=False)
        return array


def _target(labels: NDArray[Any], name: str) -> Column:
    if labels.dtype.kind == "b":
        return labels
    if labels.dtype.kind == "U":
        try:
            return text_column(labels.tolist())
        except ValueError as error:
            raise InputError(f"{name}: the target's text cannot be read ({error}).") from None
    return labels.astype(np.float64)
