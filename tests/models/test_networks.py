"""Gradients of whole networks against central differences, activations and losses against formulas that share no code."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hpt.models.dense import Dense
from hpt.models.outputs import largest
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.losses import LOSSES
from hpt.numerics.optimizers.common import powers
from tests.models.gradients import LOSS_OPTIONS, MEMBERS, ROWS, gradient_error, outputs_of, targets_of

LOSS_FORMULAS = {
    "mse": lambda z, q: np.mean((z - q) ** 2, axis=-1),
    "mae": lambda z, q: np.mean(np.abs(z - q), axis=-1),
    "huber": lambda z, q: np.mean(np.where(np.abs(z - q) <= 0.7, (z - q) ** 2 / 2, 0.7 * (np.abs(z - q) - 0.35)), axis=-1),
    "cross_entropy": lambda z, q: -np.sum(q * np.log(np.exp(z) / np.exp(z).sum(axis=-1, keepdims=True)), axis=-1),
    "binary_cross_entropy": lambda z, q: (
        -np.sum(q * np.log(1 / (1 + np.exp(-z))) + (1 - q) * np.log(1 / (1 + np.exp(z))), axis=-1)
    ),
}
ACTIVATION_FORMULAS = {
    "identity": lambda x: x,
    "relu": lambda x: max(x, 0.0),
    "leaky_relu": lambda x: x if x > 0 else 0.01 * x,
    "elu": lambda x: x if x > 0 else math.expm1(x),
    "tanh": math.tanh,
    "sigmoid": lambda x: 1 / (1 + math.exp(-x)),
    "silu": lambda x: x / (1 + math.exp(-x)),
    "softplus": lambda x: math.log1p(math.exp(x)) if x < 30 else x,
    "gelu": lambda x: x * math.erfc(-x / math.sqrt(2)) / 2,
    "gelu_tanh": lambda x: x / 2 * (1 + math.tanh(math.sqrt(2 / math.pi) * (x + 0.044715 * x**3))),
}


@pytest.mark.parametrize("activation", ACTIVATIONS)
@pytest.mark.parametrize("loss", LOSSES)
def test_backpropagation_agrees_with_central_differences(activation: str, loss: str) -> None:
    assert gradient_error(Dense(), {"hidden": (6,), "activation": activation}, loss) < 1e-6


@pytest.mark.parametrize("hidden", [(), (1,), (7, 3), (5, 4, 3)])
@pytest.mark.parametrize("dropout", [0.0, 0.3])
def test_at_any_depth_and_with_dropout(hidden: tuple[int, ...], dropout: float) -> None:
    assert gradient_error(Dense(), {"hidden": hidden, "activation": "tanh", "dropout": dropout}) < 1e-6


def run_activation(name: str, x: np.ndarray, *, derivatives: bool) -> tuple[np.ndarray, np.ndarray]:
    values, derivative = x.copy(), np.full_like(x, np.nan)
    scratch = np.full((ACTIVATIONS[name].scratch, *x.shape), 7, dtype=x.dtype)
    with np.errstate(under="ignore"):
        ACTIVATIONS[name].function(values, derivative if derivatives else None, scratch)
    return values, derivative


@pytest.mark.parametrize(("dtype", "tolerance"), [("float64", 3e-15), ("float32", 5e-7)])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_is_its_formula_everywhere(name: str, dtype: str, tolerance: float) -> None:
    x = np.concatenate([np.linspace(-40, 40, 4001), np.geomspace(1e-30, 1, 50), [-100.0, 100.0]]).astype(dtype)
    values, _ = run_activation(name, x, derivatives=True)
    expected = np.array([ACTIVATION_FORMULAS[name](v) for v in x.tolist()])
    np.testing.assert_allclose(values, expected, rtol=tolerance, atol=tolerance * 4)
    assert values.dtype == dtype


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", ACTIVATIONS)
def test_values_do_not_depend_on_place_or_on_the_wish_for_derivatives(name: str, dtype: str) -> None:
    x = np.random.default_rng(0).normal(size=(3, 5, 7)).astype(dtype)
    values, derivatives = run_activation(name, x, derivatives=True)
    np.testing.assert_array_equal(run_activation(name, x, derivatives=False)[0], values)
    alone = [run_activation(name, x[member : member + 1], derivatives=True) for member in range(3)]
    np.testing.assert_array_equal(np.concatenate([v for v, _ in alone]), values)
    np.testing.assert_array_equal(np.concatenate([s for _, s in alone]), derivatives)


@pytest.mark.parametrize("name", ACTIVATIONS)
def test_an_activation_survives_large_numbers_without_a_warning(name: str) -> None:
    values, derivatives = run_activation(name, np.array([-1e4, 1e4]), derivatives=True)
    assert np.isfinite(values).all()
    assert np.isfinite(derivatives).all()


def run_loss(
    name: str, z: np.ndarray, targets: np.ndarray, *, with_gradient: bool = True, **options: Any
) -> tuple[np.ndarray, np.ndarray]:
    """Rows (K, B) and gradient of the outputs (K, C, B)."""
    rows, gradient = np.full((len(z), z.shape[2]), np.nan, z.dtype), np.full_like(z, np.nan)
    LOSSES[name].function(z.copy(), targets, rows, gradient, np.full_like(rows, 7), with_gradient=with_gradient, **options)
    return rows, gradient


@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_is_its_formula(name: str) -> None:
    random = np.random.default_rng(4)
    z, targets = random.normal(size=(MEMBERS, outputs_of(name), ROWS)) * 3, targets_of(name, random)[None]
    rows, _ = run_loss(name, z, targets, **LOSS_OPTIONS.get(name, {}))
    expected = LOSS_FORMULAS[name](z.swapaxes(1, 2), targets.swapaxes(1, 2))
    np.testing.assert_allclose(rows, expected, rtol=1e-12)


@pytest.mark.parametrize("dtype", ["float64", "float32"])
@pytest.mark.parametrize("name", LOSSES)
def test_a_loss_does_not_depend_on_the_wish_for_its_gradient(name: str, dtype: str) -> None:
    random = np.random.default_rng(4)
    z, targets = random.normal(size=(MEMBERS, outputs_of(name), ROWS)) * 3, targets_of(name, random)[None]
    given = z.astype(dtype), targets.astype(dtype)
    options = LOSS_OPTIONS.get(name, {})
    np.testing.assert_array_equal(
        run_loss(name, *given, with_gradient=False, **options)[0], run_loss(name, *given, **options)[0]
    )


@pytest.mark.parametrize("classes", [2, 10, 255, 256, 400])
def test_the_largest_output_is_the_first_of_equals(classes: int) -> None:
    random = np.random.default_rng(6)
    outputs = random.integers(-classes, classes, (3, classes, 50)).astype(np.float32)
    outputs[0, :, :5] = 0
    outputs[1, :, 0] = -np.inf
    np.testing.assert_array_equal(largest(outputs), outputs.argmax(axis=1))
    np.testing.assert_array_equal(
        largest(np.ascontiguousarray(outputs.swapaxes(0, 1)).swapaxes(0, 1)), outputs.argmax(axis=1)
    )
    outputs[2, 1, :] = np.nan
    assert (largest(outputs)[2] == 0).all()


@pytest.mark.parametrize("name", ["cross_entropy", "binary_cross_entropy"])
def test_certain_mistakes_cost_what_they_should_and_nothing_overflows(name: str) -> None:
    z = np.array([[-800.0, 800.0, 40.0]]) if name == "binary_cross_entropy" else np.array([[0.0, 800, 40], [800, 0.0, 0.0]])
    q = np.array([[1.0, 1.0, 0.0]]) if name == "binary_cross_entropy" else np.array([[1.0, 1, 0], [0, 0, 1]])
    with np.errstate(under="ignore"):
        rows, gradient = run_loss(name, z[None], q[None])
    np.testing.assert_allclose(rows[0], [800.0, 0.0, 40.0], rtol=1e-12, atol=1e-300)
    assert np.isfinite(gradient).all()


def test_one_output_is_two_with_the_other_at_zero() -> None:
    random = np.random.default_rng(5)
    z, q = random.normal(size=(2, 1, 6)) * 4, random.random((1, 1, 6))
    both = np.concatenate([np.zeros_like(z), z], axis=1), np.concatenate([1 - q, q], axis=1)
    rows, gradient = run_loss("binary_cross_entropy", z, q)
    other_rows, other_gradient = run_loss("cross_entropy", *both)
    np.testing.assert_allclose(rows, other_rows, rtol=1e-10)
    np.testing.assert_allclose(gradient[:, 0], other_gradient[:, 1], rtol=1e-10)


def test_a_power_does_not_depend_on_what_is_computed_with_it() -> None:
    bases = np.random.default_rng(8).random((500, 1))
    exponents = np.arange(1.0, 8.0)[:, None, None]
    together = powers(bases, exponents)
    for place in range(len(exponents)):
        alone = [powers(base[None], exponents[place : place + 1])[0, 0, 0] for base in bases]
        np.testing.assert_array_equal(alone, together[place, :, 0])


def test_every_row_has_a_formula_here() -> None:
    assert set(ACTIVATIONS) <= set(ACTIVATION_FORMULAS)
    assert set(LOSSES) <= set(LOSS_FORMULAS)
