"""What the shell offers where a word is begun: configurations, runs, names of the catalogue."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

_CONFIGURATIONS = (".yaml", ".yml", ".csv", ".tsv", ".txt", ".gz", ".jsonl", ".parquet", ".xlsx", ".npz")
_SEARCHES = (".yaml", ".yml", ".db", ".sqlite", ".sqlite3")
_RUNS = "runs"


def configurations(incomplete: str) -> list[str]:
    """Files that a command reads as a configuration or as data, folders on the way to them, and runs by name."""
    return [*_files(incomplete), *runs(incomplete)]


def importable(incomplete: str) -> list[str]:
    """Files that may hold the search of another tool, and folders on the way to them."""
    return list(_files(incomplete, _SEARCHES))


def runs(incomplete: str) -> list[str]:
    """The names of the runs in the usual folder."""
    try:
        return sorted(e.name for e in Path(_RUNS).iterdir() if e.name.startswith(incomplete) and (e / "run.json").is_file())
    except OSError:
        return []


def kinds(incomplete: str) -> list[str]:
    """The tables of the catalogue."""
    from hpt.configuration.catalogue import KINDS

    return [name for name in KINDS if name.startswith(incomplete)]


def optimizers(incomplete: str) -> list[str]:
    """The optimizers of the catalogue."""
    from hpt.numerics.optimizers import OPTIMIZERS

    return [name for name in OPTIMIZERS if name.startswith(incomplete.lower())]


def documents(incomplete: str) -> list[str]:
    """What there is a JSON Schema of."""
    from hpt.schemas.documents import NAMES

    return [name for name in NAMES if name.startswith(incomplete)]


def _files(incomplete: str, endings: tuple[str, ...] = _CONFIGURATIONS) -> Iterator[str]:
    folder, _, begun = incomplete.rpartition("/")
    lead = f"{folder}/" if folder or incomplete.startswith("/") else ""
    try:
        entries = sorted(os.scandir(lead or "."), key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if not entry.name.startswith(begun) or (entry.name.startswith(".") and not begun):
            continue
        if entry.is_dir():
            yield f"{lead}{entry.name}/"
        elif entry.name.lower().endswith(endings):
            yield f"{lead}{entry.name}"
