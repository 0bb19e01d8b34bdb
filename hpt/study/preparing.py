"""From a configuration to what is trained on."""

from __future__ import annotations

from hpt.configuration.config import Config
from hpt.data.drawing import Validating, fold_count
from hpt.data.load import Tables, load
from hpt.data.prepare import prepare
from hpt.training.class_weights import class_weights
from hpt.training.objective import Objective
from hpt.training.problem import Problem


def problem_of(config: Config, *, curves: tuple[str, ...] = (), test: bool = False) -> Problem:
    """The split data of `config` with its objective, of several folds the first. Raises InputError where they do not fit.

    curves: parts to measure each epoch beside those that the objective needs. test: whether the test rows are opened at the end.
    """
    tables = load(config.data, config.folder)
    first: Validating = 0 if fold_count(config.data) > 1 else "share"
    return split_problem(config, tables, (config.seed,), curves=curves, test=test, validating=first)


def split_problem(
    config: Config,
    tables: Tables,
    entropy: tuple[int, ...],
    *,
    curves: tuple[str, ...] = (),
    test: bool = False,
    validating: Validating = "share",
) -> Problem:
    """As `problem_of`, from tables that are loaded, with the split that `entropy` draws and the rows that are to validate.

    Where none validate, the objective is the one on training rows.
    """
    dataset = prepare(tables.source, config.data, entropy, tables.test, tables.validation, validating)
    config.check_classes(len(dataset.classes or ()))
    objective = Objective.parse(config.study["objective"])
    if dataset.validation is None:
        objective = Objective.parse(str(objective.on("train")))
    measured = ("train",) if dataset.validation is None else ("train", "validation")
    every_epoch = tuple(
        part for part in measured if part in (*curves, objective.part, "validation") or dataset.validation is None
    )
    problem = Problem(dataset, objective, every_epoch, (*measured, "test") if test else measured)
    # Refused here rather than in a worker.
    class_weights(problem, config.space.training["class_weights"])
    return problem
