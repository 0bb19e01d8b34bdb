"""Objectives and constraints of a study: what they are for a trial, and the trials that no other dominates."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.finite import finite
from hpt.runs.trial_record import TrialRecord
from hpt.search.dominance import front
from hpt.search.sampling import Barred
from hpt.study.leaderboard import Leaderboard
from hpt.training.bounds import Bound
from hpt.training.objectives import cost_of, objectives_of
from hpt.training.result import TrainingResult
from hpt.training.settings import Settings

_WEIGHTS = "parameters"


@dataclass(frozen=True, slots=True)
class Goals:
    """names: the objectives, none where there is one only. bounds: the constraints.

    weights: how many weights a model with some settings has.
    """

    names: tuple[str, ...] = ()
    bounds: tuple[Bound, ...] = ()
    weights: Callable[[Settings], int] = lambda settings: 0

    @classmethod
    def asked(cls, study: Mapping[str, Any], weights: Callable[[Settings], int]) -> Goals:
        """Those of the section `study`."""
        return cls(objectives_of(study), tuple(map(Bound.parse, study["constraints"])), weights)

    def values(self, settings: Settings, result: TrainingResult) -> tuple[float | None, ...]:
        """The value of each objective for a trial with `settings` that came to `result`."""
        known = self._known(settings, result) if self.names else {}
        return tuple(finite(known.get(name, math.nan)) for name in self.names)

    def excesses(self, settings: Settings, result: TrainingResult) -> dict[str, float | None]:
        """How far a trial with `settings` that was completed with `result` is beyond each constraint, as `Bound.excess` has it."""
        known = self._known(settings, result) if self.bounds else {}
        found = {bound: finite(known.get(bound.metric, math.nan)) for bound in self.bounds}
        return {str(bound): None if value is None else bound.excess(value) for bound, value in found.items()}

    def barring(self, settings: Settings) -> dict[str, float | None]:
        """The constraints that no trial with `settings` can keep, with how far each will be beyond: known before it trains."""
        bounds = [bound for bound in self.bounds if bound.metric == _WEIGHTS]
        weights = self.weights(settings) if bounds else 0
        return {str(bound): bound.excess(weights) for bound in bounds if not bound.met(weights)}

    def barred(self, space: SearchSpace) -> Barred | None:
        """Which coordinates in `space` are barred; None where no constraint is known before training."""
        if not any(bound.metric == _WEIGHTS for bound in self.bounds):
            return None
        # Only what shapes a model fixes how many weights it has, and a generation shares it.
        shaping = sorted(path for path in space.shaping() if path.startswith("model."))
        known: dict[tuple[Any, ...], bool] = {}

        def barred(at: Coordinates) -> bool:
            key = tuple(at.get(path) for path in shaping)
            if key not in known:
                known[key] = bool(self.barring(space.settings(space.parameters(at))))
            return known[key]

        return barred

    def _known(self, settings: Settings, result: TrainingResult) -> Mapping[str, float]:
        """What is known of a trial: its metrics, and what it costs."""
        return {**result.metrics, _WEIGHTS: float(self.weights(settings)), "epochs": float(result.epochs)}


def front_of(names: tuple[str, ...], records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """The trials that may win and that no other dominates in the objectives `names`, by the first; none where there is one only."""
    eligible = [record for record in records if record.eligible and len(record.values) == len(names) > 0]
    costs = [[cost_of(name, value) for name, value in zip(names, record.values, strict=True)] for record in eligible]
    return [eligible[index] for index in front(costs)]


def front_board(board: Leaderboard, names: tuple[str, ...]) -> Leaderboard:
    """The front as a leaderboard, whose trials have all objectives among their metrics."""
    records = [
        replace(r, metrics={**r.metrics, **dict(zip(names, r.values, strict=True))}) for r in front_of(names, board.records)
    ]
    return Leaderboard(board.objective, tuple(records))
