"""Trials of a run trained again from their settings: their weights were not kept, and are the same to the bit."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path

from hpt.analysis.replay import read_config
from hpt.configuration.space import plain
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.protocol import Request
from hpt.foundation.errors import InputError, RunError
from hpt.runs import records
from hpt.runs.environment import memory_for
from hpt.runs.finding import TRIALS_FILE, Run, open_existing
from hpt.runs.recorded_settings import check_settings
from hpt.runs.trial_record import TrialRecord
from hpt.study.kept_weights import trained_to_keep, trial_member
from hpt.study.leaderboard import Leaderboard
from hpt.study.predicting import Predictor, predictor_of
from hpt.study.study_data import StudyData, study_data
from hpt.training.objective import Objective
from hpt.training.result import TrainingResult


def board_of(run: Run) -> Leaderboard:
    """The leaderboard of a run of `hpt tune`."""
    stored = records.read(run.folder / TRIALS_FILE, TrialRecord).records
    return Leaderboard.recorded(Objective.parse(run.metadata.objective), stored, run.metadata.modelled)


def best_distinct(board: Leaderboard, count: int) -> list[TrialRecord]:
    """The winner and the best other trials that may win, of equal settings one. Raises InputError where there are fewer than `count`."""
    found: dict[str, TrialRecord] = {}
    for record in (*filter(None, [board.best]), *board.records):
        if record.eligible and board.broken.isdisjoint((record.trial, record.setting)):
            found.setdefault(json.dumps(plain(record.parameters), sort_keys=True), record)
    if len(found) < count:
        raise InputError(f"--ensemble: expected at most {len(found)}, the distinct completed trials, found {count}.")
    return list(found.values())[:count]


def ensemble(folder: Path, count: int, tell: Callable[[str], None]) -> Predictor:
    """A predictor that averages the best `count` distinct trials of the run in `folder`, trained again as one stack.

    Raises InputError where there are not so many or the data are not there, RunError where one cannot be trained.
    """
    run = open_existing(folder)
    chosen = best_distinct(board_of(run), count)
    numbers = ", ".join(str(record.trial) for record in chosen)
    tell(f"note: trials {numbers} are trained again, from the data of the run.")
    return predictor_of_trials(run, chosen)


def predictor_of_trials(run: Run, chosen: Sequence[TrialRecord]) -> Predictor:
    """A predictor of trials of `run`, trained again. Raises InputError where its data are not there or others."""
    try:
        config = read_config(run, "tune")
        data = study_data(config)
    except InputError as error:
        why = f"{run.folder}: its trials are trained again from their settings, which needs the data of the run."
        raise InputError([why, *error.complaints]) from None
    dataset = data.problem.dataset
    if dataset.digest != run.metadata.data:
        raise InputError(
            f"{run.folder}: {config.data['source']} holds other data than when the run began: its trials cannot be trained again."
        )
    check_settings(run.folder / TRIALS_FILE, config.space, chosen)
    assert dataset.encoding is not None  # it came from a source
    as_kept = data.repeated or data.config.study["networks"] > 1
    results = _trained_to_keep(data, chosen) if as_kept else _trained(data, chosen)
    trained = [(config.space.settings(record.parameters), results[record.trial].weights) for record in chosen]
    return predictor_of(trained, dataset.shapes, dataset.encoding, config.data["missing"])


def _trained_to_keep(data: StudyData, chosen: Sequence[TrialRecord]) -> dict[int, TrainingResult]:
    """The results by trial, each with the weights that would be kept of it. Raises RunError."""
    space, networks = data.config.space, data.config.study["networks"]
    with one_blas_thread():
        found = {
            r.trial: trained_to_keep(data, space.settings(r.parameters), r.trial, r.epochs, r.history, networks=networks)
            for r in chosen
        }
    return {trial: result for trial, result in found.items() if result is not None}


def _trained(data: StudyData, chosen: Sequence[TrialRecord]) -> dict[int, TrainingResult]:
    """The results by trial, with weights. Raises RunError where a trial did not come to the value that is recorded of it."""
    config = data.config
    members = [trial_member(data, config.space.settings(record.parameters), record.trial) for record in chosen]
    evaluator = Population(data.problems, executors(1), memory_for(config.study), every_weight=True)
    results: dict[int, TrainingResult] = {}
    with one_blas_thread():
        requests = [Request(member) for member in members]
        for outcome in evaluator.evaluate(requests, config.space.training["epochs"]):
            if not isinstance(outcome.came_to, TrainingResult) or outcome.came_to.reason == "diverged":
                raise RunError(f"trial {outcome.trial} could not be trained again. See hpt show RUN {outcome.trial}.")
            results[outcome.trial] = outcome.came_to
    return results
