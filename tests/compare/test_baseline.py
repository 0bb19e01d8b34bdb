from pathlib import Path

import numpy as np
import pytest
from sklearn import metrics

from hpt.compare.baseline import baseline_metrics
from hpt.configuration import config as configuration
from hpt.study.preparing import problem_of


def measured(tmp_path: Path, text: str) -> tuple[dict[str, float], object]:
    (tmp_path / "c.yaml").write_text(text + "\noptimizer: {choose: [sgd, adam]}\n")
    config = configuration.read(tmp_path / "c.yaml", mode="compare")
    problem = problem_of(config, test=True)
    settings = config.space.settings(config.space.middle("sgd"))
    return baseline_metrics(problem, settings), problem.dataset


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
