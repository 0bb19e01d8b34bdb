"""A trial's numbers are the same bits alone, in a mixed stack, after its neighbours left, and after an interruption."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest

from hpt.data.dataset import Dataset, Part
from hpt.foundation.errors import InputError
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.losses import LOSSES
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.numerics.schedules import SCHEDULES
from hpt.training.cohort import begin
from hpt.training.loop import advance
from hpt.training.objective import Objective
from hpt.training.options import TRAINING
from hpt.training.packing import new_cohorts
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member, Settings

EPOCHS = 4
SCHEDULE_NAMES = list(SCHEDULES)


def problem(classes: int, rows: int = 37) -> Problem:
    random = np.random.default_rng(classes)
    inputs = random.normal(size=(rows + 11, 4))
    slope = inputs @ random.normal(size=(4, max(classes, 1)))
    targets = slope.argmax(axis=1) if classes > 1 else slope[:, 0]
    names = tuple(map(str, range(classes))) if classes else None
    dataset = Dataset(
        name="drawn",
        task="classification" if classes else "regression",
        train=Part(inputs[:rows], targets[:rows]),
        validation=Part(inputs[rows:], targets[rows:]),
        test=None,
        shapes=((4,),),
        input_names=("a", "b", "c", "d"),
        input_mean=np.zeros(4),
        input_sd=np.ones(4),
        classes=names,
        target_mean=0.0,
        target_sd=1.0,
        warnings=(),
        notices=(),
        digest="",
    )
    return Problem(dataset, Objective.parse("validation_loss"), ("validation",), ("train", "validation"))


def settings(optimizer: str, model: Mapping[str, Any] | None = None, **training: Any) -> Settings:
    changed = model or {}
    mlp = {"type": "mlp", "hidden": (6, 5), "activation": "tanh", "init": "glorot", "dropout": 0.0, **changed}
    network = changed if changed.get("type") == "linear" else mlp
    defaults = {h.name: h.default for h in TRAINING}
    return Settings(
        network,
        {"name": optimizer, **OPTIMIZERS[optimizer].defaults()},
        {**defaults, "epochs": EPOCHS, "dtype": "float64", **training},
    )


def run(members: list[Member], of: Problem, stops: tuple[int, ...] = (EPOCHS,)) -> dict[int, TrainingResult]:
    results = {}
    for trials in new_cohorts(members, of):
        active = trials
        for until in stops:
            advanced = advance(active, of, until)
            results.update({result.trial: result for result in advanced.ended})
            if advanced.cohort is None:
                break
            active = advanced.cohort
    return results


def same(one: TrainingResult, other: TrainingResult) -> bool:
    return (
        all(np.array_equal(one.weights[name], other.weights[name], equal_nan=True) for name in other.weights)
        and repr(one.history) == repr(other.history)
        and repr(one.metrics) == repr(other.metrics)
        and (one.epochs, one.reason) == (other.epochs, other.reason)
    )


def crowd(dtype: str, batch_size: int | str, dropout: float) -> list[Member]:
    """Each optimizer, with one of the activations and schedules in turn; every fourth clips, every fifth diverges."""
    members = []
    activations = list(ACTIVATIONS)
    for index, name in enumerate(OPTIMIZERS):
        member = settings(
            name,
            {"activation": activations[index % len(activations)], "dropout": dropout * (index % 3)},
            dtype=dtype,
            batch_size=batch_size,
            schedule={"type": SCHEDULE_NAMES[index % len(SCHEDULE_NAMES)], "warmup": 0.1 * (index % 2)},
            clip_norm=0.5 if index % 4 == 0 else None,
            clip_value=0.1 if index % 4 == 1 else None,
        )
        if index % 5 == 4:
            member.optimizer["learning_rate"] = 1e300 if dtype == "float64" else 1e37  # type: ignore[index]
        members.append(Member(index, member, (3, index), (3,)))
    return members


@pytest.mark.parametrize("dtype", ["float32", "float64"])
@pytest.mark.parametrize(("batch_size", "dropout"), [("full", 0.0), (8, 0.0), (8, 0.2)])
def test_every_optimizer_has_the_bits_in_a_crowd_that_it_has_alone(dtype: str, batch_size: Any, dropout: float) -> None:
    of = problem(3)
    members = crowd(dtype, batch_size, dropout)
    together = run(members, of)
    assert len({result.reason for result in together.values()}) == 2
    interrupted = run(members, of, (1, 3, EPOCHS))
    for member in members:
        alone = run([member], of)[member.trial]
        assert same(together[member.trial], alone), member.settings.optimizer["name"]
        assert same(interrupted[member.trial], alone), member.settings.optimizer["name"]


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_survivors_keep_their_bits_when_neighbours_are_dropped(name: str) -> None:
    of = problem(0)
    members = [Member(trial, settings(name, {"init": "he"}, batch_size=5), (3, trial), (3,)) for trial in range(5)]
    cohort = begin(members, of)
    half = advance(cohort, of, 2).cohort
    assert half is not None
    survivors = {result.trial: result for result in advance(half.keep([0, 3]), of, EPOCHS).ended}
    for trial in (0, 3):
        assert same(survivors[trial], run([members[trial]], of)[trial])


@pytest.mark.parametrize("loss", ["cross_entropy", "mse"])
@pytest.mark.parametrize("batch_size", [1, 6, 12])
def test_a_batch_of_one_row_has_its_bits_in_a_crowd(loss: str, batch_size: int) -> None:
    """One row of many classes is the case in which NumPy might sum over the classes in another order."""
    of = problem(19, rows=37)
    members = [Member(t, settings("adam", loss={"type": loss}, batch_size=batch_size), (3, t), (3,)) for t in range(5)]
    together = run(members, of)
    for member in members:
        assert same(together[member.trial], run([member], of)[member.trial])


@pytest.mark.parametrize("loss", LOSSES)
def test_each_loss_trains(loss: str) -> None:
    classes = (LOSSES[loss].classes or 3) if "classification" in LOSSES[loss].tasks else 0
    of = problem(classes)
    member = settings("adam", {"type": "linear", "init": "zeros"}, loss={"type": loss}, epochs=60, batch_size=8)
    member.optimizer["learning_rate"] = 0.1  # type: ignore[index]
    (trials,) = new_cohorts([Member(0, member, (3,), (3,))], of)
    (result,) = advance(trials, of, 60).ended
    assert result.history["train_loss"][-1] < 0.5 * result.history["train_loss"][0]
    assert result.weights["layers.0.weight"].shape == (4, LOSSES[loss].outputs or classes or 1)
    if classes:
        assert result.metrics["train_accuracy"] > 0.8


def test_one_output_predicts_what_two_do() -> None:
    of = problem(2)
    linear = {"type": "linear", "init": "zeros"}
    one, two = (
        run([Member(0, settings("gd", linear, loss={"type": loss}, epochs=EPOCHS), (3,), (3,))], of)[0]
        for loss in ("binary_cross_entropy", "cross_entropy")
    )
    for name in ("validation_accuracy", "validation_roc_auc"):
        assert one.metrics[name] == pytest.approx(two.metrics[name])
    # The difference of two outputs learns twice as fast as one output.
    halved = settings("gd", linear, loss={"type": "binary_cross_entropy"})
    halved.optimizer["learning_rate"] *= 2  # type: ignore[index]
    twice = run([Member(0, halved, (3,), (3,))], of)[0]
    assert twice.metrics["train_loss"] == pytest.approx(two.metrics["train_loss"], rel=1e-12)


def test_a_loss_of_two_classes_refuses_three() -> None:
    with pytest.raises(InputError, match="2 classes, found 3"):
        new_cohorts([Member(0, settings("sgd", loss={"type": "binary_cross_entropy"}), (3,), (3,))], problem(3))


def test_the_rate_of_a_schedule_with_warm_up_stands_in_the_history() -> None:
    schedule = {"type": "cosine", "min_ratio": 0.0, "warmup": 0.5}
    member = settings("gd", {"type": "linear", "init": "zeros"}, schedule=schedule)
    result = run([Member(0, member, (3,), (3,))], problem(0))[0]
    rate = member.optimizer["learning_rate"]
    np.testing.assert_allclose(result.history["learning_rate"], np.array([1 / 3, 2 / 3, 1, 0.5]) * rate, rtol=1e-12)
