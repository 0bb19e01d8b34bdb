"""`trials.jsonl`: one line a trial, appended a generation at a time; the source of truth of a run."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Any, Generic, TypeVar

from hpt.foundation.errors import InputError, RunError
from hpt.runs.trial_record import TrialRecord

Record = TypeVar("Record", bound=TrialRecord)


@dataclass(frozen=True, slots=True)
class Stored(Generic[Record]):
    """The complete generations of a file; size: the bytes they take; warnings: what was left out, and why."""

    records: tuple[Record, ...]
    size: int
    warnings: tuple[str, ...]


def encode(record: TrialRecord) -> str:
    """One line of JSON, without the newline. Raises ValueError on a number that is not finite."""
    content = {field.name: getattr(record, field.name) for field in fields(record)}
    return json.dumps(content, allow_nan=False, ensure_ascii=False, separators=(",", ":"))


def decode(line: bytes, kind: type[Record]) -> Record:
    """The record in one line. Raises ValueError where the line holds none."""
    content: Any = json.loads(line)
    if not isinstance(content, dict):
        raise ValueError("not an object")
    missing = {field.name for field in fields(kind)} - set(content)
    if missing:
        raise ValueError(f"without {', '.join(sorted(missing))}")
    content = {field.name: content[field.name] for field in fields(kind)}
    content["history"] = {name: tuple(values) for name, values in content["history"].items()}
    return kind(**content)


def read(path: Path, kind: type[Record]) -> Stored[Record]:
    """The trials of `path`, none if there is no file. A torn last line and an incomplete last generation are left out.

    Raises InputError, with the line, where anything else is not as it was written.
    """
    try:
        content = path.read_bytes() if path.exists() else b""
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}.") from error
    lines = content.splitlines(keepends=True)
    warnings: list[str] = []
    if lines and not lines[-1].endswith(b"\n"):
        warnings.append(f"{path}:{len(lines)}: the last line is torn: dropped, its generation will be trained again.")
        lines.pop()
    records: list[Record] = []
    for number, line in enumerate(lines, 1):
        try:
            record = decode(line, kind)
        except (ValueError, TypeError, AttributeError, RecursionError) as error:
            raise InputError(f"{path}:{number}: not a trial record ({error}). Restore the file, or start anew.") from error
        if record.trial != number - 1:
            raise InputError(f"{path}:{number}: expected trial {number - 1}, found {record.trial}. Restore the file.")
        records.append(record)
    whole = _whole_generations(records)
    if whole < len(records):
        warnings.append(f"{path}: the last generation is incomplete: its {len(records) - whole} trials are trained again.")
    return Stored(tuple(records[:whole]), sum(map(len, lines[:whole])), tuple(warnings))


def append(path: Path, records: Iterable[TrialRecord], size: int) -> int:
    """Writes a generation after the first `size` bytes of `path`, drops the rest, and syncs the file to disk. Returns the new size.

    Raises RunError where the disk refuses; the first `size` bytes are intact then.
    """
    content = "".join(encode(record) + "\n" for record in records).encode()
    try:
        with path.open("r+b" if path.exists() else "w+b", buffering=0) as file:
            file.truncate(size)
            file.seek(size)
            written = 0
            while written < len(content):
                written += file.write(content[written:]) or 0
            os.fsync(file.fileno())
    except OSError as error:
        raise RunError(
            f"{path}: {error.strerror}. What was recorded before is intact: make room, then go on with --resume."
        ) from error
    return size + len(content)


def _whole_generations(records: Sequence[TrialRecord]) -> int:
    """How many of `records` belong to complete generations."""
    end = 0
    while end < len(records) and end + records[end].of <= len(records):
        end += records[end].of
    return end
