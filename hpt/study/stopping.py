"""What ends a study before its last trial: decided between generations, from what is recorded and nothing else."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

from hpt.runs.trial_record import TrialRecord
from hpt.study.selection import REFIT
from hpt.training.objective import Objective


@dataclass(frozen=True, slots=True)
class Stop:
    """The criteria of `study.stop`.

    patience: so many trials in a row, in the order of their numbers, that brought no better value than those before.
    value: of the objective, at least as good as which the best trial is.
    """

    patience: int | None = None
    value: float | None = None

    def reached(self, records: Iterable[TrialRecord], objective: Objective) -> str | None:
        """The criterion that the trials of the search among `records` meet, None where they meet none."""
        if self.patience is None and self.value is None:
            return None
        best, since = math.inf, 0
        for record in sorted((r for r in records if r.phase != REFIT), key=lambda r: r.trial):
            cost = objective.cost(record.value) if record.eligible else math.inf
            since = 0 if cost < best else since + 1
            best = min(best, cost)
        if self.value is not None and best <= objective.cost(self.value):
            return "value"
        return "patience" if self.patience is not None and since >= self.patience else None
