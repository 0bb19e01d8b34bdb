"""Stacks that stay where they were trained, between one piece of work and the next."""

from __future__ import annotations

import hashlib
from collections import OrderedDict
from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass, replace

from hpt.numerics.types import Doubles
from hpt.training.cohort import Cohort, NewCohort, Trials
from hpt.training.settings import Member

STAYS = 1_000_000
"""Bytes of a member's arrays from which its stack stays: the calls of a stack are then a small part of its work, so that little is
lost where what is left of several stacks is not joined."""


@dataclass(frozen=True, slots=True)
class Resting:
    """A cohort whose arrays are elsewhere: the members at `indices` of the cohort with the key `key`. Otherwise as in `Cohort`."""

    key: str
    indices: tuple[int, ...]
    members: tuple[Member, ...]
    epoch: int
    history: Mapping[str, Doubles]

    def keep(self, indices: Sequence[int]) -> Resting:
        """The cohort of the members at `indices`, in that order."""
        return replace(
            self,
            indices=tuple(self.indices[i] for i in indices),
            members=tuple(self.members[i] for i in indices),
            history={name: values[:, list(indices)] for name, values in self.history.items()},
        )


class Rested:
    """The cohorts that stay in this process: the latest few, each under a key that says all that its arrays depend on."""

    def __init__(self) -> None:
        self._cohorts: OrderedDict[str, Cohort] = OrderedDict()

    def rest(self, cohort: Cohort, digest: str, data: Hashable, room: int) -> Cohort | Resting:
        """What goes back in its place; `cohort` itself where it is small, or larger than the `room` bytes that may be taken.

        digest, data: of the problem it was trained on.
        """
        size = _bytes(cohort)
        if size < STAYS * len(cohort.members) or size > room:
            return cohort
        told = (digest, data, cohort.epoch, cohort.members)
        key = hashlib.blake2b(repr(told).encode(), digest_size=16).hexdigest()
        self._cohorts[key] = cohort
        self._cohorts.move_to_end(key)
        while sum(map(_bytes, self._cohorts.values())) > room:
            self._cohorts.popitem(last=False)
        return Resting(key, tuple(range(len(cohort.members))), cohort.members, cohort.epoch, cohort.history)

    def trials(self, resting: Resting) -> Trials:
        """Its cohort; where that is not here, its members, which come to the same when they are trained from the start."""
        cohort = self._cohorts.get(resting.key)
        return NewCohort(resting.members) if cohort is None else cohort.keep(resting.indices)


def _bytes(cohort: Cohort) -> int:
    arrays = (cohort.parameters, cohort.slots, cohort.numbers, cohort.best_parameters)
    return sum(array.nbytes for array in arrays)
