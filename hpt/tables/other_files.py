"""JSON lines, Parquet and Excel files as cells of text, so that every source is understood in one way."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from datetime import date, datetime, time
from importlib import import_module
from pathlib import Path
from typing import Any

import numpy as np

from hpt.foundation.errors import InputError
from hpt.tables.dialect import encoding_of, text_lines
from hpt.tables.raw import RawColumn, RawTable, check_size, table_of
from hpt.tables.wording import listed, shown

_BATCH = 10_000


def read_json_lines(path: Path, name: str, options: Mapping[str, Any]) -> RawTable:
    """The rows of a file that holds one JSON object a line, or one list of objects; what an object lacks is missing.

    Raises InputError, with the line, where one is no flat object.
    """
    encoding = encoding_of(path, options["encoding"])
    lines: list[int] = []

    def rows() -> Iterator[Mapping[str, str]]:
        for number, value in _values(path, name, encoding):
            if not isinstance(value, dict):
                raise InputError(
                    f"{name}:{number}: expected a JSON object of column names and values, found {_kind(value)}."
                )
            row = {}
            for column, cell in value.items():
                if isinstance(cell, (dict, list)):
                    raise InputError(
                        f"{name}:{number}: column {shown(column)}: expected a number, a text or null, found {_kind(cell)}."
                    )
                row[column] = _text(cell)
            lines.append(number)
            yield row

    try:
        table = table_of(name, rows(), lines)
    except ValueError as error:
        raise InputError(f"{name}: a cell cannot be read ({error}).") from None
    if not lines or not table.columns:
        raise InputError(f"{name}:1: expected rows, found none.")
    return table


def _values(path: Path, name: str, encoding: str) -> Iterator[tuple[int, Any]]:
    """Each value of the file with its line. Members of a file that is one list are counted from 1."""
    for number, line in enumerate(text_lines(path, name, encoding), start=1):
        text = line.strip()
        if not text:
            continue
        if number == 1 and text.startswith("["):
            whole = _parsed("".join(text_lines(path, name, encoding)), name, 1)
            yield from enumerate(whole, start=1)
            return
        yield number, _parsed(text, name, number)


def _parsed(text: str, name: str, number: int) -> Any:
    """A JSON value, its numbers as the texts that they are written as: integers of any length stay apart."""
    try:
        return json.loads(text, parse_int=_Number, parse_float=_Number, parse_constant=_Number)
    except (ValueError, RecursionError) as error:
        deep = "nested too deeply" if isinstance(error, RecursionError) else error
        reason = error.msg if isinstance(error, json.JSONDecodeError) else deep
        raise InputError(f"{name}:{number}: expected one JSON object a line ({reason}).") from None


class _Number(str):
    """A number as JSON spells it."""

    __slots__ = ()


def _text(cell: Any) -> str:
    """A value as the text of a cell; "" where it is missing."""
    if cell is None or cell != cell:  # noqa: PLR0124  NaN is not itself
        return ""
    if isinstance(cell, datetime):
        return cell.isoformat(sep=" ") if cell.time() != time.min or cell.tzinfo else cell.date().isoformat()
    if isinstance(cell, (date, time)):
        return cell.isoformat()
    return cell if isinstance(cell, str) else str(cell)


def _kind(value: Any) -> str:
    names = {dict: "an object", list: "a list", _Number: "a number", str: "a text", bool: "a truth value"}
    return names.get(type(value), "nothing")


def read_parquet(path: Path, name: str, options: Mapping[str, Any]) -> RawTable:
    """The columns of a Parquet file. Raises InputError where it is none, is nested, or pyarrow is not installed."""
    parquet = _imported("pyarrow.parquet", name)
    try:
        with parquet.ParquetFile(path) as file:
            schema, rows = file.schema_arrow, file.metadata.num_rows
            nested = [field.name for field in schema if str(field.type).startswith(("list", "struct", "map", "large_list"))]
            _check_size(name, rows, len(schema.names), schema.names)
            _refuse_nested(name, nested)
            columns = {column: RawColumn() for column in schema.names}
            for batch in file.iter_batches(_BATCH):
                for column, cells in zip(schema.names, batch.columns, strict=True):
                    columns[column].add([_text(cell) for cell in cells.to_pylist()])
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  pyarrow's errors are of many kinds, and this is a stranger's file
        raise InputError(f"{name}: not a readable Parquet file ({_first_line(error)}).") from None
    # pandas writes its index as a column of this name.
    columns.pop("__index_level_0__", None)
    return RawTable(name, columns, np.arange(1, rows + 1))


def _refuse_nested(name: str, nested: list[str]) -> None:
    if nested:
        raise InputError(f"{name}: expected plain columns, found lists or structures in {listed(nested)}.")


def read_xlsx(path: Path, name: str, options: Mapping[str, Any]) -> RawTable:
    """The first sheet of an Excel file, its names told from where the table begins, as in a text file.

    Raises InputError where it is none, or openpyxl is not installed.
    """
    from hpt.tables.csv_files import table_of_records

    openpyxl = _imported("openpyxl", name)
    try:
        book = openpyxl.load_workbook(path, read_only=True, data_only=True)
        sheet = book.worksheets[0]
        _check_size(name, sheet.max_row or 0, sheet.max_column or 0, ["a"])
        records = [
            (number, [_text(cell) for cell in row])
            for number, row in enumerate(sheet.iter_rows(values_only=True), start=1)
            if row
        ]
        others = book.sheetnames[1:]
        book.close()
    except InputError:
        raise
    except Exception as error:  # noqa: BLE001  openpyxl's errors are of many kinds, and this is a stranger's file
        raise InputError(f"{name}: not a readable .xlsx file ({_first_line(error)}).") from None
    return table_of_records(name, records, options, [f"{name}: sheets left out: {listed(others, 5)}."] if others else [])


def _check_size(name: str, rows: int, columns: int, names: list[str]) -> None:
    check_size(name, rows, columns)
    if not rows or not columns:
        raise InputError(f"{name}: expected rows, found none.")
    if len(set(names)) < len(names):
        raise InputError(f"{name}: two columns have the same name.")


def _imported(module: str, name: str) -> Any:
    try:
        return import_module(module)
    except ImportError:
        raise InputError(
            f"{name}: reading {Path(name).suffix} files takes {module.partition('.')[0]}, which is not installed."
            " Install it with: pip install 'hpt[tables]'"
        ) from None


def _first_line(error: Exception) -> str:
    text = str(error).strip().partition("\n")[0]
    return text[:120] if text.isprintable() and text else type(error).__name__
