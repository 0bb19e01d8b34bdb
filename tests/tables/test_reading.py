"""What columns are taken for, beside oracles that share no code: Python's own numbers, dates and texts."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, datetime, timedelta
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from hpt.data.options import DATA
from hpt.foundation.errors import InputError
from hpt.tables.files import read_file
from hpt.tables.table import Table

OPTIONS = {row.name: row.default for row in DATA}
Read = Callable[..., Table]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """The table of cells in the column `a`, between a column of texts and the target."""

    def run(cells: list[str], delimiter: str = ",", **options: Any) -> Table:
        rows = [f"k{index % 2}{delimiter}{quoted(cell)}{delimiter}{index % 3}" for index, cell in enumerate(cells)]
        (tmp_path / "some.csv").write_text("\n".join([delimiter.join(["k", "a", "y"]), *rows]) + "\n", encoding="utf-8")
        return read_file(tmp_path / "some.csv", OPTIONS | options)

    return run


def quoted(cell: str) -> str:
    return '"' + cell.replace('"', '""') + '"'


VALUES = [float(value) for value in (*range(-40, 40, 3), 1234, -20000, 1500000)]
WAYS: dict[str, Callable[[float], str]] = {
    "dollar": lambda v: f"${v:,.2f}".replace("$-", "-$"),
    "dollar in brackets": lambda v: f"({-v:,.2f})" if v < 0 else f"{v:,.2f}",
    "euro behind": lambda v: f"{v:.2f} €",
    "code before": lambda v: f"USD {v:.0f}",
    "per cent": lambda v: f"{v:.1f}%",
    "kilograms": lambda v: f"{v:g} kg" if abs(v) < 1e5 else f"{v:.0f} kg",
    "square metres": lambda v: f"{v:.0f} m²",
    "minus of print": lambda v: f"{v:.1f}".replace("-", "−"),
    "no-break space": lambda v: f"{v:,.0f}".replace(",", "\u00a0"),
    "thin space": lambda v: f"{v:,.0f}".replace(",", "\u2009"),
    "narrow no-break space": lambda v: f"{v:,.0f}".replace(",", "\u202f"),
    "apostrophe": lambda v: f"{v:,.0f}".replace(",", "'"),
    "minus behind": lambda v: f"{-v:.1f}-" if v < 0 else f"{v:.1f}",
    "power": lambda v: f"{v:.6E}",
    "power of Fortran": lambda v: f"{v:.6E}".replace("E", "D"),
    "plus": lambda v: f"{v:+.1f}",
    "times": lambda v: f"{v:.0f}x",
    "k and M": lambda v: f"{v / 1e6:g}M" if abs(v) >= 1e6 else f"{v / 1e3:g}k" if abs(v) >= 1e3 else f"{v:g}",
    "euro, K and M": lambda v: f"€{v / 1e6:g}M" if abs(v) >= 1e6 else f"€{v / 1e3:g}K" if abs(v) >= 1e3 else f"€{v:g}",
    "millions in words": lambda v: f"{v / 1e6:g} Mio." if abs(v) >= 1e6 else f"{v:g}",
}


@pytest.mark.parametrize("way", WAYS)
def test_numbers_as_people_write_them(read: Read, way: str) -> None:
    table = read([WAYS[way](value) for value in VALUES])
    assert table.fact("a").plan.kind == "number"
    np.testing.assert_allclose(table.columns["a"], VALUES, rtol=1e-6)


@pytest.mark.parametrize("delimiter", [";", "\t"])
@pytest.mark.parametrize("grouped", [False, True])
def test_decimal_commas_are_decided_for_the_file(read: Read, delimiter: str, grouped: bool) -> None:
    def german(value: float) -> str:
        text = f"{value:,.2f}" if grouped else f"{value:.2f}"
        return text.replace(",", "#").replace(".", ",").replace("#", ".")

    table = read([german(value) for value in VALUES], delimiter)
    np.testing.assert_array_equal(table.columns["a"], VALUES)
    assert any("decimal sign is a comma" in notice for notice in table.notices)


def test_thousands_of_three_digits_beside_shorter_numbers(read: Read) -> None:
    whole = [12, 999, 1234, 20000, 1500000, 7]
    np.testing.assert_array_equal(read([f"{value:,}" for value in whole]).columns["a"], whole)
    np.testing.assert_array_equal(read([f"{value:,}".replace(",", ".") for value in whole], ";").columns["a"], whole)


def test_two_decimal_signs_are_asked_about_and_the_answer_is_taken(read: Read, tmp_path: Path) -> None:
    (tmp_path / "two.csv").write_text("a;b;y\n" + "".join(f"{i},5;{i}.25;{i}\n" for i in range(30)))
    with pytest.raises(InputError, match=r"'b' holds '0\.25', column 'a' '0,5'.*data\.decimal"):
        read_file(tmp_path / "two.csv", OPTIONS)
    table = read_file(tmp_path / "two.csv", OPTIONS | {"decimal": ",", "columns": {"b": "drop"}})
    assert table.columns["a"].tolist() == [i + 0.5 for i in range(30)]


PLACEHOLDERS = ["", "-", ".", "?", "*", "NA", "N/A", "#N/A", "<NA>", "None", "null", "nan", "unknown", "n/a", "NONE", "Null"]


@pytest.mark.parametrize("text", PLACEHOLDERS)
def test_what_stands_for_nothing_among_numbers(read: Read, text: str) -> None:
    table = read([text if index % 4 == 0 else str(index / 8) for index in range(40)])
    assert table.fact("a").plan.kind == "number"
    assert np.isnan(table.columns["a"]).tolist() == [index % 4 == 0 for index in range(40)]
    assert dict(table.fact("a").blank) == ({text: 10} if text else {})


def test_texts_that_a_user_says_stand_for_nothing(read: Read) -> None:
    table = read(
        [("-999" if index % 2 else "-999.0") if index % 4 < 2 else str(index) for index in range(40)],
        missing_values=("-999",),
    )
    assert np.isnan(table.columns["a"]).sum() == 20
    assert read(["x", "none here", "y", "x"], missing_values=("none here",)).columns["a"].tolist() == ["x", None, "y", "x"]


def test_strays_are_counted_named_and_placed(read: Read) -> None:
    table = read([f"err{index}" if index in (3, 9, 11) else str(index) for index in range(40)])
    (warning,) = table.warnings
    assert "numbers but for 3 cells" in warning
    assert "'err3' (some.csv:5), 'err9' (some.csv:11), 'err11' (some.csv:13)" in warning
    with pytest.raises(
        InputError, match=r"only 68% of its cells are numbers.*'err0' \(some\.csv:2\).*data\.columns: \{a: category\}"
    ):
        read([f"err{index}" if index % 3 == 0 else str(index) for index in range(60)] + [str(index) for index in range(3)])


@pytest.mark.parametrize("units", [("$", "€"), (" kg", " lb"), ("KB", "MB"), (" K", " M")])
def test_two_units_in_one_column_are_refused(read: Read, units: tuple[str, str]) -> None:
    cells = [f"{index}.5{units[index % 2]}" if units[0] != "$" else f"{units[index % 2]}{index}.5" for index in range(60)]
    with pytest.raises(InputError, match="column 'a': only 50% of its cells are numbers of one kind"):
        read(cells)
    assert read(cells, columns={"a": "category"}).columns["a"].tolist() == cells


@pytest.mark.parametrize("text", ["{0}/{1}", "{0} ({1}%)", "2 hr {0} min", "level {0}"])
def test_numbers_within_texts_are_told(read: Read, text: str) -> None:
    cells = [text.format(30 + index % 25, index % 25 / 2) for index in range(75)]
    table = read(cells)
    assert table.columns["a"].tolist() == cells
    (warning,) = table.warnings
    assert f"a category: texts that hold numbers, as '{cells[0]}'" in warning
    assert not read([f"{'ABCDE'[index % 5]}{index % 25}" for index in range(75)]).warnings


def test_kelvins_are_not_thousands_and_a_bare_number_is_none_either(read: Read) -> None:
    """In a column of `5k` a bare 5 may be five or five thousand: it is told, and missing. Beside a unit it has the unit."""
    kelvins = read([f"{280 + index} K" for index in range(60)])
    assert kelvins.columns["a"].tolist() == [280.0 + index for index in range(60)]
    train = read([f"{index}.5k" for index in range(60)])
    assert train.columns["a"].tolist() == [index + 0.5 for index in range(60)]
    few = read([f"{index} m" if index % 10 else str(index) for index in range(60)])
    assert few.columns["a"].tolist() == [float(index) for index in range(60)]
    mixed = read([f"{index} K" if index % 10 else str(index) for index in range(1, 61)])
    (warning,) = mixed.warnings
    assert "numbers but for 6 cells, taken as missing: '10' (some.csv:11)" in warning


START = date(2014, 12, 20)
DAYS = [START + timedelta(days=3 * index) for index in range(40)]
DATES = {
    "%Y-%m-%d": "year-month-day",
    "%Y/%m/%d": "year-month-day",
    "%d.%m.%Y": "day.month.year",
    "%d/%m/%Y": "day/month/year",
    "%m/%d/%Y": "month/day/year",
    "%m/%d/%y": "month/day/year",
    "%d %b %Y": "day month year",
    "%d-%b-%y": "day month year",
    "%B %d, %Y": "month day, year",
    "%a, %d %b %Y": "day month year",
    "%Y-%m-%d %H:%M": "year-month-day",
    "%Y-%m-%dT%H:%M:%SZ": "year-month-day",
    "%d/%m/%Y %I:%M %p": "day/month/year",
}


@pytest.mark.parametrize("written", DATES)
def test_dates_in_many_formats_are_days(read: Read, written: str) -> None:
    table = read([datetime(day.year, day.month, day.day).strftime(written) for day in DAYS])  # noqa: DTZ001
    assert table.fact("a").plan.date == DATES[written]
    assert table.columns["a"].tolist() == [(day - date(1970, 1, 1)).days for day in DAYS]


def test_day_and_month_that_no_cell_tells_are_asked_about(read: Read) -> None:
    cells = [f"{1 + index % 12:02}/{1 + index * 5 % 12:02}/2015" for index in range(40)]
    with pytest.raises(InputError, match=r"'02/06/2015' \(some\.csv:3\) may be day/month or month/day.*data\.day_first"):
        read(cells)
    first = read(cells, day_first=True).columns["a"]
    assert first[1] - first[0] == (date(2015, 6, 2) - date(2015, 1, 1)).days
    assert read(cells, day_first=False).fact("a").plan.date == "month/day/year"


def test_another_column_tells_day_from_month(tmp_path: Path) -> None:
    rows = [f"{1 + index % 12}/{1 + index % 7}/2015,{1 + index % 28}/2/2015,{index}" for index in range(40)]
    (tmp_path / "two.csv").write_text("a,b,y\n" + "\n".join(rows))
    assert read_file(tmp_path / "two.csv", OPTIONS).fact("a").plan.date == "day/month/year"


def test_compact_dates_are_told_by_the_name_or_said(tmp_path: Path) -> None:
    rows = "\n".join(f"{day:%Y%m%d},{index}" for index, day in enumerate(DAYS))
    (tmp_path / "some.csv").write_text(f"date,y\n{rows}\n")
    assert read_file(tmp_path / "some.csv", OPTIONS).fact("date").plan.kind == "date"
    (tmp_path / "some.csv").write_text(f"code,y\n{rows}\n")
    assert read_file(tmp_path / "some.csv", OPTIONS).fact("code").plan.kind == "number"
    assert read_file(tmp_path / "some.csv", OPTIONS | {"columns": {"code": "date"}}).fact("code").plan.kind == "date"


@pytest.mark.parametrize(
    ("cells", "kind"),
    [
        ([f"{index:05}" for index in range(40)], "identifier"),
        ([f"{index % 4:03}" for index in range(40)], "category"),
        ([str(9007199254740993 + index) for index in range(40)], "identifier"),
        ([f"user-{index}" for index in range(40)], "identifier"),
        ([f"all of {index % 22}" for index in range(40)], "text"),
        (["red", "blue"] * 20, "category"),
        (["only"] * 40, "constant"),
        (["1. White", "2. Black", "3. Other"] * 14, "category"),
        (["2. Middle Atlantic"] * 40, "constant"),
        (["1st", "2nd", "3rd", "*"] * 10, "category"),
        (["1-3", "4-6", "7-9"] * 14, "category"),
        (["10+ years", "< 1 year", "2 years", "3 years"] * 10, "category"),
        ([str(index) for index in range(40)], "number"),
        ([f"{index:02}.5" for index in range(40)], "number"),
    ],
)
def test_kinds_by_all_cells(read: Read, cells: list[str], kind: str) -> None:
    table = read(cells)
    assert table.fact("a").plan.kind == kind
    if kind != "number":
        assert table.columns["a"].tolist() == cells


def test_a_user_overrules_what_the_cells_say(read: Read) -> None:
    codes = [f"{index % 4:03}" for index in range(40)]
    assert read(codes, columns={"a": "number"}).columns["a"].tolist() == [index % 4 for index in range(40)]
    assert read(["1", "2"] * 20, columns={"a": "category"}).columns["a"].tolist() == ["1", "2"] * 20
    with pytest.raises(InputError, match=r"expected numbers, found 'red' \(some\.csv:2\)"):
        read(["red", "blue"] * 20, columns={"a": "number"})
    with pytest.raises(InputError, match="expected dates, found 'red'"):
        read(["red", "blue"] * 20, columns={"a": "date"})
    with pytest.raises(InputError, match=r"data\.columns: no column 'b' in some\.csv"):
        read(["red", "blue"] * 20, columns={"b": "date"})
    with pytest.raises(InputError, match=r"data\.columns: 'y' is the target"):
        read(["red", "blue"] * 20, columns={"y": "drop"})


def test_a_size_line_above_the_rows_is_named_with_keys_that_work(tmp_path: Path) -> None:
    rows = "".join(f"{index / 3},{index},{index % 2},{index / 7}\n" for index in range(40))
    (tmp_path / "some.csv").write_text(f"40,4\n{rows}")
    with pytest.raises(
        InputError, match=r"some\.csv:1: 2 cells stand above rows of 4.*data\.skip_rows: 1.*data\.header: none"
    ):
        read_file(tmp_path / "some.csv", OPTIONS)
    table = read_file(tmp_path / "some.csv", OPTIONS | {"skip_rows": 1, "header": "none"})
    assert (table.rows, len(table.columns)) == (40, 4)


def test_a_column_that_counts_the_rows_is_told_of(tmp_path: Path) -> None:
    (tmp_path / "some.csv").write_text(
        "ID,x1,y\n" + "".join(f"{index + 1},{index % 7},{index / 7}\n" for index in range(40))
    )
    table = read_file(tmp_path / "some.csv", OPTIONS)
    assert any("column 'ID' counts the rows" in notice and "data.drop: [ID]" in notice for notice in table.notices)


def test_a_column_that_is_dropped_is_not_complained_of(read: Read) -> None:
    cells = [f"err{index}" if index % 3 == 0 else str(index) for index in range(60)]
    assert read(cells, drop=("a",)).rows == read(cells, columns={"a": "drop"}).rows == 60


labels = st.sampled_from(
    ["0", "1", "01", "001", "1.0", "+1", "1e0", "10", "9007199254740992", "9007199254740993", "a", "A", "None", "-"]
)


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(labels, min_size=2, max_size=12))
def test_labels_never_merge(tmp_path: Path, written: list[str]) -> None:
    """As many labels as were written: of texts each its own, of numbers each value, none of which was written in two ways."""
    (tmp_path / "some.csv").write_text(
        "x1,y\n" + "".join(f"{index / 3},{label}\n" for index, label in enumerate(written * 2))
    )
    try:
        table = read_file(tmp_path / "some.csv", OPTIONS | {"task": "classification"})
    except InputError:
        return
    column = table.columns["y"].tolist()
    lost = set(table.fact("y").blank) | set(table.fact("y").strays)
    kept = [(label, cell) for label, cell in zip(written * 2, column, strict=True) if label not in lost]
    assert len({cell for _, cell in kept}) == len({label for label, _ in kept})


def test_forty_thousand_columns_are_read_at_once(tmp_path: Path) -> None:
    names = [f"c{index}" for index in range(40_000)]
    (tmp_path / "wide.csv").write_text("\n".join([",".join(names), *[",".join(["1.5"] * 40_000)] * 3]))
    assert len(read_file(tmp_path / "wide.csv", OPTIONS).columns) == 40_000
    (tmp_path / "wide.csv").write_text("\n".join([",".join(["a", "b"] * 20_000), ",".join(["1.5"] * 40_000)]))
    with pytest.raises(InputError) as caught:
        read_file(tmp_path / "wide.csv", OPTIONS)
    assert len(caught.value.complaints) <= 11
