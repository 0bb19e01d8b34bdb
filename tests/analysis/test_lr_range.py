"""The learning-rate range test: on digits and line, for sgd and adam, its suggestion stands up to a fine grid."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.analysis import lr_range
from hpt.analysis.lr_range import READINGS, LearningRateRange, find_learning_rate
from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.evaluate.executors import executors
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.foundation.errors import RunError
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.training.cohort import begin
from hpt.training.loop import advance
from hpt.training.objective import Objective
from hpt.training.options import TRAINING
from hpt.training.problem import Problem
from hpt.training.settings import Member, Settings

SEEDS = 5
LINEAR = {"type": "linear", "init": "zeros"}
NETWORK = {"type": "mlp", "hidden": (32,), "activation": "relu", "init": "he", "dropout": 0.0}


def bundled(name: str) -> Problem:
    options = {h.name: h.default for h in DATA} | {"source": name}
    table = load(options, Path()).source
    parts = ("train", "validation")
    return Problem(prepare(table, options, (7,)), Objective.parse("validation_loss"), parts[1:], parts)


def seeds(optimizer: str, model: dict[str, Any], **training: Any) -> list[Member]:
    """One member a seed."""
    settings = Settings(
        model,
        {"name": optimizer, **OPTIMIZERS[optimizer].defaults()},
        {h.name: h.default for h in TRAINING} | training,
    )
    return [Member(seed, settings, (7, seed), (7, seed)) for seed in range(SEEDS)]


def medians(members: list[Member], problem: Problem, rates: list[float]) -> np.ndarray:
    """The median final validation loss over the seeds, for each of `rates`."""
    runs = []
    for rate in rates:
        for member in members:
            settings = member.settings
            changed = Settings(settings.model, {**settings.optimizer, "learning_rate": rate}, settings.training)
            runs.append(Member(len(runs), changed, member.initial, member.order))
    losses = np.full(len(runs), np.inf)
    epochs = members[0].settings.training["epochs"]
    for result in advance(begin(runs, problem), problem, epochs).ended:
        if result.reason != "diverged":
            losses[result.trial] = result.metrics["validation_loss"]
    return np.median(losses.reshape(len(rates), len(members)), axis=1)


def ranged(members: list[Member], problem: Problem, megabytes: float = 1000.0) -> LearningRateRange:
    """The range test in this process."""
    return find_learning_rate(members, problem, Population(OneProblem(problem), executors(1), megabytes))


@pytest.mark.parametrize("optimizer", ["sgd", "adam"])
@pytest.mark.parametrize(
    ("source", "model", "training"),
    [
        ("digits", NETWORK, {}),
        ("line", NETWORK, {}),
        ("line", LINEAR, {}),
        ("line", LINEAR, {"epochs": 100, "batch_size": "full"}),
    ],
)
def test_a_run_at_the_suggestion_is_near_the_best_of_a_fine_grid(
    source: str, model: dict[str, Any], training: dict[str, Any], optimizer: str
) -> None:
    problem = bundled(source)
    members = seeds(optimizer, model, **training)
    found = ranged(members, problem)
    grid = np.geomspace(1e-4, 10, 26).tolist()
    losses = medians(members, problem, grid)
    assert medians(members, problem, [found.suggestion])[0] <= 1.5 * losses.min()
    assert found.search.min <= grid[losses.argmin()] <= found.search.max
    assert found.search.min < found.suggestion < found.search.max


def test_the_result_is_complete_and_the_same_again(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lr_range, "MOST_UPDATES", 20)
    problem = bundled("line")
    members = seeds("sgd", LINEAR, stop={"patience": 1}, epochs=10**9, schedule={"type": "cosine", "warmup": 0.5})
    found = ranged(members, problem)
    again = ranged(members, problem, megabytes=1e-6)
    np.testing.assert_array_equal(found.smoothed, again.smoothed)
    np.testing.assert_array_equal(found.ended, again.ended)
    assert found.suggestion == again.suggestion
    assert found.epochs == 10  # 20 updates, two an epoch
    assert found.smoothed.shape == (SEEDS, len(found.rates))
    np.testing.assert_allclose(found.rates[[0, -1]], [1e-7, 10], rtol=1e-9)
    np.testing.assert_allclose(found.rates[1:] / found.rates[:-1], found.rates[1] / found.rates[0], rtol=1e-9)
    assert set(found.readings) == set(READINGS)
    for reading in found.readings.values():
        assert 1e-7 <= reading.low <= reading.median <= reading.high <= 10.001
    assert (np.diff(found.tried) > 0).all()
    assert found.metric == "validation_loss"


def test_the_smoothed_loss_starts_at_the_loss() -> None:
    problem = bundled("line")
    members = seeds("sgd", LINEAR, batch_size="full")
    found = ranged(members, problem)
    targets = problem.dataset.train.targets
    np.testing.assert_allclose(found.smoothed[:, 0], np.mean(targets**2), rtol=1e-5)
    # Without the correction of its start the mean would rise at first, though the loss only falls.
    assert (np.diff(found.smoothed[:, :100]) <= 1e-9).all()


def test_a_loss_that_is_never_finite_is_said() -> None:
    problem = bundled("line")
    broken = problem.dataset.train.targets
    broken[:] = np.inf
    with pytest.raises(RunError, match="not finite"):
        ranged(seeds("sgd", LINEAR), problem)
