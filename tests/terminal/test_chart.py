from __future__ import annotations

import math
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len

from hpt.terminal.charts import SPARKS, chart_text, sparkline
from hpt.view.curves import Mark, Series
from hpt.view.page import Chart

VALUES = st.lists(st.none() | st.floats(allow_nan=True, allow_infinity=True, width=32), max_size=80)


def test_a_sparkline_follows_its_values() -> None:
    assert sparkline([1, 2, 3, 4, 5, 6, 7, 8], 20) == SPARKS
    assert sparkline([8, None, math.nan, 1], 20) == "█  ▁"
    assert sparkline([], 20) == ""


def test_a_sparkline_takes_a_log_scale_over_more_than_two_decades() -> None:
    assert sparkline([1.0, 10.0**3.5, 10.0**7], 20) in {"▁▄█", "▁▅█"}
    assert sparkline([1.0, 50.0, 99.0], 20) in {"▁▄█", "▁▅█"}


def test_a_shortened_sparkline_keeps_the_last_value() -> None:
    assert sparkline([1.0] * 99 + [2.0], 10) == "▁" * 9 + "█"


@given(VALUES, st.integers(0, 60))
def test_a_sparkline_fits(values: list[float | None], width: int) -> None:
    assert len(sparkline(values, width)) == min(width, len(values))


@given(VALUES, VALUES, st.integers(30, 200), st.integers(8, 20), st.sampled_from([None, True, False]))
def test_a_chart_fits(
    first: list[float | None], second: list[float | None], width: int, height: int, log_y: bool | None
) -> None:
    series = [Series("validation", range(len(first)), first), Series("train", range(len(second)), second)]
    lines = chart_text(Chart(series, "epoch", [Mark(3, "here")], log_y=log_y), width, height).plain.splitlines()
    assert len(lines) == height
    assert all(cell_len(line) <= width for line in lines)


def plotted(lines: list[str]) -> list[tuple[int, int]]:
    """Row and column of the characters with dots."""
    return [(row, column) for row, line in enumerate(lines) for column, c in enumerate(line) if "\u2800" < c <= "\u28ff"]


def test_a_line_falls_where_its_values_fall() -> None:
    lines = chart_text(Chart([Series("loss", [0, 1], [1.0, 0.0])], ""), 40, 12).plain.splitlines()
    dots = plotted(lines)
    assert dots[0][0] == 0
    assert dots[-1][0] == 9
    for (row, column), (next_row, next_column) in pairwise(dots):
        assert (next_row, next_column) > (row, column)
        assert next_column >= column
    assert lines[0].split("┤")[0].strip() == "1"
    assert lines[9].split("┤")[0].strip() == "0"
    assert lines[9].endswith(" loss")


def test_an_exponential_is_straight_on_the_log_scale() -> None:
    xs = range(100)
    lines = chart_text(Chart([Series("loss", xs, [math.exp(-x / 10) for x in xs])], ""), 60, 14).plain.splitlines()
    assert lines[1].lstrip().startswith("log │")
    dots = plotted(lines)
    last = max(column for _, column in dots)
    first = min(column for _, column in dots)
    for row, column in dots:
        assert abs((column - first) / (last - first) - row / 11) < 0.1


def test_gaps_stay_empty() -> None:
    lines = chart_text(
        Chart([Series("loss", range(9), [1, 1, 1, None, math.nan, math.inf, 1, 1, 1])], ""), 40, 8
    ).plain.splitlines()
    columns = {column for _, column in plotted(lines)}
    left, right = min(columns), max(columns)
    share = {round((column - left) / (right - left) * 8) for column in columns}
    assert share == {0, 1, 2, 6, 7, 8}


def test_two_series_differ_without_colour() -> None:
    xs = range(10)
    lines = chart_text(
        Chart([Series("validation", xs, [2.0] * 10), Series("train", xs, [1.0] * 10)], ""), 60, 10
    ).plain.splitlines()
    upper = [column for row, column in plotted(lines) if row == 0]
    lower = [column for row, column in plotted(lines) if row == 7]
    assert lines[0].endswith(" validation")
    assert lines[7].endswith(" train")
    solid = {lines[0][column] for column in upper[1:-1]}
    assert len(solid) == 1
    assert {lines[7][column] for column in lower} != solid
    dots = [
        sum((ord(lines[row][column]) - 0x2800).bit_count() for column in columns)
        for row, columns in ((0, upper), (7, lower))
    ]
    assert dots[0] > 2 * dots[1]


def test_labels_do_not_hide_each_other() -> None:
    series = [Series(name, [0, 1], [1.0, 0.0]) for name in ("first", "second", "third")]
    text = chart_text(Chart(series, ""), 50, 10).plain
    assert all(text.count(name) == 1 for name in ("first", "second", "third"))


@pytest.mark.parametrize(("x", "share"), [(1e-4, 0.25), (1e-2, 0.75), (1e-1, 1.0)])
def test_marks_stand_at_their_place_on_a_log_axis(x: float, share: float) -> None:
    xs = [10.0**k for k in range(-5, 0)]
    lines = chart_text(
        Chart([Series("l", xs, [1, 1, 1, 1, 1])], "", [Mark(x, "steepest")], log_x=True), 85, 10
    ).plain.splitlines()
    start, end = lines[-3].index("└") + 1, len(lines[-3]) - 1
    assert (lines[-3].index("┴") - start) / (end - start) == pytest.approx(share, abs=0.02)
    assert "steepest" in lines[-1]
    assert lines[-2].split() == ["1e-5", "log", "scale", "0.1"]
