"""The test rows: what is said of them, and how sure that is."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from scipy.stats import binomtest

from hpt.configuration.config import read
from hpt.evaluate.executors import one_blas_thread
from hpt.foundation.interrupts import Interrupts
from hpt.models.networks import apart
from hpt.study.study_data import study_data
from hpt.study.testing import opened, wilson
from hpt.study.trainer import Training, on_test_rows, train


@pytest.mark.parametrize(("hits", "rows"), [(0, 10), (10, 10), (7, 10), (342, 360), (1, 1)])
def test_wilson_is_the_interval_that_scipy_gives(hits: int, rows: int) -> None:
    expected = binomtest(hits, rows).proportion_ci(0.95, method="wilson")
    assert wilson(hits, rows) == pytest.approx((expected.low, expected.high), abs=1e-9)


def training(folder: Path, text: str) -> Training:
    (folder / "c.yaml").write_text(f"{text}\noptimizer: adam\ntraining: {{epochs: 5}}\n")
    config = read(folder / "c.yaml", mode="train")
    return Training(study_data(config, test=True), config.space.constants())


def trained(about: Training):
    return train(about, lambda state: None, Interrupts()).result


@pytest.mark.parametrize("data", ["digits", "breast_cancer", "diabetes"])
def test_what_is_told_is_what_training_measured_within_its_interval(tmp_path: Path, data: str) -> None:
    about = training(tmp_path, f"data: {data}")
    result = trained(about)
    found = on_test_rows(about, result)
    assert found is not None
    metric = "rmse" if data == "diabetes" else "accuracy"
    measured = {name: value for name, value in result.metrics.items() if name.startswith("test_")}
    assert {name: found[name] for name in measured} == measured
    assert found[metric] == measured[f"test_{metric}"]
    assert found["rows"] == len(about.data.problem.dataset.test.inputs)
    for name, (low, high) in found["intervals"].items():
        assert low < measured[name] < high
    assert found["interval"] == found["intervals"][f"test_{metric}"]
    assert on_test_rows(about, result) == found


def test_the_interval_of_a_mean_is_about_two_standard_errors_wide(tmp_path: Path) -> None:
    about = training(tmp_path, "data: diabetes")
    result = trained(about)
    with one_blas_thread():
        found = opened(about.data.problem, about.member, result.weights, result.metrics, 1)
    weights, test, dataset = result.weights, about.data.problem.dataset.test, about.data.problem.dataset
    values = test.inputs
    layers = sum(name.endswith("weight") for name in weights)
    for layer in range(layers):
        values = values @ weights[f"layers.{layer}.weight"] + weights[f"layers.{layer}.bias"]
        values = np.maximum(values, 0) if layer < layers - 1 else values
    errors = np.abs(values[:, 0] - test.targets) * dataset.target_sd
    low, high = found.intervals["test_mae"]
    assert high - low == pytest.approx(2 * 1.96 * errors.std(ddof=1) / np.sqrt(len(errors)), rel=0.15)
    assert (low + high) / 2 == pytest.approx(errors.mean(), rel=0.05)


@pytest.mark.parametrize("data", ["wine", "diabetes"])
def test_several_networks_are_measured_by_their_mean(tmp_path: Path, data: str) -> None:
    about = training(tmp_path, f"data: {{source: {data}, folds: 3}}\nstudy: {{networks: 3}}")
    result = trained(about)
    found = on_test_rows(about, result)
    test, dataset = about.data.problem.dataset.test, about.data.problem.dataset
    outputs = 0
    for each in apart(result.weights):
        hidden = np.maximum(test.inputs @ each["layers.0.weight"] + each["layers.0.bias"], 0)
        outputs = outputs + (hidden @ each["layers.1.weight"] + each["layers.1.bias"]) / 3
    if data == "diabetes":
        expected = np.sqrt(np.mean((outputs[:, 0] - test.targets) ** 2)) * dataset.target_sd
        assert found["test_rmse"] == pytest.approx(expected, rel=1e-5)
    else:
        assert found["test_accuracy"] == np.mean(outputs.argmax(axis=1) == test.targets)
        chances = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
        loss = -np.log(chances[np.arange(len(outputs)), test.targets.astype(int)]).mean()
        assert found["test_loss"] == pytest.approx(loss, rel=1e-5)
    measured = {name: value for name, value in result.metrics.items() if name.startswith("test_")}
    assert {name: found[name] for name in measured} == measured
    low, high = found["interval"]
    assert low < found[found["metric"]] < high


@pytest.mark.parametrize(("validation", "optimistic"), [(1.0, True), (0.5, False), (None, False)])
def test_validation_was_optimistic_where_it_lies_beyond_the_interval(
    tmp_path: Path, validation: float | None, optimistic: bool
) -> None:
    about = training(tmp_path, "data: digits")
    result = trained(about)
    found = opened(about.data.problem, about.member, result.weights, {"validation_accuracy": validation}, 1)
    assert found.optimistic is optimistic
