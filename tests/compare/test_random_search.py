import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.compare.random_search import coordinate, outer_chance, position_of, random_settings
from hpt.configuration.space import SearchSpace
from hpt.foundation.catalogue import Range, Values
from hpt.foundation.dimension import Dimension
from hpt.numerics.optimizers import OPTIMIZERS

LOG = Range(1e-5, 1e-1, "log")
RANGES = [LOG, Range(0.5, 0.995, "reverse_log"), Range(-2.0, 6.0)]


def make_space(*labels: str) -> SearchSpace:
    branches = {label: {**OPTIMIZERS["sgd"].defaults(), "name": "sgd", "learning_rate": LOG} for label in labels}
    model = {"type": "mlp", "hidden": (Range(4, 64),), "dropout": Range(0.0, 0.5)}
    return SearchSpace(model, branches, {"batch_size": Values((16, 32, 64))}, chosen=True)


@pytest.mark.parametrize("search", RANGES, ids=str)
@given(position=st.floats(0, 1, exclude_max=True))
def test_a_position_leads_to_a_value_and_back(search: Range, position: float):
    dimension = Dimension("x", search)
    value = dimension.value(coordinate(dimension, position))
    assert search.min <= value <= search.max
    assert position_of(search, value) == pytest.approx(position, abs=1e-6)


def test_log_positions_count_decades():
    assert coordinate(Dimension("x", LOG), 0.25) == pytest.approx(1e-4)
    # At half of .9 to .999 on 1 - x: sqrt(.1 * .001).
    assert coordinate(Dimension("x", Range(0.9, 0.999, "reverse_log")), 0.5) == pytest.approx(0.01)


@pytest.mark.parametrize("search", [Range(1, 4), Range(2, 8, step=2), Values((1, 2, 3, 4))], ids=str)
def test_integers_steps_and_values_are_equally_likely(search: Range | Values):
    dimension = Dimension("x", search)
    found = [dimension.value(coordinate(dimension, (i + 0.5) / 4000)) for i in range(4000)]
    values, counts = np.unique(found, return_counts=True)
    assert len(values) == 4
    assert counts == pytest.approx(1000, abs=1)


@pytest.mark.parametrize(
    "search", [Range(1, 4), Range(1, 40), Range(1, 40, "log"), Range(0.0, 1.0, step=0.125), LOG], ids=str
)
def test_the_chance_of_an_end_is_that_of_the_draws(search: Range):
    dimension = Dimension("x", search)
    grid = [position_of(search, dimension.value(coordinate(dimension, (i + 0.5) / 20000))) for i in range(20000)]
    share = max(np.mean(np.array(grid) <= 0.05), np.mean(np.array(grid) >= 0.95))
    assert outer_chance(dimension, 0.05) >= share - 1e-3
    assert outer_chance(dimension, 0.05) <= max(0.0501, 2 * share)


def test_what_branches_share_is_drawn_alike_and_what_they_own_by_their_name():
    space = make_space("one", "two")
    one, two = (random_settings(space, label, 16, 3, 5) for label in ("one", "two"))
    for path in ("model.hidden.0", "model.dropout", "training.batch_size"):
        assert [d[path] for d in one] == [d[path] for d in two]
    rates = [[d[f"optimizer.{label}.learning_rate"] for d in drawn] for label, drawn in (("one", one), ("two", two))]
    assert not set(rates[0]) & set(rates[1])
    renamed = random_settings(make_space("two", "three"), "two", 16, 3, 5)
    assert renamed == two


def test_draws_depend_on_seed_and_study_and_more_of_them_continue_the_same():
    space = make_space("one", "two")
    drawn = random_settings(space, "one", 8, 0, 0)
    assert random_settings(space, "one", 16, 0, 0)[:8] == drawn
    assert random_settings(space, "one", 8, 1, 0) != drawn
    assert random_settings(space, "one", 8, 0, 1) != drawn
