"""Numbers too large for their type: who has diverged, and whom it must not touch."""

from __future__ import annotations

import warnings
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from hpt.data.load import load
from hpt.data.options import DATA
from hpt.data.prepare import prepare
from hpt.training.cohort import begin
from hpt.training.loop import advance, finish
from hpt.training.objective import Objective
from hpt.training.problem import Problem
from hpt.training.settings import Member, Settings
from tests.training.samples import a_problem, some_settings


def without_validation() -> Problem:
    options = {row.name: row.default for row in DATA} | {"source": "iris", "validation": 0.0}
    table = load(options, Path()).source
    return Problem(prepare(table, options, (7,)), Objective.parse("train_loss"), ("train",), ("train",))


def members(*settings: Settings) -> list[Member]:
    return [Member(trial, each, (7, trial), (7,)) for trial, each in enumerate(settings)]


@pytest.mark.parametrize(("rate", "reason"), [(1e-3, "epochs"), (1e300, "diverged")])
def test_the_last_update_can_be_the_one_that_leaves_the_numbers(rate: float, reason: str) -> None:
    once = some_settings("gd", {"epochs": 1}, learning_rate=rate)
    problem = without_validation()
    (result,) = advance(begin(members(once), problem), problem, 1).ended
    assert result.reason == reason
    assert result.history["train_loss"] == (result.metrics["train_loss"],)
    assert np.isfinite(result.metrics["train_loss"])
    assert "ended_loss" not in result.history


def test_a_norm_that_overflows_is_no_limit_to_a_member_without_one() -> None:
    """The squares of this gradient leave float32, the gradient does not; only the neighbour asks for the norm."""
    problem = a_problem()
    train = problem.dataset.train
    far = replace(problem, dataset=replace(problem.dataset, train=replace(train, inputs=train.inputs * 1e21)))
    training: dict[str, Any] = {"epochs": 2, "batch_size": "full"}
    linear = {"type": "linear", "init": "zeros"}
    free, held = (
        replace(some_settings("gd", {**training, "clip_norm": limit}, learning_rate=1e-42), model=linear)
        for limit in (None, 1.0)
    )
    alone, beside = (begin(members(*stack), far) for stack in ((free,), (free, held)))
    after_alone, after_beside = (advance(cohort, far, 1).cohort for cohort in (alone, beside))
    assert after_alone is not None
    assert after_beside is not None
    assert np.isfinite(after_alone.parameters).all()
    np.testing.assert_array_equal(after_beside.parameters[0], after_alone.parameters[0])


def test_a_run_that_is_cut_short_says_nothing_of_overflow() -> None:
    problem = a_problem()
    settings = some_settings("sgd", {"epochs": 5}, learning_rate=0.1)
    cohort = begin(members(settings), problem)
    cohort.parameters[...] = 1e38
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        (result,) = finish(
            replace(cohort, epoch=1, history={"train_loss": np.zeros((1, 1))}), problem, [("interrupted", None)]
        )
    assert not np.isfinite(result.metrics["validation_loss"])
