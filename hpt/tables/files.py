"""A file of the user's own, by the ending of its name."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Mapping
from pathlib import Path, PurePath
from typing import Any, TypeVar

from hpt.foundation.errors import InputError
from hpt.tables.csv_files import read_csv
from hpt.tables.npz_files import read_npz
from hpt.tables.other_files import read_json_lines, read_parquet, read_xlsx
from hpt.tables.plans import Plan
from hpt.tables.raw import RawTable
from hpt.tables.reading import typed
from hpt.tables.table import Table

_Found = TypeVar("_Found")

RAW_READERS: Mapping[str, Callable[[Path, str, Mapping[str, Any]], RawTable]] = {
    ".csv": read_csv,
    ".tsv": read_csv,
    ".txt": read_csv,
    ".csv.gz": read_csv,
    ".tsv.gz": read_csv,
    ".txt.gz": read_csv,
    ".jsonl": read_json_lines,
    ".ndjson": read_json_lines,
    ".json": read_json_lines,
    ".parquet": read_parquet,
    ".xlsx": read_xlsx,
}
ENDINGS = (".csv", ".tsv", ".txt", ".csv.gz", ".jsonl", ".parquet", ".xlsx", ".npz")
"""What messages name; other spellings of these are read as well."""

FOREIGN = {
    **dict.fromkeys((".xls", ".xlsm", ".xlsb", ".ods", ".numbers"), "a .xlsx or .csv file"),
    **dict.fromkeys((".feather", ".arrow", ".orc", ".h5", ".hdf5", ".pkl", ".pickle", ".rds", ".rdata"), "a .parquet file"),
    **dict.fromkeys((".sav", ".dta", ".sas7bdat", ".por", ".arff", ".mat", ".dat", ".data", ".prn"), "a .csv file"),
    **dict.fromkeys((".npy",), "an .npz file with a target beside it"),
    **dict.fromkeys((".zip", ".bz2", ".xz", ".zst", ".7z", ".tar", ".tgz", ".gz"), "an unpacked file, or a .csv.gz"),
    **dict.fromkeys((".db", ".sqlite", ".sqlite3", ".mdb"), "a .csv file of one table"),
}
"""Data files that are not read, with what to save them as."""


def ending_of(path: str | PurePath) -> str | None:
    """The ending by which a file is read as data, in small letters; None where it is no data file."""
    name = PurePath(path).name.lower()
    suffix = PurePath(name).suffix
    found = PurePath(PurePath(name).stem).suffix + suffix if suffix == ".gz" else suffix
    return found if found in RAW_READERS or found == ".npz" else None


def stem_of(path: PurePath) -> str:
    """The name of a file without the ending by which it is read as data, or else without its last."""
    return path.name[: -len(ending_of(path) or path.suffix) or None]


def absence(source: str, folder: Path) -> str | None:
    """What is wrong with `source`, relative to `folder`, where it means no file of this machine; None for what is no data file."""
    if "://" in source:
        return f"expected a file on this machine, found the URL {source}. Download it first."
    if ending_of(source) is None or (folder / source).is_file():
        return None
    return f"expected a file, found none at {folder / source}. Paths are relative to the configuration."


def foreign_ending(path: str | PurePath) -> str | None:
    """What to save a data file as that is not read; None where it is read, or is no data file."""
    return None if ending_of(path) is not None else FOREIGN.get(PurePath(path).suffix.lower())


def read_file(
    path: Path, options: Mapping[str, Any], target: str | None = None, like: Mapping[str, Plan] | None = None
) -> Table:
    """The table of the data file at `path`; errors call it by its file name.

    options: every key of `DATA`. like: the plans by which its cells are read, see `typed`.
    Raises InputError where it is not a regular file, cannot be opened, or does not hold a table.
    """
    if ending_of(path) == ".npz":
        return _opened(path, lambda name: read_npz(path, name, target))
    return typed(read_raw(path, options), options, target, like)


def read_raw(path: Path, options: Mapping[str, Any]) -> RawTable:
    """The cells of the text or table file at `path` as they are written. Raises InputError as `read_file`."""
    ending = ending_of(path)
    if ending is None or ending == ".npz":
        raise InputError(f"{_name(path)}: expected a {' or '.join(RAW_READERS)} file.")
    return _opened(path, lambda name: RAW_READERS[ending](path, name, options))


def _name(path: Path) -> str:
    return path.name if path.name.isprintable() else repr(path.name)[1:-1]


def _opened(path: Path, read: Callable[[str], _Found]) -> _Found:
    name = _name(path)
    try:
        if not path.is_file():
            raise InputError(f"{name}: {'not a regular file' if path.exists() else 'no such file'}.")
        return read(name)
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise InputError(f"{name}: not a readable .gz file ({error}).") from None
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror or type(error).__name__}.") from None
