"""How much each hyperparameter matters, by Optuna's PED-ANOVA, with an interval over resampled trials."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpt.configuration.space import SearchSpace
from hpt.foundation.randomness import generator
from hpt.search.sampling import Direction, FinishedTrial, distributions_by_branch, silenced

if TYPE_CHECKING:
    import optuna

FEWEST = 30
"""Completed trials of a branch without which nothing is said: the best tenth would be fewer than three."""
RESAMPLES = 30
MOST = 1000
"""Trials that are looked at, the latest: more say the same, and take longer."""


@dataclass(frozen=True, slots=True)
class Importance:
    """The share of what tells good trials from the rest that `path` has: of 1 in all; low and high: a 90% interval.

    value: the mean over the samples that the interval is of, so that it lies where they do.
    """

    path: str
    value: float
    low: float
    high: float


def importances(
    space: SearchSpace, label: str, records: Iterable[FinishedTrial], direction: Direction
) -> list[Importance] | None:
    """The hyperparameters of the branch `label`, the most important first; None where too few of its trials were completed.

    The interval is over bootstrap samples of the trials: where it is wide, another study might have told another order.
    """
    own = [record for record in records if record.state == "completed" and record.value is not None]
    own = [record for record in own if space.label(record.coordinates) == label][-MOST:]
    paths = [dimension.path for dimension in space.dimensions(label)]
    if len(own) < FEWEST or not paths:
        return None
    random = generator("importance", len(own))
    trials = _trials(space, label, own)
    drawn = random.integers(len(own), size=(RESAMPLES, len(own))).tolist()
    samples = [_shares([trials[at] for at in rows], paths, direction) for rows in drawn]
    mean = {path: float(np.mean([sample.get(path, 0.0) for sample in samples])) for path in paths}
    low, high = (
        {path: float(np.quantile([sample.get(path, 0.0) for sample in samples], share)) for path in paths}
        for share in (0.05, 0.95)
    )
    return [Importance(path, mean[path], low[path], high[path]) for path in sorted(paths, key=lambda path: -mean[path])]


def _shares(trials: Sequence[optuna.trial.FrozenTrial], paths: list[str], direction: Direction) -> dict[str, float]:
    import optuna

    with silenced():
        study = optuna.create_study(direction=direction)
        study.add_trials(trials)
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator, params=paths))


def _trials(space: SearchSpace, label: str, records: Sequence[FinishedTrial]) -> list[optuna.trial.FrozenTrial]:
    import optuna

    distributions = dict(distributions_by_branch(space)[label])
    return [
        optuna.trial.create_trial(value=record.value, params=dict(record.coordinates), distributions=distributions)
        for record in records
    ]
