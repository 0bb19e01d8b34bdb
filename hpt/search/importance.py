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
MOST = 2000
"""Trials that are looked at, the latest: more say the same, and take longer."""


@dataclass(frozen=True, slots=True)
class Importance:
    """The share of what tells good trials from the rest that `path` has: of 1 in all; low and high: a 90% interval."""

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
    found = _shares(space, label, own, direction)
    samples = [
        _shares(space, label, [own[at] for at in random.integers(len(own), size=len(own)).tolist()], direction)
        for _ in range(RESAMPLES)
    ]
    low, high = (
        {path: float(np.quantile([sample.get(path, 0.0) for sample in samples], share)) for path in paths}
        for share in (0.05, 0.95)
    )
    order = sorted(paths, key=lambda path: -found.get(path, 0.0))
    return [Importance(path, found.get(path, 0.0), low[path], high[path]) for path in order]


def _shares(space: SearchSpace, label: str, records: Sequence[FinishedTrial], direction: Direction) -> dict[str, float]:
    import optuna

    with silenced():
        study = optuna.create_study(direction=direction)
        study.add_trials([_trial(space, label, record) for record in records])
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        paths = [dimension.path for dimension in space.dimensions(label)]
        return dict(optuna.importance.get_param_importances(study, evaluator=evaluator, params=paths))


def _trial(space: SearchSpace, label: str, record: FinishedTrial) -> optuna.trial.FrozenTrial:
    import optuna

    return optuna.trial.create_trial(
        value=record.value,
        params=dict(record.coordinates),
        distributions=dict(distributions_by_branch(space)[label]),
    )
