"""Tables that are not delimited text, and files that are not read."""

from __future__ import annotations

import gzip
import json
import sys
import tracemalloc
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.data.options import DATA
from hpt.foundation.errors import InputError
from hpt.tables.files import FOREIGN, ending_of, foreign_ending, read_file

OPTIONS = {row.name: row.default for row in DATA}
ROWS = [{"a": index / 8, "code": f"{index % 3:03}", "big": 2**60 + index, "y": "uv"[index % 2]} for index in range(40)]


def same(path: Path, folder: Path) -> None:
    (folder / "plain.csv").write_text("a,code,big,y\n" + "".join(",".join(map(str, row.values())) + "\n" for row in ROWS))
    plain, table = read_file(folder / "plain.csv", OPTIONS), read_file(path, OPTIONS)
    assert table.digest == plain.digest
    assert {name: fact.plan.kind for name, fact in table.facts.items()} == {
        "a": "number", "code": "category", "big": "identifier", "y": "category",
    }  # fmt: skip


@pytest.mark.parametrize("ending", [".csv.gz", ".txt.gz", ".tsv.gz"])
def test_packed_text(tmp_path: Path, ending: str) -> None:
    text = "a,code,big,y\n" + "".join(",".join(map(str, row.values())) + "\n" for row in ROWS)
    (tmp_path / f"some{ending}").write_bytes(gzip.compress(text.encode()))
    same(tmp_path / f"some{ending}", tmp_path)
    (tmp_path / f"some{ending}").write_bytes(gzip.compress(text.encode())[:60])
    with pytest.raises(InputError, match=r"not a readable \.gz file"):
        read_file(tmp_path / f"some{ending}", OPTIONS)
    (tmp_path / f"some{ending}").write_bytes(b"no gzip")
    with pytest.raises(InputError, match="some"):
        read_file(tmp_path / f"some{ending}", OPTIONS)


@pytest.mark.parametrize("ending", [".jsonl", ".ndjson", ".json"])
def test_json_lines(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"some{ending}"
    path.write_text("".join(json.dumps(row) + "\n" for row in ROWS))
    same(path, tmp_path)
    path.write_text(json.dumps(ROWS))
    same(path, tmp_path)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ('{"a": 1}\n{"a": [1]}\n', "some.jsonl:2: column 'a': expected a number, a text or null, found a list"),
        ('{"a": 1}\n3\n', "some.jsonl:2: expected a JSON object"),
        ('{"a": 1}\n{"a": \n', "some.jsonl:2: expected one JSON object a line"),
        ("", "some.jsonl:1: expected rows, found none"),
        ("[" * 100_000, "some.jsonl:1:"),
        ('{"a": "x\\u0000y", "b": 1}\n', "some.jsonl"),
    ],
)
def test_json_lines_that_are_refused(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "some.jsonl").write_text(text)
    with pytest.raises(InputError) as caught:
        read_file(tmp_path / "some.jsonl", OPTIONS)
    assert said in str(caught.value)


def test_members_of_a_list_have_places_of_their_own(tmp_path: Path) -> None:
    (tmp_path / "some.json").write_text(json.dumps([{"a": index, "y": index % 2} for index in range(4)]))
    table = read_file(tmp_path / "some.json", OPTIONS, "y")
    assert [table.place(row) for row in range(4)] == [f"some.json:{row}" for row in range(1, 5)]


def test_a_key_that_an_object_lacks_is_missing(tmp_path: Path) -> None:
    (tmp_path / "some.jsonl").write_text('{"a": 1, "y": 1}\n{"y": 2}\n{"a": null, "y": 1, "late": 3}\n')
    table = read_file(tmp_path / "some.jsonl", OPTIONS, "y")
    assert np.isnan(table.columns["a"]).tolist() == [False, True, True]
    assert np.isnan(table.columns["late"]).tolist() == [True, True, False]


def test_parquet(tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    parquet = pytest.importorskip("pyarrow.parquet")
    parquet.write_table(pyarrow.Table.from_pylist(ROWS), tmp_path / "some.parquet")
    same(tmp_path / "some.parquet", tmp_path)
    (tmp_path / "some.parquet").write_bytes(b"PAR1 no more")
    with pytest.raises(InputError, match="not a readable Parquet file"):
        read_file(tmp_path / "some.parquet", OPTIONS)
    parquet.write_table(pyarrow.table({"a": [[1], [2]], "y": [1, 2]}), tmp_path / "some.parquet")
    with pytest.raises(InputError, match="lists or structures in 'a'"):
        read_file(tmp_path / "some.parquet", OPTIONS)


def test_excel(tmp_path: Path) -> None:
    openpyxl = pytest.importorskip("openpyxl")
    book = openpyxl.Workbook()
    sheet = book.active
    for cells in (["A report"], [], list(ROWS[0]), *([*row.values()] for row in ROWS)):
        sheet.append([str(cell) if isinstance(cell, int) else cell for cell in cells])
    book.create_sheet("second")
    book.save(tmp_path / "some.xlsx")
    same(tmp_path / "some.xlsx", tmp_path)
    table = read_file(tmp_path / "some.xlsx", OPTIONS)
    assert table.place(0) == "some.xlsx:4"
    assert any("sheets left out: 'second'" in notice for notice in table.notices)
    (tmp_path / "some.xlsx").write_bytes(b"PK no more")
    with pytest.raises(InputError, match=r"not a readable \.xlsx file"):
        read_file(tmp_path / "some.xlsx", OPTIONS)


@pytest.mark.parametrize(("ending", "module"), [(".parquet", "pyarrow.parquet"), (".xlsx", "openpyxl")])
def test_what_is_not_installed_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, ending: str, module: Any) -> None:
    monkeypatch.setitem(sys.modules, module, None)
    (tmp_path / f"some{ending}").write_bytes(b"anything")
    with pytest.raises(InputError, match=rf"some{ending}: reading {ending} files takes .*pip install 'hpt\[tables\]'"):
        read_file(tmp_path / f"some{ending}", OPTIONS)


def test_data_files_are_known_by_their_endings() -> None:
    assert ending_of("Some.CSV.GZ") == ".csv.gz"
    assert ending_of("some.yaml.gz") is None
    assert foreign_ending("some.yaml") is None
    assert all(ending_of(f"some{ending}") is None and foreign_ending(f"some{ending}") for ending in FOREIGN)


def test_rows_that_each_name_other_columns_are_refused_before_they_fill_the_memory(tmp_path: Path) -> None:
    """Three megabytes that would be 800 million cells."""
    path = tmp_path / "some.jsonl"
    path.write_text("".join(json.dumps({f"k{row}_{i}": 1 for i in range(50)}) + "\n" for row in range(4000)))
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"some\.jsonl: 2,318 rows of 115,900 columns, at most 268,435,456 cells"):
            read_file(path, OPTIONS)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2**27


def test_a_line_that_does_not_end_is_refused_before_it_is_unpacked(tmp_path: Path) -> None:
    """A gigabyte packed into one megabyte."""
    path = tmp_path / "some.csv.gz"
    with gzip.open(path, "wb", compresslevel=1) as stream:
        stream.write(b"a,y\n")
        for _ in range(256):
            stream.write(b"1" * 2**22)
    assert path.stat().st_size < 2**23
    tracemalloc.start()
    try:
        with pytest.raises(InputError, match=r"some\.csv\.gz:2: expected at most 67,108,864 characters in a line"):
            read_file(path, OPTIONS)
        _, most = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert most < 2**29
