"""When a member ends, which weights it keeps, and that its neighbours do not notice."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest

from hpt.training.cohort import begin
from hpt.training.loop import advance
from hpt.training.objective import Objective
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member, Settings
from hpt.training.stopping import ending
from tests.training.samples import a_problem, some_settings

EPOCHS = 30


def trained(problem: Problem, *settings: Settings) -> list[TrainingResult]:
    """The results of one stack, by trial."""
    cohort = begin([Member(trial, each, (7, trial), (7,)) for trial, each in enumerate(settings)], problem)
    return sorted(advance(cohort, problem, EPOCHS).ended, key=lambda result: result.trial)


def steady(**training: Any) -> Settings:
    return some_settings("adam", {"epochs": EPOCHS, **training}, learning_rate=0.01)


@pytest.fixture(scope="module")
def iris() -> Problem:
    return a_problem()


@pytest.mark.parametrize(
    ("criterion", "bound"),
    [("train_loss_below", 0.4), ("validation_loss_below", 0.3), ("validation_accuracy_above", 0.9)],
)
def test_a_criterion_ends_at_the_first_epoch_that_meets_it(iris: Problem, criterion: str, bound: float) -> None:
    (free,), (stopped,) = trained(iris, steady()), trained(iris, steady(stop={criterion: bound}))
    metric, _, side = criterion.rpartition("_")
    met = [value < bound if side == "below" else value > bound for value in free.history[metric]]
    assert 1 < met.index(True) + 1 < EPOCHS
    assert stopped.epochs == met.index(True) + 1
    assert (stopped.reason, stopped.criterion) == ("converged", criterion)
    assert stopped.history[metric] == free.history[metric][: stopped.epochs]


def test_the_gradient_norm_is_that_of_the_last_batch(iris: Problem) -> None:
    # One full batch of gradient descent moves by rate * gradient: the norm can be told from the weights.
    still = some_settings("gd", {"epochs": EPOCHS, "dtype": "float64"}, learning_rate=0.5)
    cohort = begin([Member(0, still, (7, 0), (7,))], iris)
    norms = []
    for epoch in range(1, EPOCHS):
        after = advance(cohort, iris, epoch).cohort
        assert after is not None
        norms.append(float(np.linalg.norm(after.parameters - cohort.parameters)) / 0.5)
        cohort = after
    bound = sorted(norms)[len(norms) // 2]
    criterion = {"gradient_norm_below": bound * (1 + 1e-9)}
    watched = {"epochs": EPOCHS, "dtype": "float64", "stop": criterion}
    (stopped,) = trained(iris, some_settings("gd", watched, learning_rate=0.5))
    assert stopped.epochs == 1 + next(i for i, norm in enumerate(norms) if norm <= bound)
    assert stopped.criterion == "gradient_norm_below"


def test_patience_counts_epochs_without_a_better_objective(iris: Problem) -> None:
    wild = {"epochs": EPOCHS, "stop": {"patience": 3}}
    (stopped,) = trained(iris, some_settings("sgd", wild, learning_rate=3.0))
    losses = stopped.history["validation_loss"]
    best = losses.index(min(losses))
    assert stopped.reason == "patience"
    assert stopped.epochs == best + 1 + 3 < EPOCHS


def test_a_member_that_diverges_leaves_its_neighbours_their_bits(iris: Problem) -> None:
    lost = some_settings("sgd", {"epochs": EPOCHS}, learning_rate=1e30)
    together = trained(iris, steady(), lost, steady(stop={"train_loss_below": 0.6}))
    (alone,) = trained(iris, steady())
    assert together[1].reason == "diverged"
    assert together[1].epochs < EPOCHS
    assert not math.isfinite(together[1].metrics["validation_loss"])
    assert together[2].reason == "converged"
    assert together[0].history == alone.history
    assert together[0].metrics == alone.metrics


def test_the_checkpoint_is_the_best_epoch(iris: Problem) -> None:
    wild = {"epochs": EPOCHS, "checkpoint": "best_validation"}
    kept, last = (
        trained(iris, some_settings("sgd", {**wild, "checkpoint": choice}, learning_rate=3.0))[0]
        for choice in ("best_validation", "last")
    )
    assert kept.history == last.history
    losses = kept.history["validation_loss"]
    best = losses.index(min(losses)) + 1
    assert best < EPOCHS
    assert kept.metrics["validation_loss"] == min(losses)
    assert kept.metrics["train_loss"] == kept.history["train_loss"][best - 1]
    shorter = some_settings("sgd", {"epochs": best}, learning_rate=3.0)
    cohort = begin([Member(0, shorter, (7, 0), (7,))], iris)
    (until_best,) = advance(cohort, iris, best).ended
    for name, weights in until_best.weights.items():
        np.testing.assert_array_equal(kept.weights[name], weights)


def test_the_streams_of_a_member(iris: Problem) -> None:
    """Initialisation and dropout follow `initial`, the order of the rows `order`; neither depends on the place in a stack."""
    noisy = some_settings("adam", {"epochs": 3}, learning_rate=0.01)
    dropping = Settings({**noisy.model, "dropout": 0.5}, noisy.optimizer, noisy.training)

    def losses(settings: Settings, initial: tuple[int, ...], order: tuple[int, ...]) -> tuple[float, ...]:
        cohort = begin([Member(4, settings, (9, 9), (9,)), Member(5, settings, initial, order)], iris)
        ended = {result.trial: result for result in advance(cohort, iris, 3).ended}
        return ended[5].history["train_loss"]

    for settings in (noisy, dropping):
        same = losses(settings, (1, 2), (3,))
        assert losses(settings, (1, 2), (3,)) == same
        assert losses(settings, (1, 3), (3,)) != same
        assert losses(settings, (1, 2), (4,)) != same
    assert losses(dropping, (1, 2), (3,)) != losses(noisy, (1, 2), (3,))


@pytest.mark.parametrize("metrics", [{"train_loss": math.nan}, {"train_loss": math.inf}, {"validation_rmse": math.inf}])
def test_what_is_not_finite_has_diverged_before_any_criterion(metrics: dict[str, float]) -> None:
    settings = steady(stop={"train_loss_below": 1.0, "patience": 1})
    found = ending(
        settings, Objective.parse("validation_rmse"), EPOCHS, {"train_loss": 0.0, "validation_rmse": 1.0} | metrics, 9
    )
    assert found == ("diverged", None)
