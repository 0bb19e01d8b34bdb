"""A file of the user's own as a table."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path

from hpt.data.csv_files import read_csv
from hpt.data.npz_files import read_npz
from hpt.data.tables import Table
from hpt.foundation.errors import InputError

READERS: Mapping[str, Callable[[Path, str, str | None], Table]] = {".csv": read_csv, ".npz": read_npz}


def read_file(path: Path, target: str | None) -> Table:
    """The table of the `.csv` or `.npz` file at `path`; errors call it by its file name.

    Raises InputError where it is not a regular file, cannot be opened, or does not hold a table.
    """
    name = path.name if path.name.isprintable() else repr(path.name)[1:-1]
    if path.suffix.lower() not in READERS:
        raise InputError(f"{name}: expected a {' or '.join(READERS)} file.")
    try:
        if not path.is_file():
            raise InputError(f"{name}: {'not a regular file' if path.exists() else 'no such file'}.")
        return READERS[path.suffix.lower()](path, name, target)
    except OSError as error:
        raise InputError(f"{name}: cannot be read: {error.strerror}.") from None
