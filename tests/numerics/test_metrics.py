"""Metrics against scikit-learn."""

from __future__ import annotations

import numpy as np
import pytest
import sklearn.metrics as reference
from hypothesis import given, settings
from hypothesis import strategies as st

from hpt.numerics.metrics import METRICS, PARTS, MeasuredMetric, Outcome, measure

CLASSES = {
    "accuracy": reference.accuracy_score,
    "macro_f1": lambda truth, predicted: reference.f1_score(truth, predicted, average="macro"),
}
VALUES = {
    "rmse": lambda truth, predicted: reference.mean_squared_error(truth, predicted) ** 0.5,
    "mae": reference.mean_absolute_error,
    "r2": reference.r2_score,
}


def mean_recall(truth: np.ndarray, predicted: np.ndarray) -> float:
    return float(reference.recall_score(truth, predicted, average=None, labels=np.unique(truth)).mean())


@given(st.integers(0, 2**32 - 1), st.integers(2, 6), st.integers(1, 40))
@settings(max_examples=40, derandomize=True)
def test_metrics_of_classes(seed: int, classes: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    truth, predicted = random.integers(0, classes, rows), random.integers(0, classes, (3, rows))
    found = measure(Outcome(np.zeros(3), predicted, truth, classes, np.zeros((3, rows))), "test", every_epoch=False)
    for name, function in {**CLASSES, "balanced_accuracy": mean_recall}.items():
        expected = [function(truth, member) for member in predicted]
        np.testing.assert_allclose(found[f"test_{name}"], expected, rtol=1e-12, err_msg=name)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40), st.sampled_from([1e-3, 1.0, 1e6]))
@settings(max_examples=40, derandomize=True)
def test_metrics_of_values(seed: int, rows: int, size: float) -> None:
    random = np.random.default_rng(seed)
    truth, predicted = random.normal(size=rows) * size + 3, random.normal(size=(3, rows)) * size
    found = measure(Outcome(np.zeros(3), predicted, truth, 0), "validation", every_epoch=False)
    for name, function in VALUES.items():
        expected = [function(truth, member) for member in predicted]
        np.testing.assert_allclose(found[f"validation_{name}"], expected, rtol=1e-9, err_msg=name)


@given(st.integers(0, 2**32 - 1), st.integers(2, 40))
@settings(max_examples=40, derandomize=True)
def test_area_under_the_curve_with_ties(seed: int, rows: int) -> None:
    random = np.random.default_rng(seed)
    truth, score = random.integers(0, 2, rows), random.integers(0, 5, (3, rows)).astype(float)
    truth[:2] = [0, 1]
    found = METRICS["roc_auc"].function(Outcome(np.zeros(3), score > 2, truth, 2, score))
    np.testing.assert_allclose(found, [reference.roc_auc_score(truth, member) for member in score], rtol=1e-12)


def test_what_cannot_be_told_is_nan() -> None:
    outcome = Outcome(np.zeros(1), np.ones((1, 3), int), np.ones(3, int), 2, np.zeros((1, 3)))
    assert np.isnan(METRICS["roc_auc"].function(outcome)).all()
    constant = Outcome(np.zeros(1), np.zeros((1, 3)), np.ones(3), 0)
    assert np.isnan(METRICS["r2"].function(constant)).all()


def test_which_metrics_belong_to_which_task() -> None:
    classes = Outcome(np.zeros(1), np.zeros((1, 2), int), np.array([0, 1]), 2, np.zeros((1, 2)))
    values = Outcome(np.zeros(1), np.zeros((1, 2)), np.array([0.0, 1.0]), 0)
    assert list(measure(classes, "train", every_epoch=True)) == ["train_loss", "train_accuracy"]
    assert list(measure(values, "train", every_epoch=True)) == ["train_loss", "train_rmse"]
    assert set(measure(classes, "train", every_epoch=False)) == {
        f"train_{name}" for name in ("loss", "accuracy", "balanced_accuracy", "macro_f1", "roc_auc", "average_precision")
    }
    assert set(measure(values, "train", every_epoch=False)) == {f"train_{name}" for name in ("loss", "rmse", "mae", "r2")}


@pytest.mark.parametrize("name", METRICS)
def test_directions(name: str) -> None:
    assert METRICS[name].direction == ("minimize" if name in ("loss", "rmse", "mae") else "maximize")


def test_a_measured_metric_is_read_from_what_it_is_written_as() -> None:
    for part in PARTS:
        for name in METRICS:
            metric = MeasuredMetric.parse(f"{part}_{name}")
            assert (metric.part, metric.name, str(metric)) == (part, name, f"{part}_{name}")
            assert metric.known
            assert metric.direction == METRICS[name].direction
    assert not any(
        MeasuredMetric.parse(text).known for text in ("", "loss", "gradient_norm", "ended_loss", "test_", "_loss")
    )
    assert str(MeasuredMetric.parse("test_macro_f1").on("train").beside("r2")) == "train_r2"
