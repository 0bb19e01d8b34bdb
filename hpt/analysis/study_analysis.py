"""What can be said of a study as a whole, computed from its run folder."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hpt.analysis.edges import Edge, edges_of
from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.configuration.space import SearchSpace
from hpt.data.dataset import Dataset
from hpt.foundation.errors import InputError
from hpt.runs import records
from hpt.runs.finding import BEST_WEIGHTS, CONFIG_FILE, TRIALS_FILE, Run
from hpt.runs.recorded_settings import check_settings
from hpt.runs.run_metadata import RunMetadata
from hpt.runs.trial_record import TrialRecord
from hpt.search.importance import Importance, importances
from hpt.study.leaderboard import Leaderboard
from hpt.study.predicting import predictor_in
from hpt.study.preparing import problem_of
from hpt.study.selection import searching
from hpt.training.objective import Objective


@dataclass(frozen=True, slots=True)
class Answers:
    """The winner on its validation rows.

    confusion: the classes, and counts by true and predicted class. residuals: what was true and what was predicted.
    """

    confusion: tuple[Sequence[str], Sequence[Sequence[int]]] | None = None
    residuals: tuple[Sequence[float], Sequence[float]] | None = None


@dataclass(frozen=True, slots=True)
class StudyAnalysis:
    """A study with all that was computed of it.

    importances: by branch, None where it has too few trials. answers: None where the data could not be read, for `why_no_answers`.
    rows: of each part of the data, none where they were not read. config: the file as it ran. metadata: `run.json`.
    """

    name: str
    folder: str
    space: SearchSpace
    board: Leaderboard
    metadata: RunMetadata
    config: str
    importances: Mapping[str, list[Importance] | None]
    edges: Sequence[Edge]
    answers: Answers | None
    why_no_answers: str = ""
    rows: Mapping[str, int] = field(default_factory=dict)


def analysis(run: Run) -> StudyAnalysis:
    """Everything about the study in `run`, which may still go on. Raises InputError where its files cannot be read."""
    path = run.folder / CONFIG_FILE
    config = configuration.read(path, mode="tune", data_needed=False)
    stored = records.read(run.folder / TRIALS_FILE, TrialRecord).records
    check_settings(run.folder / TRIALS_FILE, config.space, stored)
    objective = Objective.parse(run.metadata.objective)
    board = Leaderboard.recorded(objective, stored, run.metadata.modelled)
    dataset, why = _dataset(run, config)
    answers = None if dataset is None else _answers(run, dataset)
    return StudyAnalysis(
        name=run.name,
        folder=str(run.folder),
        space=config.space,
        board=board,
        metadata=run.metadata,
        config=path.read_text(encoding="utf-8"),
        importances={
            label: importances(config.space, label, searching(stored), objective.direction)
            for label in config.space.branches
        },
        edges=edges_of(config.space, board),
        answers=answers,
        why_no_answers=why,
        rows={} if dataset is None else _rows(dataset),
    )


def _dataset(run: Run, config: Config) -> tuple[Dataset | None, str]:
    """The data that the winner was trained on; None and the reason where they are not to be had, or there is no winner."""
    if not (run.folder / BEST_WEIGHTS).exists():
        return None, ""
    try:
        dataset = problem_of(config).dataset
    except InputError as error:
        return None, f"Not shown, as the data could not be read: {error}"
    if dataset.digest != run.metadata.data:
        return None, "Not shown: the data are not those that the run was recorded with."
    return dataset, ""


def _rows(dataset: Dataset) -> dict[str, int]:
    parts = {"training": dataset.train, "validation": dataset.validation, "test": dataset.test}
    return {name: len(part.targets) for name, part in parts.items() if part is not None}


def _answers(run: Run, dataset: Dataset) -> Answers | None:
    """What the winner says of its validation rows, None where there are none."""
    part = dataset.validation
    if part is None:
        return None
    found = predictor_in(run.folder).predict(part.inputs).values
    if dataset.classes is None:
        truth = part.targets * dataset.target_sd + dataset.target_mean
        return Answers(residuals=(truth.tolist(), found.tolist()))
    count = len(dataset.classes)
    cells = np.bincount(part.targets * count + found, minlength=count * count).reshape(count, count)
    return Answers(confusion=(dataset.classes, cells.tolist()))
