"""Reading NumPy archives into a table, without trusting them."""

from __future__ import annotations

import ast
import math
import struct
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any
from warnings import catch_warnings

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.tables.plans import Column, text_column
from hpt.tables.table import Table
from hpt.tables.wording import first_few, listed, shown

MAX_BYTES = 2 * 1024**3
MAX_COLUMNS = 100_000
MAX_ARRAYS = 1000
MAX_HEADER = 10_000
MAX_AXES = 32
USUAL_TARGETS = ("y", "target")
NUMBER_KINDS = "biuf"
LENGTHS = {(1, 0): "<H", (2, 0): "<I", (3, 0): "<I"}
"""How the length of the header is written, by the version of the format."""

DAMAGED = (
    zipfile.BadZipFile,
    zlib.error,
    struct.error,
    ValueError,
    OSError,
    EOFError,
    RuntimeError,  # encrypted members; of unknown compression or too deep a header, subclasses of it
    MemoryError,
    SyntaxError,
    KeyError,
    TypeError,
    UserWarning,  # of members that overlap, which Python tells of from 3.15 on
)
"""What zipfile, NumPy and the parsing of a header raise on archives that are cut off, encrypted or made up."""


@dataclass(frozen=True, slots=True)
class _Declared:
    """What the header of one array says of it, before anything is loaded; its data begins at byte `start` of the member."""

    member: str
    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    fortran: bool
    start: int


def read_npz(path: Path, name: str, target: str | None) -> Table:
    """The table of an .npz archive that holds a target and exactly one other array, the features.

    target: the name of a (n,) or (n, 1) array of numbers, bools or text; by default `y` or `target`, whichever exists.
    The features are (n, …) numbers; all axes but the first are flattened in C order: columns `array.0`, `array.1`, …,
    with their shape beside them.
    Sizes and types are read from the headers: object arrays, and what would take more than `MAX_BYTES`, in the archive or
    as float64, are refused before any data is read. Raises InputError.
    """
    try:
        with zipfile.ZipFile(path) as archive, catch_warnings(action="error", category=UserWarning):
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


def read_features(path: Path, columns: Sequence[str]) -> dict[str, Column]:
    """The features of an archive by column, named `array.0`, `array.1`, … as in training; other arrays are left out.

    Raises InputError where the array is not there or is of another width.
    """
    name = path.name
    wanted = columns[0].rpartition(".")[0]
    positions = [int(column.rpartition(".")[2]) for column in columns]
    try:
        with zipfile.ZipFile(path) as archive, catch_warnings(action="error", category=UserWarning):
            declared = _declared(archive, name)
            if wanted not in declared:
                raise InputError(f"{name}: expected an array {shown(wanted)}, found {listed(declared) or 'none'}.")
            features = declared[wanted]
            if len(features.shape) == 0 or math.prod(features.shape[1:]) <= max(positions) or features.shape[0] == 0:
                expected = f"(rows, …) of at least {max(positions) + 1} numbers a row"
                raise InputError(f"{name}: array {shown(wanted)}: expected {expected}, found {features.shape}.")
            if features.dtype.kind not in NUMBER_KINDS:
                raise InputError(f"{name}: array {shown(wanted)}: expected numbers, found {features.dtype}.")
            matrix = _array(archive, features).reshape(features.shape[0], -1)
    except DAMAGED as error:
        raise InputError(f"{name}: not a readable .npz archive ({error or type(error).__name__}).") from None
    return {column: matrix[:, index].astype(np.float64) for column, index in zip(columns, positions, strict=True)}


def _declared(archive: zipfile.ZipFile, name: str) -> dict[str, _Declared]:
    """The arrays by name. Raises InputError on what must not be loaded."""
    members = archive.infolist()
    if len(members) > MAX_ARRAYS:
        raise InputError(f"{name}: {len(members)} arrays, at most {MAX_ARRAYS} are looked at.")
    total = sum(member.file_size for member in members)
    if total > MAX_BYTES:
        raise InputError(f"{name}: unpacks to {total / 1024**3:.1f} GiB, at most {MAX_BYTES // 1024**3} GiB are loaded.")
    found: dict[str, _Declared] = {}
    complaints = []
    for member in members:
        array = member.filename.removesuffix(".npy")
        with archive.open(member) as stream:
            shape, dtype, fortran = _header(stream, array)
            start = stream.tell()
        held = member.file_size - start
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
        found[array] = _Declared(member.filename, shape, dtype, fortran, start)
    if complaints:
        raise InputError(first_few(complaints, name))
    return found


def _header(stream: IO[bytes], array: str) -> tuple[tuple[int, ...], np.dtype[Any], bool]:
    """Shape, type and order of an array. Raises ValueError, or what is in `DAMAGED`, where the header is none.

    NumPy's own readers advise to allow pickles, warn of old files, and raise a tokenizer's error on an unclosed header.
    """
    version = npy.read_magic(stream)
    if version not in LENGTHS:
        raise ValueError(f"array {shown(array)} has format version {version}")
    (length,) = struct.unpack(LENGTHS[version], stream.read(struct.calcsize(LENGTHS[version])))
    if length > MAX_HEADER:
        raise ValueError(f"array {shown(array)} has a header of {length} bytes, at most {MAX_HEADER} are read")
    try:
        header = ast.literal_eval(stream.read(length).decode("latin-1").replace("L,", ",").replace("L)", ")").strip())
        shape, descr, fortran = header["shape"], header["descr"], header["fortran_order"]
    except (SyntaxError, ValueError, KeyError, TypeError, MemoryError, RecursionError):
        raise ValueError(f"array {shown(array)} has no readable header") from None
    if not isinstance(shape, tuple) or not all(type(size) is int for size in shape) or len(shape) > MAX_AXES:
        raise ValueError(f"array {shown(array)} has no readable shape")
    return shape, npy.descr_to_dtype(descr), bool(fortran)


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
    if not complaints and (columns := math.prod(features.shape[1:])) > MAX_COLUMNS:
        complaints.append(f"{of_features}: {columns} columns, at most {MAX_COLUMNS} are loaded.")
    elif not complaints and (size := 8 * math.prod(features.shape)) > MAX_BYTES:
        most = f"at most {MAX_BYTES // 1024**3} GiB are loaded"
        complaints.append(f"{of_features}: {features.shape} as float64 take {size / 1024**3:.1f} GiB, {most}.")
    elif not complaints and target.shape[0] != features.shape[0]:
        complaints.append(f"{of_target} has {target.shape[0]} rows, {shown(features_name)} has {features.shape[0]}.")
    elif not complaints and target.shape[0] == 0:
        complaints.append(f"{name}: expected rows, found none.")
    if complaints:
        raise InputError(complaints)


def _array(archive: zipfile.ZipFile, declared: _Declared) -> NDArray[Any]:
    with archive.open(declared.member) as stream:
        stream.read(declared.start)
        data = np.frombuffer(stream.read(), dtype=declared.dtype, count=math.prod(declared.shape))
    return data.reshape(declared.shape, order="F" if declared.fortran else "C")


def _target(labels: NDArray[Any], name: str) -> Column:
    if labels.dtype.kind == "b":
        return labels
    if labels.dtype.kind == "U":
        try:
            return text_column(labels.tolist())
        except ValueError as error:
            raise InputError(f"{name}: the target's text cannot be read ({error}).") from None
    return labels.astype(np.float64)
