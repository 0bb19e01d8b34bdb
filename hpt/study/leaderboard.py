"""The order of trials."""

from __future__ import annotations

from bisect import bisect
from collections.abc import Iterable
from dataclasses import dataclass, field

from hpt.runs.trial_record import STATES, State, TrialRecord
from hpt.training.objective import Objective

Place = tuple[float, ...]


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """Trials in their order: completed by value; pruned by epochs, then value; diverged, later first; failed; ties by number.

    places: what `records` are ordered by.
    """

    objective: Objective
    records: tuple[TrialRecord, ...] = ()
    places: tuple[Place, ...] = field(default=(), repr=False)

    @classmethod
    def of(cls, objective: Objective, records: Iterable[TrialRecord]) -> Leaderboard:
        """The order in which a study ranks its trials."""
        return cls(objective).extended(records)

    @classmethod
    def by(cls, objective: Objective, records: Iterable[TrialRecord]) -> Leaderboard:
        """Trials by any metric, best first whatever their state; those without it last."""
        order = sorted(((objective.cost(r.metrics.get(objective.metric)), r.trial), r) for r in records)
        return cls(objective, tuple(record for _, record in order), tuple(place for place, _ in order))

    def extended(self, records: Iterable[TrialRecord]) -> Leaderboard:
        """The leaderboard with more trials, each put in its place: a long study does not sort itself anew at each generation."""
        places, ranked = list(self.places), list(self.records)
        for record in records:
            place = _place(self.objective, record)
            index = bisect(places, place)
            places.insert(index, place)
            ranked.insert(index, record)
        return Leaderboard(self.objective, tuple(ranked), tuple(places))

    @property
    def best(self) -> TrialRecord | None:
        """The winner: the first completed trial, None while there is none."""
        return next((record for record in self.records if record.state == "completed"), None)

    def counts(self) -> dict[str, int]:
        """How many trials ended in each state, and their `total`."""
        found = dict.fromkeys(STATES, 0)
        for record in self.records:
            found[record.state] += 1
        return {"total": len(self.records), **{str(state): count for state, count in found.items()}}


def _place(objective: Objective, record: TrialRecord) -> Place:
    cost = objective.cost(record.value)
    within: dict[State, tuple[float, float]] = {
        "completed": (cost, 0),
        "pruned": (-record.epochs, cost),
        "diverged": (-record.epochs, 0),
        "failed": (0, 0),
    }
    return (STATES.index(record.state), *within[record.state], record.trial)
