"""From a configuration to what is trained on."""

from __future__ import annotations

from hpt.configuration.config import Config
from hpt.data.load import Tables, load
from hpt.data.prepare import prepare
from hpt.training.class_weights import class_weights
from hpt.training.objective import Objective
from hpt.training.problem import Problem


def problem_of(config: Config, *, curves: tuple[str, ...] = (), test: bool = False) -> Problem:
    """The split data of `config` with its objective. Raises InputError where they do not fit.

    curves: parts to measure each epoch beside those that the objective needs. test: whether the test rows are opened at the end.
    """
    return split_problem(config, load(config.data, config.folder), (config.seed,), curves=curves, test=test)


def split_problem(
    config: Config,
    tables: Tables,
    entropy: tuple[int, ...],
    *,
    curves: tuple[str, ...] = (),
    test: bool = False,
) -> Problem:
    """As `problem_of`, from tables that are loaded, with the split that `entropy` draws."""
    dataset = prepare(tables.source, config.data, entropy, tables.test, tables.validation)
    config.check_classes(len(dataset.classes or ()))
    objective = Objective.parse(config.study["objective"])
    measured = ("train",) if dataset.validation is None else ("train", "validation")
    every_epoch = tuple(
        part for part in measured if part in (*curves, objective.part, "validation") or dataset.validation is None
    )
    problem = Problem(dataset, objective, every_epoch, (*measured, "test") if test else measured)
    # Refused here rather than in a worker.
    class_weights(problem, config.space.training["class_weights"])
    return problem
