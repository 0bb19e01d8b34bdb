"""Rows of some classes count for more in the gradient, and in nothing else."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from sklearn import metrics
from sklearn.linear_model import LogisticRegression
from sklearn.utils.class_weight import compute_class_weight

from hpt.configuration.config import read
from hpt.foundation.errors import InputError
from hpt.numerics.metrics import Outcome, average_precision
from hpt.study.preparing import problem_of
from hpt.training.class_weights import class_weights
from hpt.training.cohort import NewCohort, begin
from hpt.training.loop import advance
from hpt.training.settings import Member
from hpt.training.stack import Stack
from tests.training.samples import a_problem, some_settings


def prepared(folder, text):
    (folder / "c.yaml").write_text(text)
    config = read(folder / "c.yaml", mode="train")
    return problem_of(config), config.space.constants()


def gradient(problem, settings):
    """The gradient (P,) of one update on all rows, and the losses (n,) it reports."""
    stack = Stack(begin([Member(0, settings, (1, 0), (1,))], problem), problem)
    batch = stack.batches[stack.batch]
    batch.forward_backward(np.arange(stack.rows)[None], [])
    return stack.gradient[0].copy(), batch.network.outputs.losses[0].copy(), stack


TRAINING = "optimizer: gd\nmodel: {hidden: [3], activation: tanh}\n"


@pytest.mark.parametrize("smoothing", [0.0, 0.2])
@pytest.mark.parametrize(
    ("data", "loss"), [("iris", "cross_entropy"), ("iris", "mse"), ("breast_cancer", "binary_cross_entropy")]
)
def test_the_gradient_is_that_of_the_weighted_losses(tmp_path, data, loss, smoothing):
    """By finite differences of the mean of weight · loss, in double precision."""
    labels = {"iris": "{setosa: 3.0, virginica: 0.25}", "breast_cancer": "{malignant: 3.0, benign: 0.25}"}[data]
    more = f"training: {{loss: {loss}, dtype: float64, label_smoothing: {smoothing}, class_weights: {labels}}}\n"
    problem, settings = prepared(tmp_path, f"data: {data}\n{TRAINING}{more}")
    found, losses, stack = gradient(problem, settings)
    rows = class_weights(problem, settings.training["class_weights"])[problem.dataset.train.targets]
    plain = replace(settings, training={**settings.training, "class_weights": None})
    assert np.array_equal(gradient(problem, plain)[1], losses)

    def cost():
        stack.batches[stack.batch].forward_backward(np.arange(stack.rows)[None], [])
        return float(np.mean(rows * stack.batches[stack.batch].network.outputs.losses[0]))

    for index in range(0, len(found), 2):
        at = stack.cohort.parameters[0]
        kept, step = at[index], 1e-6
        at[index] = kept + step
        above = cost()
        at[index] = kept - step
        below = cost()
        at[index] = kept
        assert found[index] == pytest.approx((above - below) / (2 * step), abs=1e-8, rel=1e-6)


def test_balanced_is_what_scikit_learn_calls_so(tmp_path):
    problem, settings = prepared(tmp_path, f"data: breast_cancer\n{TRAINING}training: {{class_weights: balanced}}\n")
    codes = problem.dataset.train.targets
    expected = compute_class_weight("balanced", classes=np.unique(codes), y=codes)
    np.testing.assert_allclose(class_weights(problem, settings.training["class_weights"]), expected)


def test_a_linear_model_comes_to_the_minimum_that_scikit_learn_finds(tmp_path):
    text = "data: iris\nmodel: linear\noptimizer: {name: gd, learning_rate: 0.5}\n"
    weights = "{setosa: 1.0, versicolor: 4.0, virginica: 0.5}"
    problem, settings = prepared(tmp_path, f"{text}training: {{dtype: float64, class_weights: {weights}}}\n")
    inputs, codes = problem.dataset.train.inputs, problem.dataset.train.targets
    model = LogisticRegression(C=1e6, tol=1e-12, max_iter=100_000, class_weight={0: 1.0, 1: 4.0, 2: 0.5}).fit(inputs, codes)
    _, _, stack = gradient(problem, settings)
    flat = stack.architecture.flat({"layers.0.weight": model.coef_.T, "layers.0.bias": model.intercept_})
    stack.cohort.parameters[0] = flat
    batch = stack.batches[stack.batch]
    batch.forward_backward(np.arange(stack.rows)[None], [])
    assert np.abs(stack.gradient).max() < 1e-4


def test_the_label_of_no_class_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"training\.class_weights: expected labels of the target, found maligna"):
        prepared(tmp_path, f"data: breast_cancer\n{TRAINING}training: {{class_weights: {{maligna: 2}}}}\n")


def test_amounts_have_no_classes(tmp_path):
    with pytest.raises(InputError, match=r"training\.class_weights: expected none, as the task is regression"):
        prepared(tmp_path, f"data: diabetes\n{TRAINING}training: {{class_weights: balanced}}\n")


@pytest.mark.parametrize("levels", [3, 10, 10_000])
def test_average_precision_is_that_of_scikit_learn(levels):
    random = np.random.default_rng(levels)
    truth = (random.random(200) < 0.2).astype(int)
    score = random.integers(0, levels, (4, 200)).astype(float) + truth
    found = average_precision(Outcome(np.zeros(4), np.zeros((4, 200), int), truth, 2, score))
    assert found == pytest.approx([metrics.average_precision_score(truth, each) for each in score])
    none = average_precision(Outcome(np.zeros(4), np.zeros((4, 200), int), np.zeros(200, int), 2, score))
    assert np.isnan(none).all()


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize("data", ["digits", "breast_cancer"])
def test_a_trial_has_its_bits_in_any_company(data: str, dtype: str) -> None:
    """Also where the last batch has one row."""
    problem = a_problem(data)
    rows = len(problem.dataset.train.targets)
    batch = next(size for size in range(16, rows) if rows % size == 1)
    chosen = {"class_weights": "balanced", "dtype": dtype, "batch_size": batch, "epochs": 2}
    members = tuple(Member(trial, some_settings("adam", chosen), (7, trial), (7,)) for trial in range(5))
    together = {result.trial: result for result in advance(NewCohort(members), problem, 2).ended}
    for member in members:
        (alone,) = advance(NewCohort((member,)), problem, 2).ended
        found = together[member.trial].weights
        assert all(values.tobytes() == found[name].tobytes() for name, values in alone.weights.items())
