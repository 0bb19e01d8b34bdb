"""SMAC3's random-forest search over a space of ours, asked and told one by one (Lindauer et al. 2022)."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from optuna.distributions import BaseDistribution, CategoricalDistribution, FloatDistribution, IntDistribution

from hpt.configuration.space import BRANCH, Parameters, SearchSpace
from hpt.search.sampling import distributions_by_branch

Axes = Mapping[str, BaseDistribution]


def asked(space: SearchSpace, seed: int, trials: int, folder: Path) -> Iterator[tuple[Parameters, Callable[[float], None]]]:
    """The parameters of each trial, and what tells its loss before the next one is asked for."""
    from smac import HyperparameterOptimizationFacade, Scenario
    from smac.runhistory.dataclasses import TrialValue

    scenario = Scenario(
        _converted(space), deterministic=True, n_trials=trials, seed=seed, output_directory=folder / f"smac-{seed}"
    )
    # One run of a configuration, as every other arm does: the rest of the facade is as it comes.
    intensifier = HyperparameterOptimizationFacade.get_intensifier(scenario, max_config_calls=1)
    search = HyperparameterOptimizationFacade(
        scenario, lambda config, seed: 0.0, intensifier=intensifier, overwrite=True, logging_level=logging.ERROR
    )
    for _ in range(trials):
        info = search.ask()
        values = dict(info.config)
        label = space.label(values)
        axes = space.distributions({BRANCH: label})
        yield (
            space.parameters({path: _coordinate(axes[path], values[path]) for path in axes}),
            lambda loss, info=info: search.tell(info, TrialValue(cost=loss)),
        )


def _converted(space: SearchSpace) -> Any:
    """The space of ConfigSpace: every axis once, those of a branch alone conditional on it."""
    from ConfigSpace import Categorical, ConfigurationSpace, InCondition

    branches = distributions_by_branch(space)
    made = {path: _axis(path, axis) for axes in branches.values() for path, axis in axes.items()}
    if BRANCH in made:
        made[BRANCH] = Categorical(BRANCH, list(branches))
    found = ConfigurationSpace()
    found.add(list(made.values()))
    for path, axis in made.items():
        labels = [label for label, axes in branches.items() if path in axes]
        if len(labels) < len(branches):
            found.add(InCondition(axis, made[BRANCH], labels))
    return found


def _axis(path: str, axis: BaseDistribution) -> Any:
    """A numeric axis with a step, and choices, are indices: ordered ones and others."""
    from ConfigSpace import Categorical, Float, Integer

    if isinstance(axis, CategoricalDistribution):
        return Categorical(path, list(range(len(axis.choices))))
    assert isinstance(axis, (FloatDistribution, IntDistribution))
    if _stepped(axis):
        return Integer(path, (0, round((axis.high - axis.low) / (axis.step or 1))))
    if isinstance(axis, IntDistribution):
        return Integer(path, (axis.low, axis.high), log=axis.log)
    return Float(path, (axis.low, axis.high), log=axis.log)


def _coordinate(axis: BaseDistribution, value: Any) -> Any:
    if isinstance(axis, CategoricalDistribution):
        return value if isinstance(value, str) else axis.choices[int(value)]
    assert isinstance(axis, (FloatDistribution, IntDistribution))
    if _stepped(axis):
        value = axis.low + value * axis.step
    return int(value) if isinstance(axis, IntDistribution) else min(float(value), axis.high)


def _stepped(axis: FloatDistribution | IntDistribution) -> bool:
    return axis.step is not None and not (isinstance(axis, IntDistribution) and axis.step == 1)
