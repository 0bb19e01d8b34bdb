"""What update rules do where mathematics knows the answer: closed forms, special cases of each other, convergence."""

from __future__ import annotations

import numpy as np
import pytest

from hpt.numerics.optimizers import OPTIMIZERS
from tests.numerics.stepping import Run, path

RANDOM = np.random.default_rng(11)
GRADIENTS, START = RANDOM.normal(size=(20, 6)), RANDOM.normal(size=6)


def descend(name: str, settings: dict, slopes: np.ndarray, start: np.ndarray, updates: int) -> np.ndarray:
    """The parameters after each update on ½ Σ λ x²."""
    run = Run(name, [settings], start[None])
    return np.array([run.advance((slopes * run.parameters)[None])[0, 0] for _ in range(updates)])


def test_sgd_on_a_parabola_shrinks_by_one_minus_alpha_lambda() -> None:
    found = descend("sgd", {"learning_rate": 0.3}, np.array([0.5, 3.0]), np.array([1.0, -2.0]), 15)
    powers = np.arange(1, 16)[:, None]
    np.testing.assert_allclose(found, (1 - 0.3 * np.array([0.5, 3.0])) ** powers * [1.0, -2.0], rtol=1e-12)


@pytest.mark.parametrize("momentum", [0.0, 0.5, 0.9])
def test_momentum_is_stable_below_two_times_one_plus_momentum_over_lambda(momentum: float) -> None:
    edge = 2 * (1 + momentum) / 4.0
    ends = [
        np.abs(descend("sgd", {"learning_rate": edge * share, "momentum": momentum}, np.array([4.0]), np.ones(1), 600)[-1])
        for share in (0.98, 1.02)
    ]
    assert ends[0] < 1e-2
    assert ends[1] > 1e2


@pytest.mark.parametrize("name", ["adam", "amsgrad", "adamw", "radam", "adamax"])
def test_a_first_step_of_the_adams_is_the_learning_rate(name: str) -> None:
    gradients = np.array([[3.0, -1e-4, 50.0]])
    settings = {"learning_rate": 0.25, "eps": 0.1} | ({"weight_decay": 0.0} if name == "adamw" else {})
    moved = -path(name, settings, gradients, np.zeros(3))[0]
    eps = {"radam": gradients[0] / gradients[0]}.get(name)
    expected = 0.25 * gradients[0] / (np.abs(gradients[0]) + 0.1) if eps is None else 0.25 * gradients[0]
    np.testing.assert_allclose(moved, expected, rtol=1e-12)


def test_adam_without_correction_starts_with_the_root_of_ten() -> None:
    moved = path("adam", {"learning_rate": 0.25, "eps": 0.0, "bias_correction": False}, np.array([[7.0]]), np.zeros(1))
    np.testing.assert_allclose(-moved, 0.25 * 0.1 / np.sqrt(0.001), rtol=1e-12)


def test_adagrad_on_a_constant_gradient_steps_by_one_over_the_root_of_time() -> None:
    found = path("adagrad", {"learning_rate": 0.5, "eps": 0.0}, np.full((30, 1), -4.0), np.zeros(1))
    np.testing.assert_allclose(np.diff(found[:, 0], prepend=0), 0.5 / np.sqrt(np.arange(1, 31)), rtol=1e-12)


def test_adadelta_starts_with_steps_of_the_size_of_its_epsilon() -> None:
    found = path("adadelta", {"eps": 1e-4, "rho": 0.9}, np.full((1, 1), 30.0), np.zeros(1))
    np.testing.assert_allclose(-found, 30 * np.sqrt(1e-4 / (0.1 * 900 + 1e-4)), rtol=1e-12)


def test_lion_moves_by_the_learning_rate_or_not_at_all() -> None:
    found = path("lion", {"learning_rate": 0.5}, np.array([[3.0, -1e-9, 0.0]]), np.zeros(3))
    np.testing.assert_array_equal(found[0], [-0.5, 0.5, 0.0])


def test_rmsprop_at_the_mean_square_of_a_constant_gradient_steps_by_alpha() -> None:
    found = path(
        "rmsprop", {"eps": 0.0, "initial_accumulator": 9.0, "learning_rate": 0.5}, np.full((4, 1), 3.0), np.zeros(1)
    )
    np.testing.assert_allclose(found[:, 0], [-0.5, -1.0, -1.5, -2.0], rtol=1e-12)


def test_a_centered_rmsprop_never_takes_the_root_of_a_negative_number() -> None:
    gradients = np.full((400, 50), 1.0) * np.linspace(0.1, 3, 50)
    found = path("rmsprop", {"centered": True, "rho": 0.3}, gradients, np.zeros(50))
    assert np.isfinite(found).all()


REDUCTIONS = {
    "momentum 0 is plain": (("sgd", {"momentum": 0.0, "dampening": 0.5}), ("gd", {"learning_rate": 0.01})),
    "dynamic_gd without decay is gd": (("dynamic_gd", {"decay": 1.0}), ("gd", {})),
    "adamw without decay of weights is adam": (("adamw", {"weight_decay": 0.0}), ("adam", {})),
    "momentum forms agree at constant rate": (
        ("sgd", {"momentum": 0.9, "momentum_form": "keras"}),
        ("sgd", {"momentum": 0.9, "momentum_form": "torch"}),
    ),
    "nesterov forms agree at constant rate": (
        ("sgd", {"momentum": 0.9, "nesterov": True, "momentum_form": "keras"}),
        ("sgd", {"momentum": 0.9, "nesterov": True, "momentum_form": "torch"}),
    ),
    "adam without memory of the gradient or correction is rmsprop": (
        ("adam", {"betas": (0.0, 0.9), "bias_correction": False, "eps_root": 0.3}),
        ("rmsprop", {"rho": 0.9, "eps_root": 0.3, "learning_rate": 1e-3}),
    ),
    "rmsprop that remembers nothing has adam's first step": (
        ("rmsprop", {"rho": 0.0, "eps": 0.1}),
        ("adam", {"betas": (0.0, 0.0), "eps": 0.1, "learning_rate": 0.01}),
    ),
}


@pytest.mark.parametrize("case", REDUCTIONS)
def test_one_rule_is_a_case_of_another(case: str) -> None:
    (one, its), (other, others) = REDUCTIONS[case]
    np.testing.assert_allclose(path(one, its, GRADIENTS, START), path(other, others, GRADIENTS, START), rtol=1e-10)


def test_amsgrad_is_adam_while_the_mean_square_grows() -> None:
    gradients = GRADIENTS[:1] * np.arange(1, 21)[:, None]
    np.testing.assert_array_equal(path("amsgrad", {}, gradients, START), path("adam", {}, gradients, START))
    assert not np.array_equal(path("amsgrad", {}, gradients[::-1], START), path("adam", {}, gradients[::-1], START))


def test_momentum_forms_differ_under_decay() -> None:
    settings = {"momentum": 0.9, "decay": 0.9}
    forms = [path("sgd", {**settings, "momentum_form": form}, GRADIENTS, START)[-1] for form in ("torch", "keras")]
    assert np.abs(forms[0] - forms[1]).max() > 1e-3


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_decay_multiplies_the_rate_after_each_update(name: str) -> None:
    path_ = path(name, {"decay": 0.5, "learning_rate": 0.1}, GRADIENTS[:1], START)
    np.testing.assert_array_equal(path_, path(name, {"decay": 1.0, "learning_rate": 0.1}, GRADIENTS[:1], START))
    second = path(name, {"decay": 0.5, "learning_rate": 0.1}, GRADIENTS[:2], START)[1]
    assert not np.array_equal(second, path(name, {"decay": 1.0, "learning_rate": 0.1}, GRADIENTS[:2], START)[1])


RATES = {"gd": 1.0, "sgd": 1.0, "dynamic_gd": 1.0, "adadelta": 30.0, "lion": 0.03, "adagrad": 1.0}


@pytest.mark.parametrize("condition", [1, 100])
@pytest.mark.parametrize("name", OPTIMIZERS)
def test_a_quadratic_is_solved(name: str, condition: int) -> None:
    settings = {"learning_rate": RATES.get(name, 0.1), "decay": 0.999}
    ends = descend(name, settings, np.geomspace(1 / condition, 1, 3), np.ones(3), 2500)[-1]
    assert np.abs(ends).max() < 0.02


@pytest.mark.parametrize(
    ("name", "settings"), [("sgd", {"learning_rate": 1.9, "momentum": 0.98}), ("adam", {"learning_rate": 0.05})]
)
def test_a_quadratic_of_condition_ten_thousand_is_solved(name: str, settings: dict) -> None:
    ends = descend(name, {**settings, "decay": 0.9995}, np.array([1e-4, 1.0]), np.ones(2), 8000)[-1]
    assert np.abs(ends).max() < 0.01


@pytest.mark.parametrize(("name", "rate"), [("adam", 0.1), ("rmsprop", 0.01), ("nadam", 0.1)])
def test_rosenbrock_is_solved(name: str, rate: float) -> None:
    run = Run(name, [{"learning_rate": rate, "decay": 0.9993}], np.array([[-1.2, 1.0]]))
    for _ in range(5000):
        x, y = run.parameters[0]
        run.advance(np.array([[[-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)]]]))
    np.testing.assert_allclose(run.parameters[0], [1, 1], atol=0.02)
