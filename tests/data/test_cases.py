"""Files as people have them, re-created small from public reports: what each must give."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.data.dataset import Dataset
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.foundation.errors import InputError

OPTIONS = {row.name: row.default for row in DATA}
CASES = Path(__file__).parent / "cases"


def prepared(file: str, **options: Any) -> Dataset:
    path = CASES / file
    chosen = OPTIONS | {"source": path.name} | options
    tables = load(chosen, path.parent)
    return prepare(tables.source, chosen, (0,), tables.test)


def kinds(dataset: Dataset) -> dict[str, str]:
    return {column.name: column.kind for column in dataset.columns}


def same_inputs(one: Dataset, other: Dataset, columns: Iterable[int] | None = None) -> None:
    for part in ("train", "validation", "test"):
        a, b = getattr(one, part), getattr(other, part)
        chosen = slice(None) if columns is None else list(columns)
        np.testing.assert_allclose(a.inputs[:, chosen], b.inputs[:, chosen], rtol=1e-12, atol=1e-12)
        np.testing.assert_allclose(a.targets, b.targets, rtol=1e-12, atol=1e-12)


def linear_r2(dataset: Dataset) -> float:
    """The share of the test rows' variance that a straight line through the training rows explains."""
    assert dataset.test is not None
    train, test = (np.column_stack([part.inputs, np.ones(len(part.inputs))]) for part in (dataset.train, dataset.test))
    weights, *_ = np.linalg.lstsq(train, dataset.train.targets, rcond=None)
    residual = dataset.test.targets - test @ weights
    return float(1 - (residual**2).sum() / ((dataset.test.targets - dataset.test.targets.mean()) ** 2).sum())


@pytest.mark.parametrize("name", ["shop90", "shop400"])
def test_currency_and_per_cent_are_the_numbers_of_the_clean_file(name: str) -> None:
    dataset, clean = (prepared(f"01-currency-percent/{file}.csv") for file in (name, f"{name}_clean"))
    same_inputs(dataset, clean)
    assert any("'price' ($), 'discount' (%)" in notice for notice in dataset.notices)


@pytest.mark.parametrize("name", ["target", "target_percent"])
def test_a_target_with_a_unit_is_an_amount(name: str) -> None:
    dataset = prepared(f"01-currency-percent/{name}.csv")
    assert dataset.task == "regression"
    assert dataset.target_mean > 1


@pytest.mark.parametrize(
    ("name", "text", "count"),
    [
        ("dash15", "-", 68),
        ("dash05", "-", 20),
        ("dash05wide", "-", 20),
        ("dot15", ".", 68),
        ("star15", "*", 68),
        ("unknown15", "unknown", 68),
        ("none15", "None", 68),
        ("pandasna15", "<NA>", 68),
        ("excelna15", "#N/A", 68),
        ("NA15", "NA", 68),
    ],
)
def test_placeholders_among_numbers_are_missing_cells(name: str, text: str, count: int) -> None:
    file = f"02-placeholder/{name}.csv"
    with pytest.raises(InputError, match=rf"{name}\.csv:5: column 'visits': missing cell\. So are {count - 1} more"):
        prepared(file)
    dataset = prepared(file, missing="mean")
    assert (dataset.columns[0].kind, dataset.columns[0].missing) == ("number", count)
    assert any(f"'visits' ({text!r} {count} times)" in notice for notice in dataset.notices)
    if name not in {"dash05wide", "dash05"}:
        same_inputs(dataset, prepared("02-placeholder/NA15.csv", missing="mean"))


def test_a_real_table_of_many_kinds() -> None:
    dataset = prepared("02-placeholder/elements.csv", missing="mean", target="atomic mass")
    assert dataset.task == "regression"
    assert kinds(dataset) | {"atomic number": "number", "atomic mass": "number", "year discovered": "number"} == kinds(
        dataset
    )
    assert kinds(dataset) | {"symbol": "identifier", "name": "identifier", "group": "number"} == kinds(dataset)
    assert any(
        "'year discovered': numbers but for" in text and "'Ancient' (elements.csv:7)" in text for text in dataset.warnings
    )


@pytest.mark.parametrize("name", ["bank", "brackets"])
def test_minus_signs_of_print_and_of_bookkeepers(name: str) -> None:
    same_inputs(prepared(f"04-unicode-minus/{name}.csv"), prepared("04-unicode-minus/clean.csv"))


def test_blanks_that_part_thousands() -> None:
    assert kinds(prepared("04-unicode-minus/nbsp.csv"))["balance"] == "number"


@pytest.mark.parametrize(
    ("file", "columns"),
    [
        ("05-trailing-delimiter/all_lines.csv", ("z", "balance")),
        ("05-trailing-delimiter/rows_only.csv", ("z", "balance")),
        ("05-trailing-delimiter/rwritetable.csv", ("z", "balance")),
        *(
            (f"07-pipe/{name}", ("z", "balance"))
            for name in ("pipe.csv", "space.csv", "aligned.csv", "data.tsv", "data.txt")
        ),
        ("07-pipe/sep_line.csv", ("z", "balance")),
        *((f"08-excel-blank-rows/{name}.csv", ("z", "balance")) for name in ("tail", "middle", "padded", "total")),
        *((f"09-comment-lines/{name}.csv", ("z", "balance")) for name in ("noaa", "meta", "units")),
        ("33-encodings/utf16.csv", ("z", "balance")),
    ],
)
def test_what_stands_around_a_table_is_no_part_of_it(file: str, columns: tuple[str, ...]) -> None:
    dataset = prepared(file)
    assert dataset.input_names == columns
    assert dataset.classes == ("down", "up")
    clean = prepared("04-unicode-minus/clean.csv")
    assert not any("taken for the names" in text or "stand above" in text for text in dataset.warnings)
    if (CASES / file).name != "rwritetable.csv":
        same_inputs(prepared(file, drop=("z",)), prepared("04-unicode-minus/clean.csv", drop=("z",)))
    assert sum(len(part.inputs) for part in (dataset.train, dataset.validation, dataset.test) if part) == 300
    assert clean.input_names == ("balance", "z")


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("05-trailing-delimiter/all_lines.csv", "empty columns left out: 'column 4'"),
        ("05-trailing-delimiter/rows_only.csv", "300 surplus empty cells left out"),
        ("05-trailing-delimiter/rwritetable.csv", "index columns left out"),
        ("08-excel-blank-rows/tail.csv", "3 empty rows left out"),
        ("08-excel-blank-rows/middle.csv", "1 empty row left out"),
        ("08-excel-blank-rows/padded.csv", "empty columns left out: 'column 4', 'column 5'"),
        ("08-excel-blank-rows/total.csv", "'Totals:' (total.csv:302)"),
        ("09-comment-lines/noaa.csv", "lines 1 to 3: comments are left out"),
        ("09-comment-lines/meta.csv", "lines 1 to 3, above the column names, are left out (data.skip_rows: 3)"),
        ("09-comment-lines/units.csv", "units.csv:2: a row of units is left out: '(m/s)', '(EUR)', '(-)'"),
        ("10-leading-zeros/zip_feature.csv", "'zip' (codes with leading zeros"),
    ],
)
def test_what_was_left_out_or_kept_is_said(file: str, said: str) -> None:
    dataset = prepared(file)
    assert any(said in text for text in (*dataset.notices, *dataset.warnings)), (dataset.notices, dataset.warnings)


def test_labels_and_codes_are_what_is_written() -> None:
    assert prepared("10-leading-zeros/labels.csv").classes == ("0001", "001", "01", "1")
    dataset = prepared("10-leading-zeros/zip_feature.csv")
    assert kinds(dataset)["zip"] == "category"
    assert linear_r2(dataset) > 0.95
    forced = prepared("10-leading-zeros/zip_feature.csv", columns={"zip": "number"})
    assert forced.input_names == ("zip", "x")


@pytest.mark.parametrize("name", ["iso800", "iso120", "eu120"])
def test_dates_are_days(name: str) -> None:
    dataset = prepared(f"12-dates/{name}.csv")
    assert kinds(dataset)["day"] == "date"
    assert dataset.input_names == ("day", "x")
    assert linear_r2(dataset) > 0.98
    raw = prepared(f"12-dates/{name}.csv", standardize=False, validation=0.0, test=0.0)
    assert raw.train.inputs[:3, 0].tolist() == [0.0, 1.0, 2.0]


def test_day_first_dates_are_those_of_the_iso_file() -> None:
    same_inputs(prepared("12-dates/eu120.csv"), prepared("12-dates/iso120.csv"), [0, 1])


def test_ids_that_repeat_are_warned_of() -> None:
    warnings = prepared("24-groups/visits.csv").warnings
    assert any("column 'patient' holds 30 ids in 600 rows" in warning and "data.group" in warning for warning in warnings)


@pytest.mark.parametrize("name", ["ids", "num", "text", "unemployment09"])
def test_a_missing_header_is_said_first_and_can_be_said(name: str) -> None:
    file = f"32-headerless/{name}.csv"
    warnings = prepared(file).warnings
    assert warnings[0].startswith(f"{name}.csv:1: the first row was taken for the names")
    assert "data.header: none" in warnings[0]
    with pytest.raises(InputError) as caught:
        prepared(file, drop=("nowhere",))
    assert caught.value.complaints[0] == warnings[0]
    rows = (CASES / file).read_text().count("\n")
    dataset = prepared(file, header="none", validation=0.0, test=0.0)
    assert len(dataset.train.inputs) == rows
    assert all(column.name.startswith("column_") for column in dataset.columns)
    assert not any("taken for the names" in warning for warning in dataset.warnings)


@pytest.mark.parametrize(("name", "reads"), [("latin1", "größer"), ("cp1252", "5 €")])
def test_an_encoding_that_is_certain_is_read_and_named(name: str, reads: str) -> None:
    file = f"33-encodings/{name}.csv"
    dataset = prepared(file)
    assert dataset.classes is not None
    assert reads in dataset.classes
    (said,) = (notice for notice in dataset.notices if "cp1252" in notice)
    assert reads.rsplit(maxsplit=1)[-1] in said
    assert "data.encoding" in said
    assert dataset.classes == prepared(file, encoding="cp1252").classes


def test_rows_without_a_target_are_dropped_with_a_count() -> None:
    file = "37-missing-target/Hitters.csv"
    with pytest.raises(InputError, match=r"Hitters\.csv:2: target 'Salary': missing.*So are 58 more\..*data\.missing: drop"):
        prepared(file, target="Salary")
    dataset = prepared(file, target="Salary", missing="drop")
    assert any("263 of 322 rows kept; 59 rows without a target" in notice for notice in dataset.notices)
