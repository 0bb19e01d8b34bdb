"""The order of trials."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from hpt.runs.trial_record import STATES, State, TrialRecord
from hpt.study import selection
from hpt.study.selection import Standing
from hpt.training.objective import Objective

Place = tuple[float, ...]
"""How a trial ended, then what it is worth among those that ended so: what violates constraints lies before what came to nothing."""


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Trials in their order: completed by value; pruned by epochs, then value; infeasible; diverged, later first; failed; ties by number.

    Infeasible are those that violate constraints, whether they were trained or not, by how far they do.
    places: what `records` are ordered by. chosen: the winner, where the last trials were promising settings trained again.
    broken: the trials whose settings violated a constraint then.
    """

    objective: Objective
    records: tuple[TrialRecord, ...] = ()
    places: tuple[Place, ...] = field(default=(), repr=False)
    chosen: Standing | None = None
    broken: frozenset[int | None] = frozenset()

    @classmethod
    def of(cls, objective: Objective, records: Iterable[TrialRecord]) -> Leaderboard:
        """The order in which a study ranks its trials."""
        return cls(objective).extended(records)

    @classmethod
    def recorded(
        cls, objective: Objective, records: Iterable[TrialRecord], choice: Mapping[str, float] | None
    ) -> Leaderboard:
        """That of a run. choice: that of a model, as `run.json` keeps it, since no record shows it; None where it keeps none."""
        board = cls.of(objective, records)
        by_model = selection.choice_of(choice, board.records)
        return board if by_model is None else replace(board, chosen=by_model)

    @classmethod
    def by(cls, objective: Objective, records: Iterable[TrialRecord], ties: Objective) -> Leaderboard:
        """Trials by any metric, best first whatever their state, ties by the objective `ties`; those without it last."""
        order = sorted(
            ((objective.cost(r.metrics.get(objective.metric)), ties.cost(r.metrics.get(ties.metric)), r.trial), r)
            for r in records
        )
        return cls(objective, tuple(record for _, record in order), tuple(place for place, _ in order))

    def extended(self, records: Iterable[TrialRecord]) -> Leaderboard:
        """The leaderboard with more trials, each put in its place: a long study does not sort itself anew at each generation."""
        places, ranked, new = list(self.places), list(self.records), list(records)
        for record in new:
            place = _place(self.objective, record)
            index = bisect(places, place)
            places.insert(index, place)
            ranked.insert(index, record)
        chosen = selection.chosen(self.objective, ranked) if ranked else None
        broken = self.broken.union(r.setting for r in new if r.phase == selection.REFIT and r.violates)
        return Leaderboard(self.objective, tuple(ranked), tuple(places), chosen, broken)

    @property
    def best(self) -> TrialRecord | None:
        """The trial to go on with, None while none was completed: the median run of the chosen setting, else the first."""
        return self.lowest if self.chosen is None else self.chosen.median

    @property
    def lowest(self) -> TrialRecord | None:
        """The first completed trial of the search that keeps the constraints, as far as its setting was trained again then too."""
        first = (r for r in self.records if r.eligible and r.phase != selection.REFIT and r.trial not in self.broken)
        return next(first, None)

    @property
    def nearest(self) -> TrialRecord | None:
        """Of the trials that violate constraints, the one that does least; None where there is none."""
        return min((r for r in self.records if r.violates), key=lambda r: (r.violation, r.trial), default=None)

    def counts(self) -> dict[str, int]:
        """How many trials ended in each state, their `total`, and, with constraints, how many of all are `infeasible`."""
        found: dict[str, int] = dict.fromkeys(STATES, 0)
        for record in self.records:
            found[record.state] += 1
        if any(record.constraints for record in self.records):
            found["infeasible"] = sum(bool(record.violates) for record in self.records)
        return {"total": len(self.records), **found}


def _place(objective: Objective, record: TrialRecord) -> Place:
    cost = objective.cost(record.value)
    ended: dict[State, tuple[float, float, float]] = {
        "completed": (0, cost, 0),
        "pruned": (1, -record.epochs, cost),
        "diverged": (3, -record.epochs, 0),
        "failed": (4, 0, 0),
    }
    return (*((2, record.violation, cost) if record.violates else ended[record.state]), record.trial)
