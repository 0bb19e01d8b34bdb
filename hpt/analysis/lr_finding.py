"""One `hpt lr-find`: from a configuration to the range test of one optimizer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from hpt.analysis.lr_range import LearningRateRange, find_learning_rate
from hpt.configuration import config as configuration
from hpt.configuration.resolution import Override
from hpt.configuration.space import BRANCH
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.runs.environment import memory_for
from hpt.study.lifecycle import RunRequest
from hpt.study.preparing import problem_of
from hpt.training.settings import Member, Settings

SEEDS = 5
"""Enough to tell rates apart from chance."""


@dataclass(frozen=True, slots=True)
class Found:
    """The range test, the settings it holds for, and the dotted path of their learning rate.

    asked: whether the user named the optimizer, rather than that the file has one, or a data file goes with one.
    """

    path: str
    settings: Settings
    range: LearningRateRange
    asked: bool


def find(request: RunRequest, optimizer: str | None, warn: Callable[[str], None]) -> Found:
    """The range test of the branch `optimizer`, with everything that is searched at its middle.

    Raises InputError where configuration or data are refused or do not say which optimizer, RunError where nothing trains.
    """
    config = configuration.read(request.config, overrides=request.overrides, mode="lr-find")
    labels = tuple(config.space.branches)
    if optimizer is None and len(labels) > 1:
        raise InputError(f"--optimizer: expected one of {', '.join(labels)}, found none. Name the branch to test.")
    label = labels[0] if optimizer is None else optimizer if optimizer in labels else optimizer.lower()
    if label not in labels:
        if label not in OPTIMIZERS:
            near = nearest(label, (*labels, *OPTIMIZERS))
            hint = f"Did you mean {near}?" if near else f"There are: {', '.join(dict.fromkeys((*labels, *OPTIMIZERS)))}."
            raise InputError(f"--optimizer: expected a branch or an optimizer, found '{optimizer}'. {hint}")
        config = configuration.read(
            request.config, overrides=[*request.overrides, Override(BRANCH, label, "--optimizer")], mode="lr-find"
        )
    problem = problem_of(config)
    for warning in problem.dataset.warnings:
        warn(warning)
    settings = config.space.settings(config.space.middle(label))
    members = [Member(seed, settings, (config.seed, seed), (config.seed, seed)) for seed in range(SEEDS)]
    evaluator = Population(OneProblem(problem), executors(1), memory_for(config.study))
    with one_blas_thread():
        found = find_learning_rate(members, problem, evaluator)
    return Found(f"{config.space.prefix(label)}.learning_rate", settings, found, optimizer is not None)
