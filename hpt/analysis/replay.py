"""A recorded trial trained again, and held against its record to the bit."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.draft import Mode
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.protocol import Evaluator, Failure, Request, State, stopped
from hpt.foundation.errors import InputError, RunError
from hpt.foundation.finite import finite
from hpt.runs import records
from hpt.runs.environment import differences, memory_for, versions
from hpt.runs.finding import CONFIG_FILE, TRIALS_FILE, Run
from hpt.runs.recorded_settings import check_settings
from hpt.runs.trial_record import TrialRecord
from hpt.study.halving import best_or_last
from hpt.study.kept_weights import trial_member
from hpt.study.leaderboard import Leaderboard
from hpt.study.study_data import study_data
from hpt.training.objective import Objective
from hpt.training.result import TrainingResult
from hpt.training.settings import Member


@dataclass(frozen=True, slots=True)
class Difference:
    """The first number that is another: of `metric` after `epoch`, at the end of training where that is None."""

    epoch: int | None
    metric: str
    recorded: float | None
    replayed: float | None


@dataclass(frozen=True, slots=True)
class Replay:
    """A trial trained again. differs: None where every number is the same to the bit. notices: what has changed since."""

    run: str
    trial: int
    record: TrialRecord
    differs: Difference | None
    notices: tuple[str, ...]


def replay(run: Run, trial: int | None) -> Replay:
    """Trains trial `trial` of a study again, the winner where none is named. Raises InputError where there is none."""
    config = read_config(run, "tune")
    data = study_data(config)
    stored = records.read(run.folder / TRIALS_FILE, TrialRecord).records
    check_settings(run.folder / TRIALS_FILE, config.space, stored)
    best = Leaderboard.recorded(data.objective, stored, run.metadata.modelled).best
    record = trial_record(run, stored, trial, None if best is None else best.trial)
    settings = config.space.settings(record.parameters)
    member = trial_member(data, settings, record.trial)
    evaluator = data.evaluator(Population(data.problems, executors(1), memory_for(config.study)))
    with one_blas_thread():
        result = trained_again(member, None, record, evaluator, _judged_by(config, data.objective))
    return Replay(
        run.name, record.trial, record, first_difference(record, result), changes(run, data.problem.dataset.digest)
    )


def trial_record(run: Run, stored: Sequence[records.Record], trial: int | None, best: int | None) -> records.Record:
    """Of the records of `run` that of `trial`, of the trial `best` where none is named. Raises InputError where none can be trained."""
    number = best if trial is None else trial
    if number is None:
        raise InputError(f"{run.name}: no trial was completed. Name one.")
    found = next((record for record in stored if record.trial == number), None)
    if found is None:
        held = f"trials 0 to {len(stored) - 1}" if stored else "no trial yet"
        raise InputError(f"{number}: no such trial in {run.name}, which holds {held}.")
    if not found.epochs:
        raise InputError(f"{number}: this trial was not trained ({found.reason}). Name another.")
    return found


def changes(run: Run, digest: str) -> tuple[str, ...]:
    """What has changed since `run` was recorded: its data, of which `digest` is that of today, and the software."""
    data = () if run.metadata.data == digest else ("The data are not those that the run was recorded with.",)
    return (*data, *differences(run.metadata.versions, versions()))


def _judged_by(config: Config, objective: Objective) -> Callable[[State], int]:
    """The index of the epoch whose metrics a trial has that is dropped at a state."""
    best = config.space.training["checkpoint"] == "best_validation"
    return lambda state: best_or_last(objective, state.history()[objective.metric], best=best)


def trained_again(
    member: Member, data: object, record: TrialRecord, evaluator: Evaluator, judged: Callable[[State], int] = lambda _: -1
) -> TrainingResult:
    """The result of training `member` for as long as `record` was. judged: the index of the epoch that one which was dropped is judged by.

    Raises RunError where it cannot be trained.
    """
    outcomes = list(evaluator.evaluate([Request(member, data)], record.epochs))
    came_to = outcomes[0].came_to if outcomes else Failure("interrupted")
    if isinstance(came_to, Failure):
        raise RunError(f"trial {record.trial} could not be trained again: {came_to.reason}.")
    return came_to if isinstance(came_to, TrainingResult) else stopped(member.trial, came_to, judged(came_to))


def first_difference(record: TrialRecord, result: TrainingResult) -> Difference | None:
    """Where `result` first leaves `record`: by epoch, then in the metrics at the end. Numbers that are not finite are None."""
    for epoch in range(max(record.epochs, result.epochs)):
        for metric in dict.fromkeys((*record.history, *result.history)):
            pair = _at(record.history, metric, epoch), _at(result.history, metric, epoch)
            if pair[0] != pair[1]:
                return Difference(epoch + 1, metric, *pair)
    for metric in dict.fromkeys((*record.metrics, *result.metrics)):
        pair = record.metrics.get(metric), finite(result.metrics.get(metric))
        if pair[0] != pair[1]:
            return Difference(None, metric, *pair)
    return None


def _at(history: Mapping[str, Sequence[float | None]], metric: str, epoch: int) -> float | None:
    values = history.get(metric, ())
    return finite(values[epoch]) if epoch < len(values) else None


def read_config(run: Run, mode: Mode) -> Config:
    """The configuration that `run` was made with. Raises InputError where it cannot be read."""
    path: Path = run.folder / CONFIG_FILE
    return configuration.read(path, mode=mode)
