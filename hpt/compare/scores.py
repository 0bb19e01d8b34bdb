"""What the runs of a comparison scored, as arrays of costs that are clipped at the baseline's."""

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
class Scores:
    """The scores in the whole studies of a comparison.

    A score is read as a cost, lower is better, and clipped at that of the study's baseline, which predicts the same for every row: a
    run that is worse, or diverged, counts as useless and no worse than that.
    """

    protocol: Protocol
    studies: tuple[tuple[RunRecord, ...], ...]

    @classmethod
    def of(cls, protocol: Protocol, records: Sequence[RunRecord]) -> Scores:
        """The scores in `records`."""
        return cls(protocol, studies_of(records))

    def runs(self, phase: Phase, name: str) -> list[list[RunRecord]]:
        """The runs of one optimizer in `phase`, a list a study."""
        return [[r for r in study if r.phase == phase and r.branch == name] for study in self.studies]

    def selected(self, name: str) -> list[RunRecord]:
        """The search run of the selected setting, one a study."""
        return [selected(self.protocol, study)[name] for study in self.studies]

    def baseline_costs(self, metric: str) -> Floats:
        """(studies,), the baseline's costs; inf where the metric is not defined for it."""
        cost = Objective.parse(metric).cost
        return np.array([cost(study[0].metrics.get(metric)) for study in self.studies])

    def costs(self, metric: str, phase: Phase, name: str) -> Floats:
        """(studies, runs), the clipped costs."""
        clipped: Floats = np.minimum(self._raw(metric, phase, name), self.baseline_costs(metric)[:, None])
        return clipped

    def clipped_runs(self, metric: str, phase: Phase, name: str) -> int:
        """How many of those runs were clipped."""
        return int((self._raw(metric, phase, name) > self.baseline_costs(metric)[:, None]).sum())

    def curve_costs(self, metric: str, epoch: int, name: str) -> Floats:
        """(studies, runs), the clipped costs of the test runs after `epoch`, from 1.

        A run that ended before counts as useless.
        """
        value = partial(_at, metric=metric, epoch=epoch)
        raw = np.array([[Objective.parse(metric).cost(value(run)) for run in study] for study in self.runs("test", name)])
        clipped: Floats = np.minimum(raw, self.baseline_costs(metric)[:, None])
        return clipped

    def _raw(self, metric: str, phase: Phase, name: str) -> Floats:
        cost = Objective.parse(metric).cost
        return np.array(
            [
                [math.inf if run.state == "diverged" else cost(run.metrics.get(metric)) for run in study]
                for study in self.runs(phase, name)
            ]
        )


def _at(run: RunRecord, metric: str, epoch: int) -> float | None:
    values = run.history.get(metric, ())
    return values[epoch - 1] if len(values) >= epoch else None
