from __future__ import annotations

import math
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.terminal.table_layout import point_aligned
from hpt.view.formats import duration, interval, literal, number

FLOATS = st.floats(min_value=1e-300, max_value=1e300) | st.floats(min_value=1e-6, max_value=1e8)


@given(FLOATS, st.booleans(), st.integers(2, 6))
def test_a_number_is_rounded_to_its_digits(value: float, negative: bool, digits: int) -> None:
    value = -value if negative else value
    exact = Decimal(value)
    half_unit = Decimal(5).scaleb(exact.adjusted() - digits)
    assert abs(Decimal(number(value, digits)) - exact) <= half_unit


@given(st.floats(1e-6, 0.1))
def test_the_distance_to_one_stays_readable(distance: float) -> None:
    value = 1 - distance
    assert 1 - float(number(value, 3)) == pytest.approx(1 - value, rel=0.06)


@given(FLOATS)
def test_no_number_reads_as_nothing(value: float) -> None:
    assert float(number(value)) > 0
    assert float(literal(value)) > 0
    assert len(number(value)) <= 11


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.08123, "0.08123"),
        (0.08, "0.08000"),
        (0.981, "0.9810"),
        (12.3456, "12.35"),
        (123456.7, "123457"),
        (3.21e-5, "3.210e-5"),
        (0.0, "0"),
        (200, "200"),
        (None, "-"),
        (math.inf, "inf"),
    ],
)
def test_values(value: float | None, expected: str) -> None:
    assert number(value) == expected


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (0.003214, "0.00321"),
        (1e-5, "1e-5"),
        (0.9, "0.9"),
        (0.99996, "0.99996"),
        (100.0, "100"),
        (32, "32"),
        (True, "true"),
        (None, "none"),
        ((64, 32), "[64, 32]"),
        ("relu", "relu"),
        ("\x1b[0m[/]", "[0m[/]"),
        ({"type": "step", "drop": 0.5}, "{type: step, drop: 0.5}"),
    ],
)
def test_constants_read_as_in_the_file(value: object, expected: str) -> None:
    assert literal(value) == expected


def test_aligned_numbers_have_their_points_below_each_other() -> None:
    padded = point_aligned(["0.0812", "12.3", "7", "-"])
    ends = [text.rjust(10) for text in padded]
    assert ends == ["    0.0812", "   12.3   ", "    7     ", "    -     "]
    assert point_aligned([]) == []


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0.04, "0s"), (6.12, "6.1s"), (9.97, "10s"), (42.4, "42s"), (59.7, "1m 00s"), (80, "1m 20s"), (7500, "2h 05m")],
)
def test_durations(seconds: float, expected: str) -> None:
    assert duration(seconds) == expected


@given(st.floats(-1e6, 1e6), st.floats(0.02, 1e3))
def test_the_ends_of_an_interval_tell_its_width(low: float, share: float) -> None:
    """Each is right to a twentieth of the width, however far from zero both are, within six digits."""
    width = max(share * abs(low) / 10, 1e-9)
    shown = interval((low, low + width)).split(" to ")
    for end, text in zip((low, low + width), shown, strict=True):
        assert abs(float(text) - end) <= width / 20 + 1e-9 * abs(end)


def test_intervals_as_they_are_read() -> None:
    assert interval((0.415, 0.4349)) == "0.415 to 0.435"
    assert interval((0.0, 0.43)) == "0 to 0.43"
    assert interval((0.2, 0.2)) == "0.20 to 0.20"
    assert interval((-math.inf, 1.0)) == "-inf to 1.0"
