import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.foundation.scales import SCALES

# Values that every scale takes.
VALUES = st.floats(1e-6, 1 - 1e-6)
ENDS = st.tuples(VALUES, VALUES).filter(lambda ends: ends[1] - ends[0] > 1e-6)
every_scale = pytest.mark.parametrize("name", SCALES)


@every_scale
@given(value=VALUES)
def test_a_level_leads_to_the_coordinate_of_its_value(name: str, value: float) -> None:
    scale = SCALES[name]
    assert scale.value(scale.coordinate(scale.level(value))) == pytest.approx(value, rel=1e-9, abs=1e-12)


@every_scale
@given(ends=ENDS)
def test_levels_grow_with_values(name: str, ends: tuple[float, float]) -> None:
    level = SCALES[name].level
    assert level(ends[0]) < level(ends[1])


@every_scale
@given(ends=ENDS)
def test_coordinates_are_from_low_to_high_and_those_of_the_values(name: str, ends: tuple[float, float]) -> None:
    scale = SCALES[name]
    low, high = scale.ends(*ends)
    assert low <= high
    assert sorted((scale.value(low), scale.value(high))) == pytest.approx(ends)


@every_scale
@given(ends=ENDS)
def test_the_middle_is_half_way_by_level(name: str, ends: tuple[float, float]) -> None:
    scale = SCALES[name]
    middle = scale.level(scale.value(scale.middle(*scale.ends(*ends))))
    assert middle == pytest.approx((scale.level(ends[0]) + scale.level(ends[1])) / 2, rel=1e-6, abs=1e-9)


@every_scale
@given(coordinates=ENDS)
def test_optuna_draws_along_levels(name: str, coordinates: tuple[float, float]) -> None:
    """`log` tells Optuna in what its draws are uniform: a step there is one of levels, in size."""
    scale = SCALES[name]
    move = math.log if scale.log else float
    expected = move(coordinates[1]) - move(coordinates[0])
    levels = [scale.level(scale.value(c)) for c in coordinates]
    assert abs(levels[1] - levels[0]) == pytest.approx(expected, rel=1e-6, abs=1e-9)


@every_scale
@given(ends=ENDS)
def test_wider_ends_are_wider(name: str, ends: tuple[float, float]) -> None:
    low, high = SCALES[name].wider(*ends, None)
    assert low <= ends[0] < ends[1] <= high
    assert high - low > ends[1] - ends[0]


@pytest.mark.parametrize("name", [name for name, scale in SCALES.items() if scale.integers])
def test_wider_ends_of_integers_are_integers(name: str) -> None:
    low, high = SCALES[name].wider(8, 32, None)
    assert (type(low), type(high)) == (int, int)
    assert low < 8
    assert high > 32
