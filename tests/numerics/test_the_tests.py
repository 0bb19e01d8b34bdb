"""The tests can fail: each planted fault must be found by the trajectories or by the textbook loops."""

from __future__ import annotations

import inspect
import sys
import textwrap
from dataclasses import replace

import pytest
from hypothesis import HealthCheck, Phase, given
from hypothesis import settings as limits
from hypothesis import strategies as st

from hpt.models.dense import Dense
from hpt.numerics import activations, losses
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.losses import LOSSES
from hpt.numerics.optimizers import OPTIMIZERS
from tests.models.gradients import gradient_error
from tests.numerics.test_rules import MEMBERS, drawn, follows_oracle, resumes
from tests.numerics.test_trajectories import TRAJECTORIES, matches_trajectory

RESUMED_ONLY = ("nadam", "        product[...] = reached\n", "")
"""A run in one piece cannot miss the state that it does not read again."""

FAULTS = [
    ("gd", "parameters -= change", "parameters += change"),
    ("sgd", "damping and step > 1", "damping"),
    ("sgd", 'inside = momentum_form == "keras"', "inside = False"),
    ("sgd", "np.multiply(velocity, keep, out=change)", "np.multiply(velocity, 1, out=change)"),
    ("sgd", "velocity *= keep", "velocity *= 1"),
    ("adagrad", "change += outside", "np.sqrt(np.add(total, outside, out=change), out=change)"),
    ("adadelta", "np.add(moved, inside, out=other)", "np.copyto(other, moved)"),
    ("adadelta", "        change *= rate\n", ""),
    ("rmsprop", "np.add(spread, inside, out=change) if rooted else spread", "spread"),
    ("rmsprop", "eps_root / (1 - rho), eps / scale)", "eps / (1 - rho), eps_root / scale)"),
    ("rmsprop", "np.subtract(square, change, out=change)", "square"),
    ("rmsprop", "square /= mix", "pass"),
    ("rmsprop", "learning_rate / scale", "learning_rate"),
    ("adam", "eps / scale)", "eps / np.sqrt(1 - beta2) * np.ones_like(scale))"),
    ("adam", "eps / scale)", "eps * np.ones_like(scale))"),
    ("adam", "if bias_correction else 1.0", "if False else 1.0"),
    ("adam", "1 - powers(beta1, steps)", "1 - powers(beta1, steps + 1)"),
    ("adam", "insides = each(parameters, eps_root / scale**2)", "insides = each(parameters, eps_root / scale)"),
    ("amsgrad", "np.maximum(peak, second, out=peak)", "second"),
    ("adamw", "1 - learning_rate * weight_decay", "1 - weight_decay + 0 * learning_rate"),
    ("adamax", "change += outside", "change += 0"),
    ("adamax", "(1 - powers(beta1, steps))", "1.0 + 0 * steps"),
    ("nadam", "(steps, steps + 1)", "(steps, steps)"),
    ("nadam", "[1:]", "[:-1]"),
    RESUMED_ONLY,
    ("radam", "length > 5", "length > 4"),
    ("radam", " * np.sqrt(1 - power)", ""),
    ("lion", "keep1, mix1, keep2, mix2", "keep2, mix2, keep1, mix1"),
    ("lion", "np.sign(change, out=change)", "np.sign(first, out=change)"),
    ("adabelief", "change += inside", "change += 0"),
    ("adabelief", "np.subtract(gradients, first, out=change)", "np.copyto(change, gradients)"),
]


def broken(function: object, correct: str, wrong: str) -> object:
    """`function` rewritten with `wrong` in the place of `correct`."""
    source = textwrap.dedent(inspect.getsource(function))
    assert correct in source, "the fault no longer fits the source"
    names = dict(vars(sys.modules[function.__module__]))
    exec(source.replace(correct, wrong), names)  # noqa: S102  the source is ours
    return names[function.__name__]


def found_by_trajectories(name: str) -> bool:
    for index, case in enumerate(TRAJECTORIES["cases"]):
        if case["optimizer"] == name:
            try:
                matches_trajectory(index)
            except (AssertionError, FloatingPointError):
                return True
    return False


def found_by_resuming(name: str) -> bool:
    try:
        resumes(name, [OPTIMIZERS[name].defaults()] * MEMBERS, 0)
    except AssertionError:
        return True
    return False


def found_by_oracle(name: str) -> bool:
    @given(data=st.data())
    @limits(
        max_examples=40, derandomize=True, database=None, phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )  # fmt: skip
    def check(data: st.DataObject) -> None:
        follows_oracle(name, *drawn(name, data))

    try:
        check()
    except AssertionError:
        return True
    return False


@pytest.mark.parametrize(("name", "correct", "wrong"), FAULTS, ids=[f"{f[0]}-{i}" for i, f in enumerate(FAULTS)])
def test_a_planted_fault_is_found(name: str, correct: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    row = OPTIMIZERS[name]
    monkeypatch.setitem(OPTIMIZERS, name, replace(row, function=broken(row.function, correct, wrong)))
    assert found_by_trajectories(name) or found_by_resuming(name)
    if (name, correct) != RESUMED_ONLY[:2]:
        assert found_by_oracle(name)


GRADIENT_FAULTS = [
    (activations, "relu", "values *= derivative", "values *= 0.99 * derivative"),
    (activations, "elu", "np.add(below, 1, out=derivative)", "derivative.fill(1)"),
    (activations, "silu", "derivative += share", "derivative += 0.99 * share"),
    (activations, "gelu", "derivative *= 1 / math.sqrt(2 * math.pi)", "derivative *= 0.4"),
    (activations, "gelu_tanh", "rest *= 3 * ", "rest *= 2 * "),
    (losses, "mse", "2 / (count * batch)", "1 / (count * batch)"),
    (losses, "huber", "1 / (count * batch)", "1 / batch"),
    (losses, "binary_cross_entropy", "gradient -= targets", "gradient -= 0.99 * targets"),
]


@pytest.mark.parametrize(("module", "name", "correct", "wrong"), GRADIENT_FAULTS, ids=[f[1] for f in GRADIENT_FAULTS])
def test_a_wrong_gradient_is_found(module, name: str, correct: str, wrong: str, monkeypatch: pytest.MonkeyPatch) -> None:
    table = ACTIVATIONS if module is activations else LOSSES
    monkeypatch.setitem(table, name, replace(table[name], function=broken(table[name].function, correct, wrong)))
    activation, loss = (name, "mse") if module is activations else ("tanh", name)
    assert gradient_error(Dense(), {"hidden": (6,), "activation": activation}, loss) > 1e-6
