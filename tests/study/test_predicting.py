"""A predictor goes through the family's own forward pass, and its probabilities are what the loss says they are."""

from __future__ import annotations

import math

import numpy as np
import pytest

from hpt.configuration.config import read
from hpt.data.datasets import DATASETS
from hpt.data.load import Tables
from hpt.foundation.errors import InputError
from hpt.models import MODELS
from hpt.models.networks import together
from hpt.numerics.losses import LOSSES
from hpt.study.predicting import predictor_of
from hpt.study.preparing import split_problem
from hpt.training.cohort import NewCohort
from hpt.training.loop import advance
from hpt.training.settings import Member
from tests.models.test_toy_family import ROW, configured, outputs_of, pairs


def test_a_family_of_ones_own_predicts_by_its_own_forward_pass(tmp_path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(MODELS, "twins", ROW)
    (tmp_path / "pairs.csv").write_text("x,y\n1,2\n")
    config = configured(tmp_path, "adam")
    config.write_text(config.read_text().replace("source: pairs", "source: pairs.csv"))
    settings = read(config, mode="train").space.constants()
    problem = split_problem(read(config, mode="train"), Tables(pairs()), (3,))
    (result,) = advance(NewCohort((Member(0, settings, (3, 0), (3,)),)), problem, 6).ended
    dataset = problem.dataset
    predictor = predictor_of([(settings, result.weights)], dataset.shapes, dataset.encoding, "error")
    inputs = dataset.train.inputs
    outputs = outputs_of(result.weights, inputs, settings.model["gain"])
    found = predictor.predict(inputs)
    shares = np.exp(outputs) / np.exp(outputs).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.probabilities, shares, rtol=1e-12)
    assert found.values.tolist() == outputs.argmax(axis=1).tolist()
    assert found.classes == ("other", "same")
    alone = [predictor.predict(row[None]).probabilities[0] for row in inputs[:5]]
    np.testing.assert_allclose(alone, shares[:5], rtol=1e-12)
    with pytest.raises(InputError, match=r"expected \d+ of the model in best\.yaml"):
        predictor_of([(settings, {})], dataset.shapes, dataset.encoding, "error").predict(inputs)


def test_an_ensemble_averages_what_its_models_say(tmp_path) -> None:
    config = tmp_path / "wine.yaml"
    config.write_text("data: wine\nmodel: {hidden: [3]}\noptimizer: adam\ntraining: {epochs: 2}\n")
    problem = split_problem(read(config, mode="train"), _wine(), (0,))
    settings = read(config, mode="train").space.constants()
    members = tuple(Member(trial, settings, (0, trial), (0,)) for trial in range(3))
    trained = [(settings, result.weights) for result in advance(NewCohort(members), problem, 2).ended]
    dataset = problem.dataset
    both = predictor_of(trained, dataset.shapes, dataset.encoding, "error").predict(dataset.train.inputs)
    each = [predictor_of([one], dataset.shapes, dataset.encoding, "error").predict(dataset.train.inputs) for one in trained]
    mean = np.mean([one.probabilities for one in each], axis=0)
    np.testing.assert_allclose(both.probabilities, mean, atol=1e-15)
    assert both.values.tolist() == mean.argmax(axis=1).tolist()


def test_the_networks_of_a_setting_answer_the_mean_of_their_outputs(tmp_path) -> None:
    config = tmp_path / "wine.yaml"
    config.write_text("data: wine\nmodel: {hidden: [3]}\noptimizer: adam\ntraining: {epochs: 2}\n")
    problem = split_problem(read(config, mode="train"), _wine(), (0,))
    settings = read(config, mode="train").space.constants()
    members = tuple(Member(trial, settings, (0, trial), (0,)) for trial in range(3))
    weights = [result.weights for result in advance(NewCohort(members), problem, 2).ended]
    dataset = problem.dataset
    inputs = dataset.train.inputs[:7]
    outputs = []
    for each in weights:
        hidden = np.maximum(inputs @ each["layers.0.weight"].astype(float) + each["layers.0.bias"], 0)
        outputs.append(hidden @ each["layers.1.weight"].astype(float) + each["layers.1.bias"])
    mean = (outputs[0] + outputs[1] + outputs[2]) / 3
    predictor = predictor_of([(settings, together(weights))], dataset.shapes, dataset.encoding, "error")
    found = predictor.predict(inputs)
    np.testing.assert_allclose(predictor.models[0].outputs(inputs), mean, rtol=1e-12)
    shares = np.exp(mean) / np.exp(mean).sum(axis=1, keepdims=True)
    np.testing.assert_allclose(found.probabilities, shares, rtol=1e-12)
    assert found.values.tolist() == mean.argmax(axis=1).tolist()
    broken = together(weights)
    del broken["networks.1.layers.1.bias"]
    with pytest.raises(InputError, match=r"expected \d+ of the model in best\.yaml"):
        predictor_of([(settings, broken)], dataset.shapes, dataset.encoding, "error").predict(inputs)


def _wine():
    return Tables(DATASETS["wine"].function())


def test_probabilities_are_what_the_loss_says() -> None:
    outputs = np.array([[0.0, 800.0], [-800.0, -1.0], [0.3, 0.1], [-2.0, -1.0]])
    softmax = LOSSES["cross_entropy"].probabilities(outputs)
    assert softmax[2, 0] == pytest.approx(1 / (1 + math.exp(-0.2)))
    assert softmax[:2].tolist() == [[0, 1], [0, 1]]
    clipped = LOSSES["mse"].probabilities(outputs)
    np.testing.assert_allclose(clipped, [[0, 1], [0.5, 0.5], [0.75, 0.25], [0.5, 0.5]])
    logistic = LOSSES["binary_cross_entropy"].probabilities(np.array([[-800.0], [0.0], [2.0], [800.0]]))
    np.testing.assert_allclose(logistic[:, 1], [0, 0.5, 1 / (1 + math.exp(-2)), 1])
    for shares in (softmax, clipped, logistic):
        np.testing.assert_allclose(shares.sum(axis=1), 1)
