"""Tables for a reader: of known meaning, held against how they are read, and with things done to them."""

from __future__ import annotations

import math
import random
import string
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks import typed_tables
from benchmarks.typed_columns import TypedColumn, Writing
from hpt.configuration import config as configuration
from hpt.configuration.resolution import Override
from hpt.data.load import load
from hpt.foundation.errors import InputError
from hpt.study.preparing import problem_of
from hpt.tables.table import is_text

LEAST_OF_A_LABEL = 10
"""So many rows of a label are enough for any split."""


def mutated(source: random.Random, content: bytes, pieces: tuple[bytes, ...]) -> bytes:
    """`content` with a few places cut, doubled, overwritten or filled with one of `pieces`."""
    made = bytearray(content)
    for _ in range(source.choice((1, 1, 2, 4, 16))):
        at = source.randrange(len(made) + 1)
        end = min(len(made), at + source.choice((0, 1, 1, 4, 40)))
        change = source.randrange(5)
        if change == 0:
            del made[at:end]
        elif change == 1:
            made[at:at] = made[at:end] * source.choice((1, 2, 50))
        elif change == 2:
            made[at:end] = source.randbytes(end - at)
        else:
            made[at:end] = source.choice(pieces)
    return bytes(made)


def read_config(path: Path, *overrides: Override) -> configuration.Config:
    """A configuration as `hpt tune` reads it."""
    return configuration.read(path, overrides=overrides, mode="tune")


def csv_case(source: random.Random, folder: Path) -> None:
    """A table of which each cell's meaning is known, held against how it is read; or one with things done to it."""
    writing = Writing.drawn(source)
    table = typed_tables.drawn(source, writing)
    path = folder / f"table.{source.choice(('csv', 'tsv', 'txt'))}{'.gz' if writing.packed else ''}"
    typed_tables.write(table, writing, path)
    missing = source.choice(("mean", "mean", "drop", "error"))
    apart = f", split: fixed, test_source: {path.name}" if source.random() < 0.2 else ""
    (folder / "fuzz.yaml").write_text(
        f"data: {{source: {path.name}, missing: {missing}{apart}}}\noptimizer: {{choose: [sgd, adam]}}\n"
    )
    if source.random() < 0.6:
        _read_right(table, table.left_out(writing), folder, missing)
        return
    content = path.read_bytes()
    if source.random() < 0.5:
        content = _any_table(source)
    pieces = (b'"', b"\x00", b"\xff", b"\n", b"1e999", b"nan", b"=1", b"," * 2000, b"9" * 400, b"1,5", b"\x1b[31m", b";")
    path.write_bytes(mutated(source, content, pieces) if source.random() < 0.8 else content)
    problem_of(read_config(folder / "fuzz.yaml"))


def _read_right(table: typed_tables.TypedTable, left_out: Mapping[str, str], folder: Path, missing: str) -> None:
    """Raises AssertionError where a table is refused, or where a kind, a cell, a count or a label is not what was meant."""
    config = read_config(folder / "fuzz.yaml")
    try:
        found = load(config.data, folder)
        columns: Mapping[str, TypedColumn] = {column.name: column for column in table.columns}
        for read in (found.source, found.test):
            for name in columns if read is not None else ():
                _same_cells(columns[name], read.columns[name].tolist(), text=is_text(read.columns[name]))
        for name, column in columns.items():
            _same("strays", name, column.strays, sum(count for count, _ in found.source.fact(name).strays.values()))
        holes = [column for column in table.columns if None in column.means]
        if missing == "error" and holes:
            _refuses(config)
            return
        if missing == "drop" and table.least < LEAST_OF_A_LABEL:
            return
        dataset = problem_of(config).dataset
    except InputError as error:
        raise AssertionError(f"a table that is right is refused: {error}") from None
    _same("columns", "", [*left_out, *columns], [info.name for info in dataset.columns])
    for info in dataset.columns:
        _same("kind", info.name, left_out.get(info.name) or columns[info.name].kind, info.kind)
        expected = 0 if info.name in left_out else list(columns[info.name].means).count(None)
        _same("missing", info.name, expected, info.missing)
    _same("classes", table.columns[-1].name, table.classes, None if dataset.classes is None else list(dataset.classes))
    if missing != "drop":
        parts = [dataset.train, dataset.validation] + ([dataset.test] if found.test is None else [])
        _same("rows", "", table.rows, sum(len(part.targets) for part in parts if part is not None))


def _refuses(config: configuration.Config) -> None:
    try:
        problem_of(config)
    except InputError:
        return
    raise AssertionError("missing cells are let in")


def _same_cells(column: TypedColumn, cells: Sequence[Any], *, text: bool) -> None:
    _same("text", column.name, column.kind in ("category", "identifier", "constant"), text)
    read = [None if isinstance(cell, float) and math.isnan(cell) else cell for cell in cells]
    for row, (meant, found) in enumerate(zip(column.means, read, strict=True)):
        close = (
            isinstance(meant, float) and isinstance(found, float) and column.kind == "date" and math.isclose(meant, found)
        )
        if not close:
            _same(f"row {row}, written {column.cells[row]!r}", column.name, meant, found)


def _same(what: str, name: str, meant: object, found: object) -> None:
    if meant != found:
        raise AssertionError(f"column {name!r}: {what}: meant {meant!r}, read {found!r}")


def _any_table(source: random.Random) -> bytes:
    kinds = [source.choice(("number", "text", "date", "whole", "empty")) for _ in range(source.randrange(1, 6))]
    separator = source.choice(",;\t|")
    rows = [separator.join(source.choice((f"c{i}", f'"a {i}"', "x", "")) for i in range(len(kinds)))]
    rows += [separator.join(_cell(source, kind) for kind in kinds) for _ in range(source.choice((0, 1, 5, 60)))]
    text = source.choice(("\n", "\r\n", "\r")).join(rows)
    return text.encode(source.choice(("utf-8", "utf-8-sig", "latin-1", "utf-16")), "replace")


def _cell(source: random.Random, kind: str) -> str:
    if source.random() < 0.05:
        return source.choice(("", "NA", "?", '"', '""', "inf", "1,5", "=cmd()", "\x1b[31m"))
    return {
        "number": f"{source.gauss(0, 10 ** source.uniform(-3, 9)):.{source.randrange(6)}f}",
        "text": source.choice(("a", "b", "c", "".join(source.choices(string.printable, k=3)))),
        "date": f"2020-{source.randrange(1, 14):02}-{source.randrange(1, 32):02}",
        "whole": str(source.randrange(3)),
        "empty": "",
    }[kind]
