"""Objectives and constraints of a study: what they are for a trial, and the trials that no other dominates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.finite import finite
from hpt.models.family import Architecture
from hpt.runs.trial_record import TrialRecord
from hpt.search.dominance import front
from hpt.search.sampling import Barred
from hpt.study.leaderboard import Leaderboard
from hpt.study.study_data import StudyData
from hpt.training.bounds import Bound
from hpt.training.cohort import architecture
from hpt.training.objectives import COSTS, cost_of, objectives_of
from hpt.training.result import TrainingResult
from hpt.training.settings import Settings


@dataclass(frozen=True, slots=True)
class Goals:
    """names: the objectives, none where there is one only. bounds: the constraints.

    model: the model that settings lead to; None where there are neither objectives nor constraints. rows: how many train what is kept.
    """

    names: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    model: Callable[[Settings], Architecture] | None = None
    rows: int = 0

    def values(self, settings: Settings, result: TrainingResult) -> tuple[float | None, ...]:
        """The value of each objective for a trial with `settings` that came to `result`."""
        found = self._found(settings, result) if self.names else {}
        return tuple(finite(found.get(name, math.nan)) for name in self.names)

    def excesses(self, settings: Settings, result: TrainingResult) -> dict[str, float | None]:
        """How far a trial with `settings` that was completed with `result` is beyond each constraint, as `Bound.excess` has it."""
        found = self._found(settings, result) if self.bounds else {}
        values = {bound: finite(found.get(bound.metric, math.nan)) for bound in self.bounds}
        return {str(bound): None if value is None else bound.excess(value) for bound, value in values.items()}

    @property
    def known(self) -> tuple[Bound, ...]:
        """The constraints of which it is known before a trial trains whether it keeps them."""
        return tuple(bound for bound in self.bounds if bound.metric in COSTS and COSTS[bound.metric].untrained)

    def barring(self, settings: Settings) -> dict[str, float | None]:
        """The known constraints that no trial with `settings` can keep, with how far each will be beyond."""
        costs = self._costs(settings, 0) if self.known else {}
        return {str(bound): bound.excess(costs[bound.metric]) for bound in self.known if not bound.met(costs[bound.metric])}

    def barred(self, space: SearchSpace) -> Barred | None:
        """Which coordinates in `space` are barred; None where no constraint is known before training."""
        if not self.known:
            return None
        # Only what shapes a model fixes how many weights it has, and a generation shares it.
        shaping = sorted(path for path in space.shaping() if path.startswith("model."))
        seen: dict[tuple[Any, ...], bool] = {}

        def barred(at: Coordinates) -> bool:
            key = tuple(at.get(path) for path in shaping)
            if key not in seen:
                seen[key] = bool(self.barring(space.settings(space.parameters(at))))
            return seen[key]

        return barred

    def _found(self, settings: Settings, result: TrainingResult) -> Mapping[str, float]:
        """What was found of a trial: its metrics, and what it costs."""
        return {**result.metrics, **self._costs(settings, result.epochs)}

    def _costs(self, settings: Settings, epochs: int) -> dict[str, float]:
        """What a trial with `settings` costs that trained for `epochs`."""
        if self.model is None:
            return {}
        model = self.model(settings)
        return {name: float(cost.function(model, self.rows, epochs)) for name, cost in COSTS.items()}


def goals_of(data: StudyData) -> Goals:
    """The objectives and constraints of the study on `data`."""
    study = data.config.study
    bounds = tuple(map(Bound.parse, study["constraints"]))
    rows = len(data.problem.dataset.train.inputs)
    return Goals(objectives_of(study), bounds, lambda settings: architecture(settings, data.problem), rows)


def front_of(names: tuple[str, ...], records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """The trials that may win and that no other dominates in the objectives `names`, by the first; none where there is one only."""
    eligible = [record for record in records if record.eligible and len(record.values) == len(names) > 0]
    costs = [[cost_of(name, value) for name, value in zip(names, record.values, strict=True)] for record in eligible]
    return [eligible[index] for index in front(costs)]


def front_board(board: Leaderboard, names: tuple[str, ...]) -> Leaderboard:
    """The front as a leaderboard, whose trials have all objectives among their metrics, costs as the counts they are."""
    records = []
    for record in front_of(names, board.records):
        values = zip(names, record.values, strict=True)
        counted = {name: int(value) if name in COSTS and value is not None else value for name, value in values}
        records.append(replace(record, metrics={**record.metrics, **counted}))
    return Leaderboard(board.objective, tuple(records))
