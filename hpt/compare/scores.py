"""The records of a comparison as arrays of costs, capped at the constant predictor's."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from hpt.compare.protocol import Protocol, selected
from hpt.compare.records import Phase, RunRecord, studies_of
from hpt.compare.statistics import Floats
from hpt.training.objective import Objective


@dataclass(frozen=True, slots=True)
class Evidence:
    """The whole studies of a comparison."""

    protocol: Protocol
    studies: tuple[tuple[RunRecord, ...], ...]

    @classmethod
    def of(cls, protocol: Protocol, records: Sequence[RunRecord]) -> Evidence:
        """The evidence in `records`."""
        return cls(protocol, studies_of(records))

    def runs(self, phase: Phase, name: str) -> list[list[RunRecord]]:
        """The runs of one optimizer in `phase`, a list a study."""
        return [[r for r in study if r.phase == phase and r.branch == name] for study in self.studies]

    def selected(self, name: str) -> list[RunRecord]:
        """The search run of the selected setting, one a study."""
        return [selected(self.protocol, study)[name] for study in self.studies]

    def caps(self, metric: str) -> Floats:
        """(studies,), the constant predictor's cost; inf where it has none."""
        cost = Objective(metric).cost
        return np.array([cost(study[0].metrics.get(metric)) for study in self.studies])

    def costs(self, metric: str, phase: Phase, name: str) -> Floats:
        """(studies, runs), each at most the constant predictor's: a run worth less, or diverged, counts as useless."""
        capped: Floats = np.minimum(self._raw(metric, phase, name), self.caps(metric)[:, None])
        return capped

    def capped(self, metric: str, phase: Phase, name: str) -> int:
        """How many of those are worth less than the constant predictor, or diverged."""
        return int((self._raw(metric, phase, name) > self.caps(metric)[:, None]).sum())

    def curve_costs(self, metric: str, epoch: int, name: str) -> Floats:
        """(studies, runs), `metric` of the test runs after `epoch`, from 1, capped likewise.

        A run that ended before counts as useless.
        """
        value = partial(_at, metric=metric, epoch=epoch)
        raw = np.array([[Objective(metric).cost(value(run)) for run in study] for study in self.runs("test", name)])
        capped: Floats = np.minimum(raw, self.caps(metric)[:, None])
        return capped

    def _raw(self, metric: str, phase: Phase, name: str) -> Floats:
        cost = Objective(metric).cost
        return np.array(
            [
                [math.inf if run.state == "diverged" else cost(run.metrics.get(metric)) for run in study]
                for study in self.runs(phase, name)
            ]
        )


def _at(run: RunRecord, metric: str, epoch: int) -> float | None:
    values = run.history.get(metric, ())
    return values[epoch - 1] if len(values) >= epoch else None
