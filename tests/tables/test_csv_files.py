"""CSV files, well formed or not."""

from __future__ import annotations

import csv
import io
import json
import re
from fractions import Fraction
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.foundation.errors import InputError
from hpt.runs.stored_encoding import read_encoding
from hpt.tables import csv_files
from hpt.tables.files import read_file
from hpt.tables.plans import MISSING, Plan
from hpt.tables.table import Table, missing_cells

OPTIONS = {row.name: row.default for row in DATA}


def read(folder: Path, content: bytes | str, target: str | None = None) -> Table:
    path = folder / "some.csv"
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return read_file(path, OPTIONS, target)


def test_numbers_text_and_missing_cells(tmp_path: Path) -> None:
    table = read(tmp_path, "a, b ,c\n1,red,x\n,NA,y\n 2.5 , red ,\n")
    assert list(table.columns) == ["a", "b", "c"]
    np.testing.assert_array_equal(table.columns["a"], [1.0, np.nan, 2.5])
    assert table.columns["b"].tolist() == ["red", None, "red"]
    assert table.columns["c"].tolist() == ["x", "y", None]
    assert table.target == "c"
    assert table.place(1) == "some.csv:3"


@pytest.mark.parametrize("cell", sorted(MISSING))
def test_each_spelling_of_missing(tmp_path: Path, cell: str) -> None:
    table = read(tmp_path, f"a,b,y\n1,red,1\n{cell},{cell},2\n")
    assert missing_cells(table.columns["a"]).tolist() == missing_cells(table.columns["b"]).tolist() == [False, True]


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
@pytest.mark.parametrize("bom", [b"", b"\xef\xbb\xbf"])
@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
def test_delimiters_byte_order_marks_and_line_endings(tmp_path: Path, delimiter: str, bom: bytes, ending: bytes) -> None:
    lines = ['size;"a;b,c\td";y', '1;"x;y,z\tw";0', '2;"say ""no""";1']
    cut = [line.replace('";', '"\0').replace("size;", "size\0").replace("1;", "1\0").replace("2;", "2\0") for line in lines]
    content = ending.join(line.replace("\0", delimiter).encode() for line in cut)
    table = read(tmp_path, bom + content)
    assert list(table.columns) == ["size", "a;b,c\td", "y"]
    assert table.columns["a;b,c\td"].tolist() == ["x;y,z\tw", 'say "no"']


def test_line_numbers_survive_line_breaks_in_quotes_and_blank_lines(tmp_path: Path) -> None:
    table = read(tmp_path, 'a,b\n\n"one\ntwo",1\n  \nthree,2\n')
    assert [table.place(row) for row in range(2)] == ["some.csv:3", "some.csv:6"]
    assert table.columns["a"].tolist() == ["one\ntwo", "three"]


def test_a_blank_before_a_quote_does_not_hide_it(tmp_path: Path) -> None:
    assert read(tmp_path, 'a, "b", y\n1, "x, y", 2\n').columns["b"].tolist() == ["x, y"]


@pytest.mark.parametrize("cell", ["1_000", "0x10", "1e", "--1", "1,5,0", "1.2.3", "27 (+3)", "5+", "12A4"])
def test_what_python_or_a_spreadsheet_calls_a_number_is_text(tmp_path: Path, cell: str) -> None:
    assert read(tmp_path, f'a,y\n"{cell}",1\n').columns["a"].tolist() == [cell]


def test_a_table_is_the_same_in_whatever_chunks_it_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    content = "a,b,y\nu007,1,x\n1.50,,y\n3,2,x\nlate,3,x\n5,4,x\n"
    whole = read(tmp_path, content)
    monkeypatch.setattr(csv_files, "CHUNK_ROWS", 2)
    table = read(tmp_path, content)
    assert table.digest == whole.digest
    assert table.columns["a"].tolist() == ["u007", "1.50", "3", "late", "5"]
    np.testing.assert_array_equal(table.columns["b"], [1, np.nan, 2, 3, 4])


@pytest.mark.parametrize(
    ("content", "parts"),
    [
        (b"", ["some.csv:1:", "empty"]),
        (b"\n\n", ["some.csv:1:", "empty"]),
        (b"a,b\n", ["some.csv:1:", "rows", "none"]),
        (b"1,2\n3,4\n", ["some.csv:1:", "column names", "numbers"]),
        (b"a,,b\n1,2,3\n", ["some.csv:1:", "column 2", "no name"]),
        (b"a,b,a\n1,2,3\n", ["some.csv:1:", "columns 1 and 3", "'a'"]),
        (b"a,b,c\n1,2,3\n4,5\n", ["some.csv:3:", "expected 3 cells, found 2", "'c'"]),
        (b"a,b\n1,2\n\n1,2,surplus\n", ["some.csv:4:", "expected 2 cells, found 3", "'surplus'", "quotes"]),
        (b"a,b\n1,2\nPawe\xb3,3\n", ["some.csv:3:", "0xb3", "UTF-8"]),
        (b"\xef\xbb\xbfa,b\n1,\xff\n", ["some.csv:2:", "0xff", "UTF-8"]),
        (b'a,b\n1,2\n3,"open\n4,5\n', ["some.csv:3:", "quote"]),
        (b"a,b\n1,2\nx\0y,3\n", ["some.csv:3:", "'a'", "NUL"]),
        (b"a,b\n1,2\n" + b"x" * 200_000 + b",1\n", ["some.csv:3:", "field"]),
    ],
)
def test_refused_with_line_and_column(tmp_path: Path, content: bytes, parts: list[str]) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, content)
    assert all(part in str(caught.value) for part in parts), str(caught.value)


def test_all_faults_of_a_header_at_once(tmp_path: Path) -> None:
    with pytest.raises(InputError) as caught:
        read(tmp_path, "a,b,a,b\n1,2,3,4\n")
    assert len(caught.value.complaints) == 2


def test_unknown_target_names_the_nearest_column(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"data\.target: no column 'qualty' in some\.csv\. Nearest: 'quality'"):
        read(tmp_path, "quality,ash\n1,2\n", "qualty")


def test_the_digest_knows_content_order_names_and_target(tmp_path: Path) -> None:
    contents = [
        "a,b\n1,2\n3,4\n",
        "a,c\n1,2\n3,4\n",
        "b,a\n1,2\n3,4\n",
        "a,b\n3,4\n1,2\n",
        "a,b\n1,2\n3,\n",
        "a,b\n1,x\n3,y\n",
    ]
    digests = [read(tmp_path, content).digest for content in contents] + [read(tmp_path, contents[0], "a").digest]
    assert len(set(digests)) == len(digests)
    assert read(tmp_path, '"a"; b\r\n1.0;2\r\n03;4\r\n').digest == digests[0]


written = st.one_of(
    st.floats(allow_nan=False, allow_infinity=False).map(repr),
    st.integers(-999, 999).map(str),
    st.sampled_from(["", "NA", "x", "-", "007", "1e5", "9007199254740993", "9007199254740992", "None", "1.0", "1"]),
    st.text(st.characters(exclude_categories=("Cs",), exclude_characters="\0"), max_size=8),
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_what_the_standard_library_writes_is_read_back(tmp_path: Path, data: st.DataObject) -> None:
    """Texts as they were written; numbers by Python's own reading; what is neither is missing and counted, or refused."""
    width = data.draw(st.integers(2, 4))
    rows = data.draw(st.lists(st.lists(written, min_size=width, max_size=width), min_size=1, max_size=6))
    out = io.StringIO()
    csv.writer(out, quoting=csv.QUOTE_ALL).writerows([[f"name {chr(97 + index)}" for index in range(width)], *rows])
    try:
        table = read(tmp_path, out.getvalue())
    except InputError:
        return
    for index in range(width):
        name = f"name {chr(97 + index)}"
        if name not in table.columns:
            assert not any(row[index].strip() for row in rows)
            continue
        kept = (
            [rows[line - 2] for line in table.rows_at] if not any("\n" in c or "\r" in c for r in rows for c in r) else None
        )
        if kept is None:
            continue
        check_column(table, name, [row[index].strip() for row in kept])


def check_column(table: Table, name: str, cells: list[str]) -> None:
    column, facts = table.columns[name], table.fact(name)
    if column.dtype == np.object_:
        assert column.tolist() == [None if cell in MISSING else cell for cell in cells]
        return
    held = {cell: number for cell, number in zip(cells, column.tolist(), strict=True) if not np.isnan(number)}
    if facts.plan == Plan("number"):
        exact = {
            cell: Fraction(cell)
            for cell in held
            if re.fullmatch(r"[-+]?[0-9.]+(e[-+]?[0-9]+)?", cell) and held[cell] < 1e300
        }
        assert all(held[cell] == float(number) for cell, number in exact.items())
        whole = [number for cell, number in exact.items() if number.denominator == 1 and "e" not in cell and "." not in cell]
        assert len({float(number) for number in whole}) == len(set(whole)), "integers that were told apart are one"
    gone = {cell for cell, number in zip(cells, column.tolist(), strict=True) if np.isnan(number)}
    assert gone - MISSING <= set(facts.blank) | set(facts.strays)


def prepared_or_refused(table: Table) -> tuple[str, ...]:
    options = OPTIONS | {"missing": "mean", "validation": 0.0, "test": 0.0}
    try:
        dataset = prepare(table, options, (0,))
    except InputError as error:
        return error.complaints
    assert np.isfinite(dataset.train.inputs).all()
    assert dataset.encoding is not None
    assert read_encoding(json.dumps(dataset.encoding.data())) == dataset.encoding
    return (*dataset.warnings, *dataset.notices)


likely = st.lists(
    st.sampled_from(
        [
            b",",
            b";",
            b"\t",
            b'"',
            b"\n",
            b"\r\n",
            b"\r",
            b" ",
            b"a",
            b"b",
            b"1",
            b"2.5",
            b"NA",
            b"",
            b"\0",
            b"\xff",
            b"1,5",
            b"-",
            b"x,y\n1,2\n",
        ]
    )
).map(b"".join)


@settings(max_examples=400, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.one_of(st.binary(max_size=80), likely, st.text(max_size=60).map(lambda text: text.encode("utf-8", "replace"))))
@example(b"\xef\xbb\xbf")
@example(b'"a","b')
@example(b"a,b\r1,2\r\n3")
def test_any_bytes_are_a_table_or_refused(tmp_path: Path, content: bytes) -> None:
    try:
        table = read(tmp_path, content)
    except InputError as error:
        complaints = error.complaints
    else:
        complaints = ()
        assert {len(column) for column in table.columns.values()} == {table.rows}
        assert table.rows > 0
        complaints = prepared_or_refused(table)
    assert all("\n" not in complaint for complaint in complaints)
