"""What the trials of a study train on: one split, or the folds and initialisations over which each trial is a mean."""

from __future__ import annotations

import re
from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

from hpt.configuration.config import Config
from hpt.data.drawing import fold_count
from hpt.data.load import load
from hpt.evaluate.problems import OneProblem, Problems
from hpt.evaluate.protocol import Evaluator
from hpt.evaluate.repeated import Repeated
from hpt.study.folds import Folds
from hpt.study.preparing import split_problem
from hpt.study.settling import settled, unsettled
from hpt.training.objective import Objective
from hpt.training.problem import Problem


@dataclass(frozen=True, slots=True)
class StudyData:
    """The data of a study.

    config: the configuration, its folds and networks settled. problems, keys: what each training of a trial trains on, by its key.
    problem: what the weights that are kept were trained on, with the test rows: the one split, or all rows but those.
    notices: what was decided for the user; warnings: what may go wrong.
    """

    config: Config
    problems: Problems
    keys: tuple[Hashable, ...]
    problem: Problem
    notices: tuple[str, ...]
    warnings: tuple[str, ...]

    @property
    def repeated(self) -> bool:
        """Whether a trial is trained more than once."""
        return len(self.keys) > 1

    @property
    def objective(self) -> Objective:
        """What trials are judged by."""
        return Objective.parse(self.config.study["objective"])

    def each(self) -> list[Problem]:
        """The problems that a trial is trained on, each once."""
        return [self.problems(key) for key in dict.fromkeys(self.keys)]

    def evaluator(self, evaluator: Evaluator) -> Evaluator:
        """One that gives trials their value, by an `evaluator` that trains on `problems`."""
        return Repeated(evaluator, self.keys, self.objective.metric) if self.repeated else evaluator

    def columns(self) -> tuple[Mapping[str, Any], ...]:
        """The columns of a table as JSON has them; none of images and their like, whose columns say nothing apart."""
        dataset = self.problem.dataset
        return tuple(column.document() for column in dataset.columns) if len(dataset.shapes[0]) == 1 else ()

    def rows(self) -> str:
        """How many rows there are for what, such as `96 train / 24 validation / 30 test rows`."""
        counts: Mapping[str, int] = {
            name: len(part.inputs)
            for name in ("train", "validation", "test")
            if (part := getattr(self.problem.dataset, name)) is not None
        }
        folds, repeats = fold_count(self.config.data), self.config.study["repeats"]
        parts = [f"{count} {name}" for name, count in counts.items()]
        if folds > 1:
            parts[0] = f"{counts['train']} in {folds} folds"
        return f"{' / '.join(parts)} rows" + (f", {repeats} initialisations" if repeats > 1 else "")


def study_data(config: Config, *, curves: tuple[str, ...] = (), test: bool = False, settle: bool = False) -> StudyData:
    """The data of the study that `config` describes. Raises InputError where they are refused.

    curves, test: as in `problem_of`. settle: whether the rows decide what the configuration leaves open.
    """
    tables = load(config.data, config.folder)
    config, said = settled(config, tables) if settle else (unsettled(config), ())
    folds, repeats, entropy = fold_count(config.data), config.study["repeats"], (config.seed,)
    if folds == repeats == 1:
        problem = split_problem(config, tables, entropy, curves=curves, test=test)
        return StudyData(config, OneProblem(problem), (None,), problem, problem.dataset.notices, problem.dataset.warnings)
    problems: Problems
    keys: tuple[Hashable, ...]
    if folds > 1:
        problems, keys = Folds(config, tables, curves), tuple(range(folds)) * repeats
    else:
        problems, keys = OneProblem(split_problem(config, tables, entropy, curves=curves)), (None,) * repeats
    kept = split_problem(config, tables, entropy, test=test, validating="none")
    warnings = [kept.dataset.warnings, *(problems(key).dataset.warnings for key in keys)]
    told: dict[str, str] = {}
    for warning in (warning for each in warnings for warning in each):
        told.setdefault(_told(warning), warning)
    return StudyData(
        config=config,
        problems=problems,
        keys=keys,
        problem=kept,
        notices=(*kept.dataset.notices, *said),
        warnings=tuple(told.values()),
    )


def _told(warning: str) -> str:
    """What a warning says and of which column, without its counts and cells, which differ from fold to fold."""
    names = re.split(r"('[^']*')", warning, maxsplit=1)
    names[-1] = re.sub(r"'[^']*'(, '[^']*')*( and \d+ more)?|\d+", "#", names[-1])
    return "".join(names)
