"""`trials.jsonl`: one line a trial, appended a generation at a time; the source of truth of a run.

A line ends with `"crc"`, the CRC-32 of what stands before it. Lines that an hpt before it wrote have none: they are read as they are, but
not after a line that has one, and not beside one in a generation, since a generation is written at once.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar
from zlib import crc32

from hpt.foundation.errors import InputError, RunError
from hpt.runs.fields import MismatchError, found, read_record, unreadable, written
from hpt.runs.files import append_bytes, read_lines
from hpt.runs.trial_record import TrialRecord

Record = TypeVar("Record", bound=TrialRecord)

_LONGEST = 2**28
"""So many bytes at most a line has: a history of a million epochs takes less."""
_CHECKSUM = re.compile(rb',"crc":"([0-9a-f]{8})"\}\Z')


@dataclass(frozen=True, slots=True)
class Stored(Generic[Record]):
    """The complete generations of a file; size: the bytes they take; warnings: what was left out, and why."""

    records: tuple[Record, ...]
    size: int
    warnings: tuple[str, ...]


def encode(record: TrialRecord) -> str:
    """One line of JSON with its checksum, without the newline. Raises ValueError on a number that is not finite."""
    line = json.dumps(written(record), allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    return f'{line[:-1]},"crc":"{crc32(line.encode()):08x}"}}'


def decode(line: bytes, kind: type[Record]) -> Record:
    """The record in one line. Raises ValueError where the line holds none, or another than was written."""
    return _decoded(line, kind)[0]


def _decoded(line: bytes, kind: type[Record]) -> tuple[Record, bool]:
    """As `decode`, and whether the line has a checksum. A field that is not as declared is told before a checksum that is wrong."""
    content: Any = json.loads(line.decode())
    if not isinstance(content, dict):
        raise MismatchError("record", "a mapping", found(content))
    record = read_record(content, kind)
    if "crc" not in content:
        return record, False
    end = _CHECKSUM.search(line)
    actual = f"{crc32(line[: end.start()] + b'}'):08x}" if end else "the last key"
    if end is None or end[1].decode() != actual:
        raise MismatchError("crc", f"{actual}, by what the line holds", found(content["crc"]))
    return record, True


def read(
    path: Path, kind: type[Record], complete: Callable[[Sequence[Record]], bool] = lambda records: False
) -> Stored[Record]:
    """The trials of `path`, none if there is no file. A torn last line and an incomplete last generation are left out.

    complete: whether complete generations are all that the run has told of. What follows then and is damaged was being written
    when the power went: it is left out too, since a disk may keep the end of what was not synced and lose its beginning.

    Raises InputError, with line and field, where anything else is not as it was written.
    """
    warnings: list[str] = []
    records: list[Record] = []
    order = _Order()
    place = size = 0
    for number, line in enumerate(read_lines(path, _LONGEST), 1):
        try:
            if len(line) > _LONGEST:
                raise MismatchError("record", f"at most {_LONGEST:,} bytes", "more")
            if not line.endswith(b"\n"):
                warnings.append(f"{path}:{number}: the last line is torn: dropped, its generation will be trained again.")
                break
            record, has_checksum = _decoded(line[:-1], kind)
            order.take(record, has_checksum=has_checksum)
        except (ValueError, RecursionError) as error:
            if complete(records[: order.whole]):
                warnings.append(
                    f"{path}:{number}: torn, as a power cut leaves it: dropped, its generation is trained again."
                )
                break
            what = error if isinstance(error, MismatchError) else f"not a trial record ({unreadable(error)})"
            raise InputError(
                f"{path}:{number}: {what}. The file was damaged or changed: restore it, or start anew."
            ) from error
        records.append(record)
        place += len(line)
        if order.whole == len(records):
            size = place
    whole = order.whole
    if whole < len(records):
        warnings.append(f"{path}: the last generation is incomplete: its {len(records) - whole} trials are trained again.")
    return Stored(tuple(records[:whole]), size, tuple(warnings))


def append(path: Path, records: Iterable[TrialRecord], size: int) -> int:
    """Writes a generation after the first `size` bytes of `path`, drops the rest, and syncs the file to disk. Returns the new size.

    Raises RunError where the disk refuses; the first `size` bytes are intact then.
    """
    content = "".join(encode(record) + "\n" for record in records).encode()
    try:
        append_bytes(path, content, size)
    except RunError as error:
        if not path.exists() or path.stat().st_size < size:
            raise
        raise RunError(f"{error} What was recorded before is intact: then go on with --resume.") from error
    return size + len(content)


class _Order:
    """What the next line must be: trials and generations count up, the lines of a generation agree.

    whole: how many trials the complete generations have.
    """

    def __init__(self) -> None:
        self.whole = 0
        self._trial = 0
        self._generation = -1
        self._of = 0
        self._checksums = False

    def take(self, record: TrialRecord, *, has_checksum: bool) -> None:
        """Goes on behind `record`. Raises MismatchError where another line had to be there."""
        begins = self._trial == self.whole
        generation = self._generation + begins
        _expect("trial", self._trial, record.trial)
        _expect("generation", generation, record.generation)
        if not begins:
            _expect("of", self._of, record.of)
        if has_checksum != self._checksums and (self._checksums or not begins):
            raise MismatchError("crc", "a checksum in every line of a generation and after it", "lines without")
        self._trial, self._generation, self._of, self._checksums = self._trial + 1, generation, record.of, has_checksum
        if self._trial == self.whole + record.of:
            self.whole = self._trial


def _expect(field: str, expected: int, number: int) -> None:
    if number != expected:
        raise MismatchError(field, str(expected), str(number))
