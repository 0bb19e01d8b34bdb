"""What every model family promises: a row that is added to the table is tested here before a test is written for it."""

from __future__ import annotations

import tracemalloc
from functools import partial
from typing import Any

import numpy as np
import pytest

from hpt.models import MODELS
from hpt.models.family import Architecture, Rows
from hpt.numerics.losses import LOSSES
from hpt.training.stack import bound
from tests.models.gradients import gradient_error

SHAPES = ((3,), (2, 2))
CLASSES, MEMBERS, ROWS, BATCH = 3, 4, 11, 5
LOSS = bound(LOSSES["cross_entropy"], None)


def architecture_of(name: str) -> Architecture:
    row = MODELS[name]
    return row.family.architecture(SHAPES, CLASSES, row.defaults())


def rows_of(name: str, dtype: str, rows: int = ROWS) -> Rows:
    random = np.random.default_rng(1)
    inputs, targets = random.normal(size=(rows, 7)), np.eye(CLASSES)[random.integers(0, CLASSES, rows)]
    return MODELS[name].family.lay_out(inputs, targets, np.dtype(dtype))


def parameters_of(name: str, dtype: str) -> np.ndarray:
    model = architecture_of(name)
    start = [model.initial(np.random.default_rng(k), MODELS[name].defaults()) for k in range(MEMBERS)]
    noise = np.random.default_rng(2).normal(size=(MEMBERS, model.size))
    return (np.stack(start) + 0.3 * noise).astype(dtype)


def trained(name: str, flat: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The gradient (K, P) and the losses (K, B) of the rows at `order`."""
    model, gradient = architecture_of(name), np.full_like(flat, np.nan)
    source = rows_of(name, str(flat.dtype))
    network = model.network([MODELS[name].defaults()] * len(flat), order.shape[1], flat.dtype, source, len(order))
    assert not network.random, "the defaults of a model draw nothing in training"
    network.forward_backward(model.views(flat), model.views(gradient), order, LOSS, [])
    return gradient, network.outputs.losses


@pytest.mark.parametrize("name", MODELS)
def test_backpropagation_agrees_with_central_differences(name: str) -> None:
    row = MODELS[name]
    assert gradient_error(row.family, row.defaults(), shapes=SHAPES) < 1e-6


@pytest.mark.parametrize("name", MODELS)
def test_parameters_by_name_and_back(name: str) -> None:
    model, flat = architecture_of(name), parameters_of(name, "float32")[0]
    named = model.named(flat)
    assert sum(array.size for array in named.values()) == model.size
    assert not any(np.shares_memory(array, flat) for array in named.values())
    np.testing.assert_array_equal(model.flat(named), flat)
    with pytest.raises(KeyError):
        model.flat({})


@pytest.mark.parametrize("name", MODELS)
def test_a_start_depends_on_its_stream_alone(name: str) -> None:
    model, settings = architecture_of(name), MODELS[name].defaults()
    start = model.initial(np.random.default_rng(5), settings)
    assert (start.dtype, start.shape) == (np.float64, (model.size,))
    np.testing.assert_array_equal(model.initial(np.random.default_rng(5), settings), start)


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("name", MODELS)
def test_a_member_has_its_bits_in_any_company(name: str, dtype: str) -> None:
    flat = parameters_of(name, dtype)
    random = np.random.default_rng(4)
    orders = np.stack([random.permutation(ROWS)[:BATCH] for _ in range(MEMBERS)])
    for order in (orders, orders[:1], orders[:, :1], np.arange(ROWS)[None]):
        gradient, losses = trained(name, flat, order)
        assert np.isfinite(gradient).all()
        for members in ([1], [3, 0]):
            own = order[members] if len(order) > 1 else order
            again, of_rows = trained(name, np.ascontiguousarray(flat[members]), own)
            np.testing.assert_array_equal(again, gradient[members])
            np.testing.assert_array_equal(of_rows, losses[members])


@pytest.mark.parametrize("name", MODELS)
def test_what_is_measured_is_what_was_trained(name: str) -> None:
    flat, model = parameters_of(name, "float64"), architecture_of(name)
    rows = rows_of(name, "float64")
    network = model.network([MODELS[name].defaults()] * MEMBERS, 4, flat.dtype)
    assert not network.random
    found = []
    for start in (0, 4):
        network.forward(model.views(flat), rows, slice(start, start + 4))
        assert network.outputs.values.shape == (MEMBERS, CLASSES, 4)
        network.outputs.apply(LOSS, rows.targets[None, :, start : start + 4], with_gradient=False)
        found.append(network.outputs.losses.copy())
    _, losses = trained(name, flat, np.arange(ROWS)[None])
    np.testing.assert_allclose(np.concatenate(found, axis=1), losses[:, :8], rtol=1e-12)


@pytest.mark.parametrize("train", [True, False])
@pytest.mark.parametrize("name", MODELS)
def test_buffers_take_what_was_said(name: str, train: bool) -> None:
    rows, models = 20_000, [MODELS[name].defaults()] * MEMBERS
    model, source = architecture_of(name), rows_of(name, "float32", 2 * rows)
    make = partial(model.network, models, rows, np.dtype("float32"))
    tracemalloc.start()
    try:
        network = make(source) if train else make()
        held, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert network.outputs.values.shape[2] == rows
    # The gathered batch, which members share, and the losses of the rows stand beside.
    beside = 2 * (7 + 1 + CLASSES) * rows * train + 2 * MEMBERS * rows
    said = MEMBERS * model.entries(models, rows, train=train)
    assert 0.9 < (held / 4 - beside) / said < 1.1


@pytest.mark.parametrize("name", MODELS)
def test_an_architecture_is_a_value(name: str) -> None:
    one, other = architecture_of(name), architecture_of(name)
    assert one == other
    assert len({one, other}) == 1
    wider: Any = MODELS[name].family.architecture(SHAPES, CLASSES + 1, MODELS[name].defaults())
    assert wider != one
    assert min(one.size, one.values, one.operations) > 0
    assert wider.operations > one.operations
    assert MODELS[name].family.place(MODELS[name].defaults()) == MODELS[name].family.place(MODELS[name].defaults())
