"""One `hpt train`: constants in, one result out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from hpt.configuration import config as configuration
from hpt.data.datasets import DATASETS
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.protocol import Failure, Request, State
from hpt.foundation.errors import InputError, RunError
from hpt.foundation.interrupts import Interrupts
from hpt.runs.environment import memory_for
from hpt.runs.files import packed, write_bytes, write_text
from hpt.runs.finding import BEST_CONFIG, BEST_WEIGHTS, RUN_FILE, open_existing
from hpt.runs.lock import alone_in
from hpt.runs.winner import archive
from hpt.study.kept_weights import trained_to_keep, trial_member
from hpt.study.lifecycle import RunRequest
from hpt.study.study_data import StudyData, study_data
from hpt.study.testing import check_test_rows, opened
from hpt.training.result import TrainingResult
from hpt.training.settings import Member, Settings
from hpt.training.trained_model import measured_on_test_rows
from hpt.yaml.tree import dump

_SECONDS_AN_ADVANCE = 0.2
"""How often training comes up for air, to tell where it stands and to hear Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Training:
    """What is about to be trained."""

    data: StudyData
    settings: Settings

    @property
    def member(self) -> Member:
        """The trial that is trained."""
        return trial_member(self.data, self.settings, self.data.config.trial)


@dataclass(frozen=True, slots=True)
class Trained:
    """The result, and whether it was cut short."""

    result: TrainingResult
    interrupted: bool
    seconds: float


def data_file(training: Training) -> Path | None:
    """The file that data are read from, which somebody else may have written into the configuration; None for data that come with us."""
    config = training.data.config
    source = str(config.data["source"])
    return None if source.lower() in DATASETS else config.folder / source


def other_data(training: Training) -> list[str]:
    """A warning where the configuration is the winner of a run that was recorded with other data."""
    config = training.data.config
    if config.source.name != BEST_CONFIG or not (config.folder / RUN_FILE).is_file():
        return []
    if open_existing(config.folder).metadata.data == training.data.problem.dataset.digest:
        return []
    return [f"{config.source}: the data are not those that its run was recorded with: other results are to be expected."]


Report = Callable[[State], None]
"""Told now and then how far training has come."""


def prepare(request: RunRequest, *, test: bool) -> Training:
    """Reads the configuration and the data. Raises InputError where they are refused."""
    config = configuration.read(request.config, overrides=request.overrides, mode="train")
    data = study_data(config, curves=("train",), test=test)
    if test:
        check_test_rows(data.problem)
    return Training(data, config.space.constants())


def train(training: Training, report: Report, interrupts: Interrupts) -> Trained:
    """Trains to the end, or until Ctrl-C; the bits are those of one call.

    Where the result is a mean over trainings, or several networks are kept, its weights and test metrics are those of one more training.
    """
    started = time.perf_counter()
    data, config = training.data, training.data.config
    epochs = training.settings.training["epochs"]
    member = training.member
    evaluator = data.evaluator(Population(data.problems, executors(1), memory_for(config.study)))
    request, until, ahead = Request(member), 1, 1
    with one_blas_thread():
        while True:
            before = time.perf_counter()
            (outcome,) = evaluator.evaluate([request], min(until, epochs))
            if isinstance(outcome.came_to, Failure):
                raise RunError(f"{outcome.came_to.reason}.")
            if isinstance(outcome.came_to, TrainingResult):
                result = outcome.came_to
                more = data.repeated or config.study["networks"] > 1
                if more and not request.ends and result.reason != "diverged":
                    result = _with_weights(training, result)
                return Trained(result, interrupted=request.ends, seconds=time.perf_counter() - started)
            state = outcome.came_to
            report(state)
            request = replace(request, state=state, ends=interrupts.requested)
            spent = max(time.perf_counter() - before, 1e-9)
            ahead = max(1, int(ahead * min(8.0, _SECONDS_AN_ADVANCE / spent)))
            until = state.epoch if request.ends else state.epoch + ahead


def on_test_rows(training: Training, result: TrainingResult) -> dict[str, Any] | None:
    """What the result is worth on the test rows, with how sure that is; None where it diverged or they were not opened."""
    if "test" not in training.data.problem.at_end or result.reason == "diverged":
        return None
    with one_blas_thread():
        found = opened(training.data.problem, training.member, result.weights, result.metrics, training.data.config.seed)
    return found.document()


def _with_weights(training: Training, result: TrainingResult) -> TrainingResult:
    """`result` with the weights that are kept, and the test metrics of these."""
    data, trial = training.data, training.data.config.trial
    networks = data.config.study["networks"]
    kept = trained_to_keep(data, training.settings, trial, result.epochs, result.history, networks=networks)
    assert kept is not None, "nobody asked to stop"
    opens = "test" in data.problem.at_end
    test = measured_on_test_rows(data.problem, training.member, kept.weights) if opens else {}
    return replace(result, weights=kept.weights, metrics={**result.metrics, **test})


def few_parameters(state: State, most: int) -> dict[str, list[float]] | None:
    """The weights by name where there are at most `most`, to be shown."""
    weights = state.weights()
    if sum(array.size for array in weights.values()) > most:
        return None
    return {name: array.ravel().tolist() for name, array in weights.items()}


def check_free(folder: Path) -> None:
    """Raises InputError where `save` would overwrite something."""
    for name in (BEST_CONFIG, BEST_WEIGHTS):
        if (folder / name).exists():
            raise InputError(f"{folder / name}: there already. Choose another folder for --save.")


def save(training: Training, result: TrainingResult, folder: Path) -> None:
    """Leaves `best.yaml` and `best.npz` in `folder`, as a run does for its winner. Raises InputError where others saved there meanwhile."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot make this folder: {error.strerror}.") from error
    config = training.data.config
    with alone_in(folder):  # else the weights may be of one command, the settings of another
        check_free(folder)
        write_bytes(folder / BEST_WEIGHTS, packed(archive(result.weights, training.data.problem.dataset)))
        write_text(folder / BEST_CONFIG, dump(config.winner({}, config.trial, folder)))
