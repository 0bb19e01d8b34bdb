"""From a file of another tool to the text of a configuration."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from hpt.configuration.config_file import SQLITE
from hpt.foundation.errors import InputError
from hpt.importing.foreign import Foreign, Refused
from hpt.importing.optuna_database import KIND, read_study
from hpt.importing.placing import placed
from hpt.importing.wandb_sweep import read_sweep
from hpt.yaml.diagnostics import shortened
from hpt.yaml.tree import MAX_BYTES, dump

_SQLITE = "sqlite:///"
_LINE = 200
PLACEHOLDER = "# data: {source: FILE.csv, target: COLUMN}   # what is learned; the file above does not say"


@dataclass(frozen=True, slots=True)
class Imported:
    """A configuration from another tool's search. kind: what that is, in words. refused: what was not taken over, and why."""

    source: str
    kind: str
    configuration: Mapping[str, Any]
    text: str
    refused: tuple[Refused, ...]
    notices: tuple[str, ...]


def imported(source: str, study: str | None, data: Path | None, target: str | None, folder: Path) -> Imported:
    """The search in the file `source`, or at an SQLite URL, as a configuration that will lie in `folder`.

    study: which one, where there are several. data, target: what it learns. Raises InputError where the file is none that is read.
    """
    path = _path(source)
    found = _read(path, study)
    configuration = placed(found, _data(data, target, folder))
    text = "\n".join([*_head(path, found), *([] if data else [PLACEHOLDER]), dump(configuration)])
    refused = tuple(dict.fromkeys(found.refused))
    return Imported(str(path), found.kind, configuration, text, refused, tuple(dict.fromkeys(found.notices)))


def _path(source: str) -> Path:
    """The file that a path or an SQLite URL names."""
    if source.startswith(_SQLITE):
        return Path(source.removeprefix(_SQLITE))
    if "://" in source:
        raise InputError(
            f"{shortened(source, _LINE)}: expected a file or {_SQLITE}FILE, found another URL. Copy the study into one."
        )
    return Path(source)


def _read(path: Path, study: str | None) -> Foreign:
    try:
        with path.open("rb") as file:
            content = file.read(MAX_BYTES + 1)
    except (OSError, ValueError) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{shortened(str(path), _LINE)}: expected a W&B sweep or {KIND}, found none: {reason}.") from error
    if content.startswith(SQLITE):
        return read_study(path, study)
    if study is not None:
        raise InputError(f"--study: expected {KIND} in an SQLite file, found {shortened(str(path), _LINE)}. Remove it.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        if len(content) <= MAX_BYTES or error.start < MAX_BYTES - 4:
            raise InputError(f"{path}: expected a W&B sweep in UTF-8 or {KIND}, found bytes that are neither.") from error
        text = content[: error.start].decode("utf-8-sig") + " " * 4  # a character cut at the end: too long all the same
    return read_sweep(path, text)


def _data(data: Path | None, target: str | None, folder: Path) -> dict[str, Any]:
    """The section `data`, its path right from `folder`."""
    if data is None:
        return {}
    source = str(data) if data.is_absolute() else os.path.relpath(data, folder)
    return {"source": source, **({"target": target} if target is not None else {})}


def _head(path: Path, found: Foreign) -> Iterator[str]:
    """Comments on where it comes from, what is missing, and what was decided."""
    yield f"# From {_comment(path.name)}, {found.kind}."
    if found.refused:
        yield "# Not taken over:"
        yield from (f"#   {_comment(each.name)}: {_comment(each.reason)}" for each in dict.fromkeys(found.refused))
    yield from (f"# Note: {_comment(notice)}" for notice in dict.fromkeys(found.notices))


def _comment(text: str) -> str:
    """`text` on one line without what a comment may not hold."""
    return shortened(text, _LINE).replace("\ufffd", " ")
