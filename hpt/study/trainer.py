"""One `hpt train`: constants in, one result out."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.evaluate.workers import one_blas_thread
from hpt.foundation.errors import InputError
from hpt.runs.files import write_arrays, write_text
from hpt.runs.finding import BEST_CONFIG, BEST_WEIGHTS
from hpt.runs.winner import archive
from hpt.study.interrupts import Interrupts
from hpt.study.preparing import problem_of
from hpt.study.session import Request
from hpt.training.cohort import Cohort, architecture, begin
from hpt.training.loop import advance, finish
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member, Settings
from hpt.yaml.tree import dump

_SECONDS_AN_ADVANCE = 0.2
"""How often training comes up for air, to tell where it stands and to hear Ctrl-C."""


@dataclass(frozen=True, slots=True)
class Training:
    """What is about to be trained."""

    config: Config
    problem: Problem
    settings: Settings


@dataclass(frozen=True, slots=True)
class Trained:
    """The result, and whether it was cut short."""

    result: TrainingResult
    interrupted: bool
    seconds: float


Report = Callable[[Cohort], None]
"""Told now and then how far the one member has come."""


def prepare(request: Request, *, test: bool) -> Training:
    """Reads the configuration and the data. Raises InputError where they are refused."""
    config = configuration.read(request.config, overrides=request.overrides, mode="train")
    problem = problem_of(config, curves=("train",), test=test)
    if test and problem.dataset.test is None:
        raise InputError("--test: expected test rows, found data.test: 0. Give it a share, such as --set data.test=0.2.")
    return Training(config, problem, config.space.constants())


def train(training: Training, report: Report, interrupts: Interrupts) -> Trained:
    """Trains to the end, or until Ctrl-C; the bits are those of one call of `advance`."""
    started = time.perf_counter()
    config, problem = training.config, training.problem
    epochs = training.settings.training["epochs"]
    member = Member(config.trial, training.settings, (config.seed, config.trial), (config.seed,))
    with one_blas_thread():
        cohort = begin([member], problem)
        ahead = 1
        while True:
            before = time.perf_counter()
            advanced = advance(cohort, problem, min(cohort.epoch + ahead, epochs))
            if advanced.cohort is None:
                return Trained(advanced.ended[0], interrupted=False, seconds=time.perf_counter() - started)
            cohort = advanced.cohort
            report(cohort)
            if interrupts.requested:
                (result,) = finish(cohort, problem, [("interrupted", None)])
                return Trained(result, interrupted=True, seconds=time.perf_counter() - started)
            spent = max(time.perf_counter() - before, 1e-9)
            ahead = max(1, int(ahead * min(8.0, _SECONDS_AN_ADVANCE / spent)))


def few_parameters(training: Training, cohort: Cohort, most: int) -> dict[str, list[float]] | None:
    """The weights by name where there are at most `most`, to be shown."""
    model = architecture(training.settings, training.problem)
    if model.size > most:
        return None
    return {name: array.ravel().tolist() for name, array in model.named(cohort.parameters[0]).items()}


def check_free(folder: Path) -> None:
    """Raises InputError where `save` would overwrite something."""
    for name in (BEST_CONFIG, BEST_WEIGHTS):
        if (folder / name).exists():
            raise InputError(f"{folder / name}: there already. Choose another folder for --save.")


def save(training: Training, result: TrainingResult, folder: Path) -> None:
    """Leaves `best.yaml` and `best.npz` in `folder`, as a run does for its winner."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(f"{folder}: cannot make this folder: {error.strerror}.") from error
    config = training.config
    write_arrays(folder / BEST_WEIGHTS, archive(result.weights, training.problem.dataset))
    write_text(folder / BEST_CONFIG, dump(config.winner({}, config.trial, folder)))
