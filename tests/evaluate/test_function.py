"""A study of a plain function: nothing above the evaluator asks what is behind it."""

from __future__ import annotations

import math
from pathlib import Path

import pytest

from hpt.configuration.config import read
from hpt.evaluate.function import FunctionEvaluator
from hpt.evaluate.protocol import Failure, Request
from hpt.foundation.interrupts import Interrupts
from hpt.runs.trial_record import TrialRecord
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Sampling
from hpt.study.clock import Clock
from hpt.study.leaderboard import Leaderboard
from hpt.study.tuning import Limits, StudySpecification, Tuning
from hpt.terminal.watchers import Silent
from hpt.training.objective import Objective
from hpt.training.result import TrainingResult
from hpt.training.settings import Member

STUDY = """
data: iris
optimizer: {choose: {sgd: {learning_rate: {min: 1e-4, max: 1.0, scale: log}}, adam: {learning_rate: {min: 1e-4, max: 1.0, scale: log}}}}
training: {epochs: 9}
study: {trials: 60}
"""


def bowl(member: Member, epoch: int) -> float:
    """Lowest for adam at a learning rate of 0.01; better epoch by epoch; broken for large rates."""
    rate, name = member.settings.optimizer["learning_rate"], member.settings.optimizer["name"]
    if rate > 0.7:
        raise ValueError("too fast")
    if rate > 0.4:
        return math.nan
    return (math.log10(rate) + 2) ** 2 + (name == "sgd") + 1 / epoch


def study(folder: Path, rungs: tuple[int, ...]) -> Leaderboard:
    path = folder / "study.yaml"
    path.write_text(STUDY)
    space = read(path, mode="tune").space
    specification = StudySpecification(space, Objective.parse("validation_loss"), 0, 60, GenerationSizes(6), 9, rungs, 3)
    sampling = Sampling(space, "tpe", "minimize", 0, 60)
    evaluator = FunctionEvaluator(bowl, "validation_loss")
    clock = Clock()
    tuning = Tuning(specification, sampling, evaluator, Silent(), clock, Limits(Interrupts(), clock, None))
    status, board = tuning.run((), lambda generation: None)
    assert status == "completed"
    return board


def test_a_study_of_a_function(tmp_path: Path) -> None:
    board = study(tmp_path, ())
    best = board.best
    assert best is not None
    assert best.parameters["optimizer"] == "adam"
    assert best.value == pytest.approx(1 / 9, abs=0.1)
    by_state: dict[str, list[TrialRecord]] = {}
    for record in board.records:
        by_state.setdefault(record.state, []).append(record)

    def rate(record: TrialRecord) -> float:
        return float(record.parameters[f"optimizer.{record.parameters['optimizer']}.learning_rate"])

    assert all(rate(r) > 0.7 for r in by_state.get("failed", ()))
    assert all(0.4 < rate(r) <= 0.7 and r.epochs == 1 for r in by_state.get("diverged", ()))
    assert all(rate(r) <= 0.4 for r in by_state["completed"])


def test_halving_a_function(tmp_path: Path) -> None:
    counts = study(tmp_path, (1, 3)).counts()
    assert counts["pruned"] > counts["completed"] >= 10


def test_each_kind_of_outcome() -> None:
    evaluator = FunctionEvaluator(bowl, "validation_loss")

    def came_to(rate: float, until: int, **request: object) -> object:
        settings = settings_of(rate)
        (outcome,) = evaluator.evaluate([Request(Member(5, settings, (0, 5), (0,)), **request)], until)
        assert outcome.trial == 5
        return outcome.came_to

    assert came_to(0.9, 3) == Failure("ValueError: too fast")
    diverged = came_to(0.5, 3)
    assert isinstance(diverged, TrainingResult)
    assert (diverged.reason, diverged.epochs) == ("diverged", 1)
    state = came_to(0.01, 3)
    assert state.history() == {"validation_loss": (1.0, 0.5, 1 / 3)}
    ended = came_to(0.01, 3, state=state, ends=True)
    assert isinstance(ended, TrainingResult)
    assert (ended.reason, ended.epochs) == ("interrupted", 3)
    whole = came_to(0.01, 20, state=state)
    assert isinstance(whole, TrainingResult)
    assert (whole.reason, whole.epochs, whole.metrics["validation_loss"]) == ("epochs", 9, 1 / 9)


def settings_of(rate: float):
    from tests.training.samples import some_settings

    return some_settings("adam", {"epochs": 9}, learning_rate=rate)
