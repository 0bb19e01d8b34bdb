"""The text of a file: its encoding, and what stands between its cells."""

from __future__ import annotations

import codecs
import csv
import gzip
import io
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import BinaryIO, cast

from hpt.foundation.errors import InputError
from hpt.tables.western import western_word
from hpt.tables.wording import shown

DELIMITERS = (",", ";", "\t", "|")
SNIFFED_LINES = 200
MAX_UNPACKED = 4 * 1024**3
_WORDS = {
    "tab": "\t",
    "\\t": "\t",
    "space": " ",
    "blank": " ",
    "whitespace": " ",
    "comma": ",",
    "semicolon": ";",
    "pipe": "|",
}
_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_SAMPLE_BYTES = 4096
_JUDGED_BYTES = 64 * 1024**2
_SEPARATOR_LINE = re.compile(r"""\s*["']?sep=(.|\\t)["']?\s*""", re.IGNORECASE)
_MOSTLY = 0.9


class NotTextError(InputError):
    """The bytes of a file are no text of its encoding."""


def opened(path: Path) -> BinaryIO:
    """The bytes of a file, unpacked where its name ends in `.gz`."""
    return cast(BinaryIO, gzip.open(path, "rb") if path.suffix.lower() == ".gz" else path.open("rb"))


def encoding_of(path: Path, said: str | None) -> str:
    """The encoding of a file: what was said, else what its first bytes tell with certainty, else UTF-8.

    Raises InputError where no such encoding is known.
    """
    if said is not None:
        try:
            # Bytes that are no text, such as those of base64, cannot be had this way.
            io.TextIOWrapper(io.BytesIO(), encoding=said)
            known = codecs.lookup(said).name
        except (LookupError, ValueError):
            raise InputError(
                f"data.encoding: expected an encoding such as utf-8, cp1252 or utf-16, found {shown(said)}."
            ) from None
        return "utf-8-sig" if known == "utf-8" else known
    with opened(path) as stream:
        start = stream.read(_SAMPLE_BYTES)
    for mark, encoding in _MARKS:
        if start.startswith(mark):
            return encoding
    # Text of one byte a character holds no NUL; of two bytes nearly every second one is NUL.
    even, odd = start[::2], start[1::2]
    if len(start) >= 8 and odd.count(0) > 0.7 * len(odd) and not even.count(0):
        return "utf-16-le"
    if len(start) >= 8 and even.count(0) > 0.7 * len(even) and not odd.count(0):
        return "utf-16-be"
    return "utf-8-sig"


def text_lines(path: Path, name: str, encoding: str, longest: int = MAX_UNPACKED) -> Iterator[str]:
    """The lines of a file with their endings. Raises InputError, with the line, where one is no such text or longer."""
    try:
        with opened(path) as binary, io.TextIOWrapper(binary, encoding=encoding, newline="") as stream:
            size = 0
            for number, line in enumerate(iter(partial(stream.readline, longest + 1), ""), start=1):
                if len(line) > longest:
                    raise InputError(f"{name}:{number}: expected at most {longest:,} characters in a line, found more.")
                size += len(line)
                if size > MAX_UNPACKED:
                    raise InputError(f"{name}: unpacks to more than {MAX_UNPACKED // 1024**3} GiB.")
                yield line
    except UnicodeError:
        raise NotTextError(not_text(path, name, encoding)) from None


def western(path: Path) -> str | None:
    """A word of a file that shows that it is cp1252; None where that is not certain, or the file is too long to tell."""
    with opened(path) as stream:
        raw = stream.read(_JUDGED_BYTES + 1)
    return western_word(raw) if len(raw) <= _JUDGED_BYTES else None


def not_text(path: Path, name: str, encoding: str) -> str:
    """Which byte is not of `encoding`, and which encoding to say."""
    with opened(path) as stream:
        raw = stream.read(_JUDGED_BYTES)
    try:
        raw.decode(encoding.removesuffix("-sig"))
    except UnicodeDecodeError as error:
        line = raw.count(b"\n", 0, error.start) + 1
        where = f"{name}:{line}: byte 0x{raw[error.start]:02x} is not {encoding.removesuffix('-sig').upper()}."
        if not encoding.startswith("utf-8"):
            return f"{where} Set data.encoding to another."
        return f"{where} {_likely(raw, error.start)}"
    except UnicodeError as error:
        return f"{name}: not {encoding} ({error}). Set data.encoding to another."
    return f"{name}: not {encoding} when it was read. Did it change meanwhile?"


def _likely(raw: bytes, at: int) -> str:
    """The one remedy: cp1252 where the bytes make sense in it, with how the word around byte `at` then reads."""
    start = max(raw.rfind(mark, 0, at) for mark in (b"\n", b",", b";", b"\t", b"|")) + 1
    end = min(
        (found for mark in (b"\r", b"\n", b",", b";", b"\t", b"|") if (found := raw.find(mark, at)) > 0), default=len(raw)
    )
    if raw.count(0):
        return "Is this a text file?"
    try:
        raw.decode("cp1252")
        word = raw[start:end].decode("cp1252").strip()
    except UnicodeDecodeError:
        return "Set data.encoding to the file's own, or save it as UTF-8."
    return f"Set data.encoding: cp1252, where this cell reads {shown(word, 40)}; or to the file's own, or save it as UTF-8."


def said_delimiter(said: str | None) -> str | None:
    """The character that `data.delimiter` names. Raises InputError where it is none."""
    if said is None:
        return None
    delimiter = _WORDS.get(said.lower(), said)
    if len(delimiter) != 1 or delimiter.isalnum() or delimiter in "\"'\r\n\0.+-":
        raise InputError(
            f"data.delimiter: expected one character, or comma, semicolon, tab, pipe or space, found {shown(said)}."
        )
    return delimiter


def separator_line(line: str) -> str | None:
    """The delimiter that Excel's first line `sep=;` names; None where it is no such line."""
    found = _SEPARATOR_LINE.fullmatch(line)
    return None if found is None else _WORDS.get(found[1], found[1])


def delimiter_of(lines: Sequence[str]) -> str | None:
    """The delimiter that cuts most of `lines` into equally many cells, more than one; blanks where no other does.

    None where nothing does.
    """
    found = {delimiter: _fitness(lines, delimiter) for delimiter in (*DELIMITERS, " ")}
    best = max(DELIMITERS, key=lambda delimiter: found[delimiter])
    if found[best][0] < _MOSTLY and found[" "][0] >= _MOSTLY and found[" "][0] > found[best][0]:
        return " "
    return best if found[best][1] > 1 else None


def _fitness(lines: Sequence[str], delimiter: str) -> tuple[float, int]:
    """The share of the lines that have the usual number of cells, and that number; 0 where it is one."""
    try:
        rows = [row for row in csv.reader(spaced(lines, delimiter), delimiter=delimiter, skipinitialspace=True) if any(row)]
    except csv.Error:
        return (0.0, 0)
    if not rows:
        return (0.0, 0)
    width, count = Counter(map(len, rows)).most_common(1)[0]
    return (count / len(rows), width) if width > 1 else (0.0, width)


def spaced(lines: Sequence[str] | Iterator[str], delimiter: str) -> Iterator[str]:
    """Lines whose cells stand between blanks with one blank between cells; other lines as they are."""
    if delimiter != " ":
        yield from lines
        return
    for line in lines:
        body = line.strip()
        yield re.sub(r"[ \t]+", " ", body) + line[len(line.rstrip("\r\n")) :]
