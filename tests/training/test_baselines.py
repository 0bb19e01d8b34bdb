from pathlib import Path

import numpy as np
import pytest
from sklearn import linear_model, metrics

from hpt.configuration import config as configuration
from hpt.numerics.linear import PENALTIES, least_squares, log_odds_regression, logistic_regression
from hpt.study.preparing import problem_of
from hpt.training.baselines import constant_metrics, linear_metrics


def prepared(tmp_path: Path, text: str):
    (tmp_path / "c.yaml").write_text(text + "\noptimizer: {choose: [sgd, adam]}\n")
    config = configuration.read(tmp_path / "c.yaml", mode="compare")
    return problem_of(config, test=True), config.space.training["loss"]


def measured(tmp_path: Path, text: str) -> tuple[dict[str, float], object]:
    problem, chosen = prepared(tmp_path, text)
    return constant_metrics(problem, chosen), problem.dataset


@pytest.mark.parametrize("data", ["iris", "wine", "breast_cancer", "digits"])
def test_classes_are_said_as_often_as_they_are_trained_on(tmp_path, data):
    found, dataset = measured(tmp_path, f"data: {data}")
    train, test = dataset.train.targets, dataset.test.targets
    shares = np.bincount(train) / len(train)
    said = np.full(len(test), shares.argmax())
    assert found["test_loss"] == pytest.approx(
        metrics.log_loss(test, np.tile(shares, (len(test), 1)), labels=range(len(shares)))
    )
    assert found["test_accuracy"] == pytest.approx(metrics.accuracy_score(test, said))
    assert found["test_balanced_accuracy"] == pytest.approx(1 / len(shares))
    assert found.get("test_roc_auc", 0.5) == 0.5


def test_one_output_says_the_same_as_two(tmp_path):
    two, _ = measured(tmp_path, "data: breast_cancer")
    one, _ = measured(tmp_path, "data: breast_cancer\ntraining: {loss: binary_cross_entropy}")
    assert one == pytest.approx(two)


@pytest.mark.parametrize("standardize", ["true", "false"])
def test_a_target_is_said_to_be_its_mean_in_its_own_units(tmp_path, standardize):
    found, dataset = measured(tmp_path, f"data: {{source: diabetes, standardize_target: {standardize}}}")
    test = dataset.test.targets * dataset.target_sd + dataset.target_mean
    mean = dataset.train.targets.mean() * dataset.target_sd + dataset.target_mean
    said = np.full(len(test), mean)
    assert found["test_rmse"] == pytest.approx(metrics.root_mean_squared_error(test, said))
    assert found["test_mae"] == pytest.approx(metrics.mean_absolute_error(test, said))
    assert found["test_r2"] == pytest.approx(metrics.r2_score(test, said))
    assert found["test_loss"] == pytest.approx(found["test_rmse"] ** 2 / dataset.target_sd**2)


def test_least_squares_are_the_minimum_of_ridge_regression(tmp_path):
    train = prepared(tmp_path, "data: diabetes")[0].dataset.train
    inputs, targets = train.inputs, train.targets
    for penalty, weights in zip(PENALTIES, least_squares(inputs, targets[:, None], PENALTIES), strict=True):
        model = linear_model.Ridge(alpha=penalty * len(inputs), solver="cholesky", tol=0).fit(inputs, targets)
        np.testing.assert_allclose(weights[0, :-1], model.coef_, rtol=1e-7, atol=1e-9)
        assert weights[0, -1] == pytest.approx(model.intercept_)


def cross_entropy(outputs, codes):
    return metrics.log_loss(
        codes, np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True), labels=range(outputs.shape[1])
    )


@pytest.mark.parametrize("data", ["iris", "wine", "digits"])
def test_logistic_regression_comes_close_to_its_minimum(tmp_path, data):
    dataset = prepared(tmp_path, f"data: {data}")[0].dataset
    inputs, codes = dataset.train.inputs, dataset.train.targets
    found = logistic_regression(inputs, np.eye(len(dataset.classes))[codes], PENALTIES)
    for penalty, weights in zip(PENALTIES, found, strict=True):
        model = linear_model.LogisticRegression(C=1 / (penalty * len(inputs)), max_iter=10_000, tol=1e-10).fit(inputs, codes)
        best = cross_entropy(model.decision_function(inputs), codes) + penalty / 2 * np.sum(model.coef_**2)
        ours = cross_entropy(inputs @ weights[:, :-1].T + weights[:, -1], codes) + penalty / 2 * np.sum(weights[:, :-1] ** 2)
        assert best - 1e-6 < ours < best + 1e-3


def test_one_output_is_the_difference_of_two(tmp_path):
    train = prepared(tmp_path, "data: breast_cancer")[0].dataset.train
    two = logistic_regression(train.inputs, np.eye(2)[train.targets], PENALTIES)
    one = log_odds_regression(train.inputs, train.targets[:, None].astype(float), PENALTIES)
    np.testing.assert_allclose(one[:, 0], two[:, 1] - two[:, 0])


def test_inputs_on_any_scale_give_the_same_linear_model(tmp_path):
    train = prepared(tmp_path, "data: wine")[0].dataset.train
    targets = np.eye(3)[train.targets]
    factors, shift = np.logspace(-3, 3, train.inputs.shape[1]), 50.0
    plain = logistic_regression(train.inputs, targets, PENALTIES[:3])
    scaled = logistic_regression(train.inputs * factors + shift, targets, PENALTIES[:3])
    np.testing.assert_allclose(scaled[:, :, :-1] * factors, plain[:, :, :-1], rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize(("rows", "inputs"), [(30, 200), (200, 30)])
def test_more_inputs_than_rows_are_no_obstacle(rows, inputs):
    random = np.random.default_rng(1)
    x = random.standard_normal((rows, inputs))
    y = x[:, :2].sum(axis=1)
    (weights,) = least_squares(x, y[:, None], (1e-4,))
    scaled = (x - x.mean(axis=0)) / x.std(axis=0)
    model = linear_model.Ridge(alpha=1e-4 * rows).fit(scaled, y)
    np.testing.assert_allclose(x @ weights[0, :-1] + weights[0, -1], model.predict(scaled), rtol=1e-6, atol=1e-9)


def test_beyond_two_thousand_inputs_the_largest_directions_are_kept(monkeypatch):
    monkeypatch.setattr("hpt.numerics.linear._MOST_INPUTS", 20)
    random = np.random.default_rng(1)
    factors = random.standard_normal((400, 5))
    x = factors @ random.standard_normal((5, 300)) + 0.01 * random.standard_normal((400, 300))
    (weights,) = least_squares(x, factors[:, :1], (1e-4,))
    assert np.corrcoef(x @ weights[0, :-1], factors[:, 0])[0, 1] > 0.999


@pytest.mark.parametrize(
    ("text", "metric", "least", "most"),
    [
        ("data: digits", "validation_accuracy", 0.93, 1.0),
        ("data: breast_cancer\ntraining: {loss: binary_cross_entropy}", "validation_accuracy", 0.95, 1.0),
        ("data: {source: diabetes, standardize_target: false}", "validation_r2", 0.35, 0.65),
        ("data: {source: diabetes, standardize: false}", "validation_r2", 0.35, 0.65),
        ("data: iris\ntraining: {loss: mse}", "validation_accuracy", 0.7, 1.0),
    ],
)
def test_the_linear_model_is_good(tmp_path, text, metric, least, most):
    problem, chosen = prepared(tmp_path, text)
    assert least < linear_metrics(problem, chosen)[metric] <= most
    assert constant_metrics(problem, chosen)[metric] < least
