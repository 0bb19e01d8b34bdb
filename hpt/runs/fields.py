"""Reads plain data into a dataclass whose annotations say what each field may hold.

A record is declared once: its fields, their types, ranges, defaults and meanings. Reading, writing and the docs follow from that::

    of: Annotated[int, AtLeast(1), "how many trials that generation has"]
"""

from __future__ import annotations

import json
import math
import types
import typing
from collections.abc import Callable, Iterator, Mapping
from dataclasses import MISSING, Field, dataclass, fields
from datetime import datetime
from functools import partial
from typing import Annotated, Any, Literal, TypeVar, Union

from hpt.yaml.diagnostics import shortened

Record = TypeVar("Record")

MOST = 2**53
"""Whole numbers beyond it are not told apart by programs that read JSON numbers as doubles."""
_DEPTH = 20
_DECLARED: dict[type[Any], tuple[RecordField, ...]] = {}
"""What was found out about a class; a long file asks once a line."""
_LONGEST = 60


class MismatchError(ValueError):
    """A field does not hold what its record declares."""

    def __init__(self, path: str, expected: str, found: str) -> None:
        super().__init__(f"{path}: expected {expected}, found {found}")
        self.path = path


@dataclass(frozen=True, slots=True)
class AtLeast:
    """The range of a whole number; without it, it begins at 0."""

    least: int


@dataclass(frozen=True, slots=True)
class Such:
    """What else a value must be. expected: in words."""

    expected: str
    fits: Callable[[Any], bool]


@dataclass(frozen=True, slots=True)
class Reader:
    """What values of a field are in words, and how one is read: from plain data and its dotted path. Raises MismatchError."""

    expected: str
    read: Callable[[Any, str], Any]


@dataclass(frozen=True, slots=True)
class RecordField:
    """A field of a record. meaning: what it says, for the docs."""

    name: str
    reader: Reader
    default: Any
    meaning: str

    @property
    def required(self) -> bool:
        return self.default is MISSING


def read_record(content: Any, kind: type[Record], path: str = "") -> Record:
    """The record in plain data, as JSON gives it; fields that `kind` does not know are passed over.

    path: of the content, for messages. Raises MismatchError for the first field that is not as declared.
    """
    if not isinstance(content, dict):
        raise MismatchError(path or "record", "a mapping", found(content))
    values = {}
    for each in record_fields(kind):
        if each.name in content:
            values[each.name] = each.reader.read(content[each.name], f"{path}.{each.name}" if path else each.name)
        elif each.required:
            raise MismatchError(f"{path}.{each.name}" if path else each.name, each.reader.expected, "nothing")
    return kind(**values)


def written(record: Any) -> dict[str, Any]:
    """All fields of a record by name, in the order of their declaration."""
    return {each.name: getattr(record, each.name) for each in record_fields(type(record))}


def record_fields(kind: type[Any]) -> tuple[RecordField, ...]:
    """The fields that the dataclass `kind` declares."""
    if kind not in _DECLARED:
        hints = typing.get_type_hints(kind, include_extras=True)
        _DECLARED[kind] = tuple(_field(each, hints[each.name]) for each in fields(kind))
    return _DECLARED[kind]


def unreadable(error: ValueError | RecursionError) -> str:
    """Why a text is no JSON, in the same words on every Python."""
    if isinstance(error, UnicodeDecodeError):
        return f"no UTF-8 at byte {error.start}"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def found(value: Any) -> str:
    """A value as a message shows it."""
    return shortened(json.dumps(value, ensure_ascii=False) if _shallow(value) else "deeply nested data", _LONGEST)


def is_moment(value: str) -> bool:
    """Whether a text is a date with a time, as ISO 8601 has it."""
    try:
        datetime.fromisoformat(value)
    except ValueError:
        return False
    return True


MOMENT = Such("a date and time", is_moment)


def _field(declared: Field[Any], hint: Any) -> RecordField:
    default = declared.default if declared.default_factory is MISSING else declared.default_factory()
    told = [extra for extra in getattr(hint, "__metadata__", ()) if isinstance(extra, str)]
    return RecordField(declared.name, _reader(hint), default, " ".join(told))


def _reader(hint: Any) -> Reader:
    """The reader of a type as it is annotated."""
    origin, arguments = typing.get_origin(hint), typing.get_args(hint)
    if origin is Annotated:
        return _narrowed(_reader(arguments[0]), arguments[0], hint.__metadata__)
    if origin is Literal:
        return _such(Reader("", _plain), " or ".join(arguments), lambda value: isinstance(value, str) and value in arguments)
    if origin in (Union, types.UnionType):
        (inner,) = (_reader(argument) for argument in arguments if argument is not type(None))
        return Reader(f"{inner.expected} or null", partial(_optional, inner))
    if origin is tuple:
        inner = _reader(arguments[0])
        return Reader(f"a list, each {inner.expected}", partial(_series, inner))
    if origin is Mapping:
        inner = _reader(arguments[1])
        return Reader(f"a mapping, each {inner.expected}", partial(_mapping, inner))
    return _SIMPLE.get(hint) or Reader("a mapping", partial(_nested, hint))


def _narrowed(reader: Reader, hint: Any, extras: tuple[Any, ...]) -> Reader:
    for extra in extras:
        if isinstance(extra, AtLeast):
            reader = Reader(*_whole(extra.least))
        elif isinstance(extra, Such):
            reader = _such(reader, extra.expected, extra.fits)
    return reader


def _such(reader: Reader, expected: str, fits: Callable[[Any], bool]) -> Reader:
    def read(value: Any, path: str) -> Any:
        result = reader.read(value, path)
        if not fits(result):
            raise MismatchError(path, expected, found(value))
        return result

    return Reader(expected, read)


def _whole(least: int) -> tuple[str, Callable[[Any, str], int]]:
    expected = f"a whole number from {least}"

    def read(value: Any, path: str) -> int:
        if type(value) is not int or not least <= value <= MOST:
            raise MismatchError(path, expected, found(value))
        return value

    return expected, read


_NUMBER = "a finite number"


def _number(value: Any, path: str) -> float:
    if type(value) is float and math.isfinite(value):
        return value
    if type(value) is int and -MOST <= value <= MOST:
        return float(value)
    raise MismatchError(path, _NUMBER, found(value))


def _text(value: Any, path: str) -> str:
    if not isinstance(value, str) or not _encodable(value):
        raise MismatchError(path, "text", found(value))
    return value


def _boolean(value: Any, path: str) -> bool:
    if not isinstance(value, bool):
        raise MismatchError(path, "true or false", found(value))
    return value


def _plain(value: Any, path: str, depth: int = 0) -> Any:
    """Plain data of any shape; its numbers are finite."""
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return _text(value, path)
    if isinstance(value, int):
        if not -MOST <= value <= MOST:
            raise MismatchError(path, f"a number of at most {MOST}", found(value))
        return value
    if isinstance(value, float):
        return _number(value, path)
    if depth >= _DEPTH:
        raise MismatchError(path, f"at most {_DEPTH} levels", "more")
    if isinstance(value, list):
        return [_plain(item, f"{path}.{index}", depth + 1) for index, item in enumerate(value)]
    return {_text(key, path): _plain(item, f"{path}.{key}", depth + 1) for key, item in value.items()}


def _optional(inner: Reader, value: Any, path: str) -> Any:
    try:
        return None if value is None else inner.read(value, path)
    except MismatchError as error:
        if error.path != path:
            raise
        raise MismatchError(path, f"{inner.expected} or null", found(value)) from None


def _series(inner: Reader, value: Any, path: str) -> tuple[Any, ...]:
    if not isinstance(value, list):
        raise MismatchError(path, "a list", found(value))
    try:
        return tuple([inner.read(item, path) for item in value])
    except MismatchError:
        # Most files are as they should be, and histories are most of a file: a place is spelled only where it is told.
        return tuple(inner.read(item, f"{path}.{index}") for index, item in enumerate(value))


def _nested(kind: type[Any], value: Any, path: str) -> Any:
    return read_record(value, kind, path)


def _mapping(inner: Reader, value: Any, path: str) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise MismatchError(path, "a mapping", found(value))
    return {_text(key, path): inner.read(item, f"{path}.{key}") for key, item in value.items()}


def _encodable(text: str) -> bool:
    """Whether a text can be written: JSON can spell half of a character."""
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def _shallow(value: Any, depth: int = 0) -> bool:
    if not isinstance(value, (dict, list)):
        return not isinstance(value, int) or abs(value) < 10**_LONGEST
    return depth < _DEPTH and all(_shallow(item, depth + 1) for item in _items(value))


def _items(value: Any) -> Iterator[Any]:
    return iter(value.values() if isinstance(value, dict) else value)


_SIMPLE: Mapping[Any, Reader] = {
    int: Reader(*_whole(0)),
    float: Reader(_NUMBER, _number),
    str: Reader("text", _text),
    bool: Reader("true or false", _boolean),
    Any: Reader("plain data", _plain),
}
