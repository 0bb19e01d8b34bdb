"""Laws that hold for each row of OPTIMIZERS, whatever it is: a new row is tested here without a word."""

from __future__ import annotations

import inspect
import zlib
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as limits
from hypothesis import strategies as st

from hpt.numerics.optimizers import OPTIMIZERS
from tests.numerics.drawing import settings
from tests.numerics.oracles import ORACLES, walk
from tests.numerics.stepping import Run

NAMES = list(OPTIMIZERS)
SOME = limits(max_examples=10, derandomize=True)
UPDATES, MEMBERS, SIZE = 20, 4, 7


def arrays(name: str, seed: int, dtype: str = "float64") -> tuple[np.ndarray, np.ndarray]:
    """Gradients (20, 4, 7), zeros, tiny and huge ones among them, and parameters (4, 7)."""
    random = np.random.default_rng([zlib.crc32(name.encode()), seed])
    gradients = random.normal(size=(UPDATES, MEMBERS, SIZE)) * 10.0 ** random.integers(-4, 4, SIZE)
    gradients[:, :, 0] = 0
    gradients[::3, :, 1] = 0
    return gradients.astype(dtype), random.normal(size=(MEMBERS, SIZE)).astype(dtype)


def drawn(name: str, data: st.DataObject) -> tuple[list[dict[str, Any]], int]:
    return data.draw(settings(name, MEMBERS)), data.draw(st.integers(0, 2**16))


def bits(values: np.ndarray) -> np.ndarray:
    """The bits of `values`, one pattern for all that is not finite: a member that left the numbers has diverged."""
    return np.where(np.isfinite(values), values, np.nan).astype(values.dtype).view(f"u{values.itemsize}")


def follows_oracle(name: str, members: list[dict[str, Any]], seed: int) -> None:
    """Asserts that each coordinate of each member goes the way of the scalar loop."""
    gradients, start = arrays(name, seed)
    found = Run(name, members, start).advance(gradients)
    for member, options in enumerate(members):
        for place in range(SIZE):
            try:
                expected = walk(name, options, gradients[:, member, place].tolist(), float(start[member, place]))
            except ZeroDivisionError:
                continue
            size = max(map(abs, [*expected, start[member, place]]))
            # A variance of a nearly constant gradient is the difference of close numbers: what is left is rounding.
            scale = 1e-6 if options.get("centered") else 1e-9
            np.testing.assert_allclose(found[:, member, place], expected, rtol=0, atol=scale * size)


@pytest.mark.parametrize("name", sorted(ORACLES))
@given(data=st.data())
@SOME
def test_a_rule_follows_its_textbook(name: str, data: st.DataObject) -> None:
    follows_oracle(name, *drawn(name, data))


def test_every_optimizer_has_an_oracle() -> None:
    assert set(NAMES) - set(ORACLES) == set()


@pytest.mark.parametrize("name", NAMES)
def test_a_rule_takes_the_hyperparameters_of_its_row(name: str) -> None:
    row = OPTIMIZERS[name]
    keywords = {
        parameter.name
        for parameter in inspect.signature(row.function).parameters.values()
        if parameter.kind is inspect.Parameter.KEYWORD_ONLY
    }
    assert keywords == {h.name for h in row.hyperparameters} - {"decay"}
    assert row.formula
    assert next(h for h in row.hyperparameters if h.name == "learning_rate").search is not None


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@SOME
def test_a_member_has_its_bits_in_any_company(name: str, dtype: str, data: st.DataObject) -> None:
    members, seed = drawn(name, data)
    gradients, start = arrays(name, seed, dtype)
    together = Run(name, members, start)
    path = together.advance(gradients)
    assert together.parameters.dtype == dtype
    for member, options in enumerate(members):
        only = slice(member, member + 1)
        alone = Run(name, [options], start[only]).advance(gradients[:, only])
        np.testing.assert_array_equal(bits(alone[:, 0]), bits(path[:, member]))
    pruned = Run(name, members, start)
    pruned.advance(gradients[:10])
    pruned.keep([1, 3])
    np.testing.assert_array_equal(bits(pruned.advance(gradients[10:][:, [1, 3]])[-1]), bits(path[-1][[1, 3]]))


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@SOME
def test_ten_updates_and_ten_more_are_twenty(name: str, data: st.DataObject) -> None:
    resumes(name, *drawn(name, data))


def resumes(name: str, members: list[dict[str, Any]], seed: int) -> None:
    """Asserts that a run left after ten updates and taken up again is the run in one piece, state included."""
    gradients, start = arrays(name, seed, "float32")
    whole, split = Run(name, members, start), Run(name, members, start)
    split.advance(gradients[:10])
    np.testing.assert_array_equal(split.advance(gradients[10:])[-1], whole.advance(gradients)[-1])
    for slot, values in whole.state.items():
        np.testing.assert_array_equal(split.state[slot], values)


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@SOME
def test_coordinates_do_not_know_each_other(name: str, data: st.DataObject) -> None:
    members, seed = drawn(name, data)
    gradients, start = arrays(name, seed, "float32")
    order = np.random.default_rng(seed).permutation(SIZE)
    turned = Run(name, members, np.ascontiguousarray(start[:, order])).advance(np.ascontiguousarray(gradients[:, :, order]))
    np.testing.assert_array_equal(turned, Run(name, members, start).advance(gradients)[:, :, order])


@pytest.mark.parametrize("name", NAMES)
@given(data=st.data())
@SOME
def test_nan_stays_with_its_member(name: str, data: st.DataObject) -> None:
    members, seed = drawn(name, data)
    gradients, start = arrays(name, seed, "float32")
    expected = Run(name, members, start).advance(gradients)
    gradients[7:, 2] = np.nan
    others = [0, 1, 3]
    np.testing.assert_array_equal(Run(name, members, start).advance(gradients)[:, others], expected[:, others])


@pytest.mark.parametrize("name", NAMES)
def test_gradients_are_left_alone_and_the_state_is_what_the_row_says(name: str) -> None:
    gradients, start = arrays(name, 0)
    row = OPTIMIZERS[name]
    # with every term switched on
    on = {h.name: 0.1 for h in row.hyperparameters if h.kind == "float" and h.length is None and h.default == 0}
    run = Run(name, [on] * MEMBERS, start)
    buffers: list[np.ndarray] = []
    function = row.function

    def watched(parameters: Any, gradients: Any, *others: Any, **options: Any) -> Any:
        buffers.append(gradients)
        return function(parameters, gradients, *others, **options)

    run.row = replace(row, function=watched)
    run.advance(gradients)
    np.testing.assert_array_equal(buffers[0], gradients[-1])
    assert set(run.state) == {*row.state, *row.numbers}


@pytest.mark.parametrize("name", NAMES)
def test_defaults_lower_a_quadratic(name: str) -> None:
    run = Run(name, [{}], np.array([[1.0, -2.0]]))
    for _ in range(200):
        run.advance(run.parameters[None].copy())
    assert np.abs(run.parameters).max() < 2.0
    assert np.abs(run.parameters).sum() < 3.0
