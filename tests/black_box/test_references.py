"""`hpt train --json` against references that share no code with it: a linear model in NumPy, textbook rules in plain Python.

Every optimizer goes its whole way with every hyperparameter off its default, on a regression and on a classification; so does
every loss, and a schedule with warm-up.
"""

from __future__ import annotations

import json
import math
import random
from collections.abc import Callable
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_wine
from typer.testing import CliRunner

from hpt.cli.app import app
from tests.black_box.hpt_command import Hpt
from tests.numerics.oracles import ORACLES

EPOCHS = 30
WINE_INPUTS, CELL_INPUTS = [1, 2, 5, 6], [6, 7, 8]
TOLERANCE = 1e-10

Slopes = Callable[[np.ndarray], tuple[float, np.ndarray]]
"""From the outputs (N, C) to the mean loss and its gradient (N, C)."""

CASES: list[dict[str, Any]] = [
    {"name": "gd", "learning_rate": 0.2, "decay": 0.97},
    {"name": "dynamic_gd", "learning_rate": 0.3, "decay": 0.9},
    {"name": "sgd", "learning_rate": 0.1, "weight_decay": 0.1, "decay": 0.98},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.8, "dampening": 0.3, "weight_decay": 0.05},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.7, "nesterov": True, "decay": 0.95},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.8, "momentum_form": "keras", "decay": 0.9, "weight_decay": 0.05},
    {"name": "sgd", "learning_rate": 0.05, "momentum": 0.8, "nesterov": True, "momentum_form": "keras", "decay": 0.9},
    {"name": "adagrad", "learning_rate": 0.2, "eps": 0.1, "initial_accumulator": 0.1, "weight_decay": 0.05, "decay": 0.98},
    {"name": "adadelta", "learning_rate": 0.7, "rho": 0.8, "eps": 0.1, "weight_decay": 0.05, "decay": 0.98},
    {"name": "rmsprop", "learning_rate": 0.05, "rho": 0.9, "eps": 0.1, "eps_root": 0.2, "initial_accumulator": 1.0},
    {"name": "rmsprop", "learning_rate": 0.05, "eps": 0.5, "momentum": 0.6, "centered": True, "weight_decay": 0.1, "decay": 0.9},
    {"name": "adam", "learning_rate": 0.1, "betas": [0.8, 0.95], "eps": 0.1, "weight_decay": 0.05, "decay": 0.98},
    {"name": "adam", "learning_rate": 0.1, "betas": [0.7, 0.9], "eps": 1e-3, "eps_root": 0.1, "bias_correction": False},
    {"name": "amsgrad", "learning_rate": 0.1, "betas": [0.8, 0.9], "eps": 0.1, "weight_decay": 0.05, "decay": 0.98},
    {"name": "amsgrad", "learning_rate": 0.1, "betas": [0.8, 0.9], "eps": 1e-3, "eps_root": 0.1, "bias_correction": False},
    {"name": "adamw", "learning_rate": 0.1, "betas": [0.8, 0.95], "eps": 0.1, "weight_decay": 0.3, "decay": 0.98},
    {"name": "adamax", "learning_rate": 0.1, "betas": [0.8, 0.9], "eps": 0.1, "weight_decay": 0.05, "decay": 0.98},
    {
        "name": "nadam", "learning_rate": 0.1, "betas": [0.8, 0.95], "eps": 0.1, "momentum_decay": 0.1,
        "weight_decay": 0.05, "decay": 0.98,
    },
    {"name": "radam", "learning_rate": 0.1, "betas": [0.8, 0.95], "eps": 0.1, "weight_decay": 0.05, "decay": 0.98},
    {"name": "lion", "learning_rate": 0.01, "betas": [0.8, 0.9], "weight_decay": 0.1, "decay": 0.98},
    {"name": "adabelief", "learning_rate": 0.1, "betas": [0.8, 0.95], "eps": 0.1, "eps_root": 0.01, "decay": 0.98},
]  # fmt: skip
DROPPED = {
    "wine": [name for index, name in enumerate(load_wine().feature_names) if index not in WINE_INPUTS],
    "breast_cancer": [
        name.replace(" ", "_")
        for index, name in enumerate(load_breast_cancer().feature_names.tolist())
        if index not in CELL_INPUTS
    ],
}
SCHEDULE = {"type": "cosine", "min_ratio": 0.1, "warmup": 0.2}


def rising_cosine(update: int) -> float:
    """Up by equal steps over a fifth of the updates, then down half a cosine to a tenth."""
    warm = EPOCHS // 5
    if update < warm:
        return (update + 1) / (warm + 1)
    return 0.1 + 0.9 * (1 + math.cos(math.pi * (update - warm) / (EPOCHS - warm))) / 2


def softmax_slopes(codes: np.ndarray, smoothing: float = 0.0) -> Slopes:
    """Cross-entropy of the softmax, row by row."""
    rows, classes = len(codes), int(codes.max()) + 1
    wanted = np.full((rows, classes), smoothing / classes)
    wanted[np.arange(rows), codes] += 1 - smoothing

    def slopes(outputs: np.ndarray) -> tuple[float, np.ndarray]:
        logs = outputs - np.logaddexp.reduce(outputs, axis=1)[:, None]
        return float(-(wanted * logs).sum() / rows), (np.exp(logs) - wanted) / rows

    return slopes


def log_odds_slopes(codes: np.ndarray) -> Slopes:
    """Cross-entropy of one output, the log-odds of the second class."""
    signs = np.where(codes == 1, 1.0, -1.0)[:, None]

    def slopes(outputs: np.ndarray) -> tuple[float, np.ndarray]:
        losses = np.logaddexp(0, -signs * outputs)
        return float(losses.mean()), -signs * -np.expm1(-losses) / len(codes)

    return slopes


def error_slopes(
    targets: np.ndarray, loss: Callable[[np.ndarray], np.ndarray], slope: Callable[[np.ndarray], np.ndarray]
) -> Slopes:
    """The mean of a function of the errors."""

    def slopes(outputs: np.ndarray) -> tuple[float, np.ndarray]:
        errors = outputs - targets
        return float(loss(errors).mean()), slope(errors) / errors.size

    return slopes


@cache
def line() -> tuple[np.ndarray, np.ndarray]:
    """The article's example, from its recipe: inputs (100, 1), targets (100, 1)."""
    draw = random.Random(0).random
    x = np.array([[draw()] for _ in range(100)])
    return x, 2 * x + 1 + np.array([[draw()] for _ in range(100)]) * 0.2 - 0.1


def wine() -> tuple[np.ndarray, np.ndarray]:
    """Four inputs of like size; the three classes differ in number, else a bias would start with a gradient of rounding alone."""
    inputs, codes = load_wine(return_X_y=True)
    return inputs[:, WINE_INPUTS], codes


def cells() -> tuple[np.ndarray, np.ndarray]:
    """Three inputs of a set with two classes, 0 malignant and 1 benign; alphabetically it is the other way round."""
    inputs, codes = load_breast_cancer(return_X_y=True)
    return inputs[:, CELL_INPUTS], 1 - codes


def reference(
    optimizer: dict[str, Any], inputs: np.ndarray, slopes: Slopes, outputs: int, course: Callable[[int], float]
) -> tuple[list[float], list[float], np.ndarray]:
    """The loss before each update, the learning rate of each, and the weights (in + 1, out) at the end, the bias last."""
    rows = np.column_stack([inputs, np.ones(len(inputs))])
    weights = np.zeros((rows.shape[1], outputs))
    rules = [[ORACLES[optimizer["name"]](**optimizer) for _ in range(outputs)] for _ in weights]
    losses, rates = [], []
    for update in range(EPOCHS):
        loss, slope = slopes(rows @ weights)
        gradient = rows.T @ slope
        rate = optimizer["learning_rate"] * course(update) * optimizer["decay"] ** update
        for (row, column), g in np.ndenumerate(gradient):
            weights[row, column] = rules[row][column].step(float(weights[row, column]), float(g), rate)
        losses.append(loss)
        rates.append(rate)
    return losses, rates, weights


def arguments(folder: Path, data: str, optimizer: dict[str, Any], training: dict[str, Any]) -> list[str]:
    """The command line of one run, whose configuration is left in `folder`."""
    config = {
        "data": {
            "source": data,
            "validation": 0,
            "test": 0,
            "standardize": False,
            "standardize_target": False,
            "drop": DROPPED.get(data, []),
        },
        "model": {"type": "linear", "init": "zeros"},
        "optimizer": optimizer,
        "training": {"epochs": EPOCHS, "batch_size": "full", "dtype": "float64", **training},
    }
    path = folder / "one.yaml"
    # JSON is YAML, but for 1e-05, which both read as a number here.
    path.write_text(json.dumps(config), encoding="utf-8")
    return ["train", str(path), "--json", "--quiet"]


def run(*arguments: str) -> dict[str, Any]:
    """The document of a command that is run in this process."""
    ended = CliRunner().invoke(app, list(arguments), catch_exceptions=False)
    assert ended.exit_code == 0
    return json.loads(ended.stdout)


@cache
def rows_of(name: str) -> dict[str, dict[str, Any]]:
    """The hyperparameters of an optimizer by name, as `hpt list` tells them."""
    (entry,) = run("list", "optimizers", name, "--json")["optimizers"]
    return {row["name"]: row for row in entry["hyperparameters"]}


def complete(optimizer: dict[str, Any]) -> dict[str, Any]:
    return {name: row["default"] for name, row in rows_of(optimizer["name"]).items()} | optimizer


def agrees(found: dict[str, Any], losses: list[float], rates: list[float], weights: np.ndarray) -> None:
    """Asserts that losses, learning rates and weights agree to 1e-10."""
    history = found["history"]
    np.testing.assert_allclose([row["train_loss"] for row in history], losses, rtol=TOLERANCE)
    np.testing.assert_allclose([row["learning_rate"] for row in history], rates, rtol=TOLERANCE)
    parameters = found["parameters"]
    reached = np.vstack([parameters["layers.0.weight"], parameters["layers.0.bias"]])
    np.testing.assert_allclose(reached, weights, rtol=0, atol=TOLERANCE * np.abs(weights).max())


def squared() -> Slopes:
    return error_slopes(line()[1], np.square, lambda errors: 2 * errors)


@pytest.mark.parametrize("optimizer", CASES, ids=[f"{case['name']}-{index}" for index, case in enumerate(CASES)])
def test_every_optimizer_goes_the_way_of_its_reference(tmp_path: Path, optimizer: dict[str, Any]) -> None:
    steady = run(*arguments(tmp_path, "line", optimizer, {"schedule": None}))
    agrees(steady, *reference(complete(optimizer), line()[0], squared(), 1, lambda update: 1.0))
    inputs, codes = wine()
    scheduled = run(*arguments(tmp_path, "wine", optimizer, {"schedule": SCHEDULE}))
    agrees(scheduled, *reference(complete(optimizer), inputs, softmax_slopes(codes), 3, rising_cosine))


def test_no_hyperparameter_of_any_optimizer_is_left_at_its_default() -> None:
    for entry in run("list", "optimizers", "--json")["optimizers"]:
        changed = {key for case in CASES if case["name"] == entry["name"] for key in case}
        assert changed - {"name"} == {row["name"] for row in entry["hyperparameters"]}
        for case in CASES:
            for row in entry["hyperparameters"]:
                assert case["name"] != entry["name"] or case.get(row["name"]) != row["default"]


@pytest.mark.parametrize(
    ("data", "loss", "slopes", "outputs"),
    [
        ("line", "mse", squared, 1),
        ("line", "mae", lambda: error_slopes(line()[1], np.abs, np.sign), 1),
        (
            "line",
            {"type": "huber", "delta": 0.5},
            lambda: error_slopes(
                line()[1],
                lambda d: np.where(np.abs(d) <= 0.5, d * d / 2, 0.5 * (np.abs(d) - 0.25)),
                lambda d: np.minimum(np.maximum(d, -0.5), 0.5),
            ),
            1,
        ),
        ("wine", "mse", lambda: error_slopes(np.eye(3)[wine()[1]], np.square, lambda errors: 2 * errors), 3),
        ("breast_cancer", "cross_entropy", lambda: softmax_slopes(cells()[1]), 2),
        ("breast_cancer", "binary_cross_entropy", lambda: log_odds_slopes(cells()[1]), 1),
    ],
    ids=["mse", "mae", "huber", "mse-classes", "cross_entropy", "binary_cross_entropy"],
)
def test_every_loss_goes_the_way_of_its_reference(
    tmp_path: Path, data: str, loss: Any, slopes: Callable[[], Slopes], outputs: int
) -> None:
    inputs = {"line": line, "wine": wine, "breast_cancer": cells}[data]()[0]
    optimizer = {"name": "sgd", "learning_rate": 0.1, "momentum": 0.5}
    expected = reference(complete(optimizer), inputs, slopes(), outputs, lambda update: 1.0)
    agrees(run(*arguments(tmp_path, data, optimizer, {"loss": loss})), *expected)


def test_smoothed_labels_are_shared_among_all_classes(tmp_path: Path) -> None:
    inputs, codes = wine()
    optimizer = {"name": "adam", "learning_rate": 0.1}
    expected = reference(complete(optimizer), inputs, softmax_slopes(codes, 0.3), 3, lambda update: 1.0)
    agrees(run(*arguments(tmp_path, "wine", optimizer, {"label_smoothing": 0.3})), *expected)


@pytest.mark.parametrize("limit", ["clip_norm", "clip_value"])
def test_gradients_are_clipped_before_the_rule_sees_them(tmp_path: Path, limit: str) -> None:
    inputs, codes = wine()
    whole = softmax_slopes(codes)
    rows = np.column_stack([inputs, np.ones(len(inputs))])
    weights, losses, share = np.zeros((5, 3)), [], []
    for _ in range(EPOCHS):
        loss, slope = whole(rows @ weights)
        gradient = rows.T @ slope
        norm = math.sqrt((gradient**2).sum())
        clipped = gradient * min(1, 0.4 / norm) if limit == "clip_norm" else gradient.clip(-0.4, 0.4)
        share.append(bool((clipped != gradient).any()))
        weights = weights - 0.1 * clipped
        losses.append(loss)
    assert set(share) == {False, True}, "some are cut, some are not"
    found = run(*arguments(tmp_path, "wine", {"name": "gd", "learning_rate": 0.1}, {limit: 0.4}))
    agrees(found, losses, [0.1] * EPOCHS, weights)


def test_another_process_gives_the_same_bits(hpt: Hpt) -> None:
    command = arguments(hpt.folder, "wine", CASES[11], {"schedule": SCHEDULE})
    there, here = hpt(*command).document, run(*command)
    for document in (there, here):
        del document["seconds"]
    assert there == here
