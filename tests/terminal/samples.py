"""Fake studies."""

from __future__ import annotations

import math
import random
from collections.abc import Iterable

from hpt.runs.trial_record import State, TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Plan
from hpt.training.objective import Objective

EPOCHS = 20

PLAN = Plan(
    run="digits-2",
    folder="runs/digits-2",
    trials=200,
    population=25,
    epochs=20,
    jobs=2,
    rungs=(2, 6),
    typical=(
        {
            "optimizer": "adam",
            "optimizer.adam.learning_rate": 0.01,
            "optimizer.adam.betas.0": 0.93,
            "optimizer.adam.betas.1": 0.9993,
            "model.activation": "relu",
            "training.batch_size": 32,
        },
        {
            "optimizer": "sgd",
            "optimizer.sgd.learning_rate": 0.01,
            "optimizer.sgd.momentum": 0.9,
            "model.activation": "relu",
            "training.batch_size": 32,
        },
    ),
    data="digits: 1797 rows, 64 features [/]",
    notices=("10 classes: \x1b[2Jclassification",),
)


def make_record(
    trial: int, value: float | None = None, state: State = "completed", epochs: int = EPOCHS, **parameters: object
) -> TrialRecord:
    """A record whose losses fall to `value`."""
    curve = tuple((value or 1.0) * (1 + 5 * math.exp(-epoch / 3)) for epoch in range(epochs))
    return TrialRecord(
        trial=trial,
        generation=0,
        of=8,
        state=state,
        epochs=epochs,
        reason="epochs" if state == "completed" else state,
        criterion=None,
        value=value,
        parameters=parameters,
        coordinates={},
        metrics={"train_loss": 0.5, "validation_loss": value, "validation_accuracy": 0.9812},
        history={"train_loss": tuple(0.8 * loss for loss in curve), "validation_loss": curve},
    )


def make_leaderboard(records: Iterable[TrialRecord]) -> Leaderboard:
    return Leaderboard.of(Objective.parse("validation_loss"), records)


def make_study(trials: int) -> Leaderboard:
    """Trials of two branches, a third of them pruned, a few diverged."""
    source = random.Random(7)
    records = []
    for trial in range(trials):
        branch = source.choice(["adam", "sgd"])
        own = {
            "adam": {"optimizer.adam.betas.0": 0.93, "optimizer.adam.betas.1": 0.9993},
            "sgd": {"optimizer.sgd.momentum": 0.9},
        }
        parameters = {
            "model.activation": source.choice(["relu", "tanh"]),
            "optimizer": branch,
            f"optimizer.{branch}.learning_rate": 10 ** source.uniform(-5, 0),
            **own[branch],
            "training.batch_size": source.choice([16, 32, 64]),
        }
        state: State = ("completed", "completed", "pruned", "completed", "diverged", "pruned")[trial % 6]
        value = None if state == "diverged" else source.uniform(0.0812, 2.5)
        records.append(make_record(trial, value, state, EPOCHS if state == "completed" else 6, **parameters))
    return make_leaderboard(records)
