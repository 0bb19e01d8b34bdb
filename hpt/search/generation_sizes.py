"""How many trials each generation of a study has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpt.configuration.samplers import SAMPLERS

FIRST, MOST_FIRST, PART_FIRST = 12, 64, 16
"""Trials of the first generation: one in 16 of all, so many at least, as a sampler learns nothing from fewer, and so many at most."""
FEWEST, MOST = 6, 256
"""Trials of a later one: fewer would train no faster than alone, and more no faster than so many."""


@dataclass(frozen=True, slots=True)
class GenerationSizes:
    """The sizes of generations. They depend on the trials before and on how many are planned, never on jobs or on memory.

    fixed: the size of each; None where they grow. each: they grow to one trial for each so many before, unless the sampler asks for others.
    """

    fixed: int | None
    each: int = 1

    @classmethod
    def asked(cls, study: Mapping[str, Any]) -> GenerationSizes:
        """Those, at most, that the section `study` of a configuration asks for."""
        population = study["population"]
        return cls(None if population == "auto" else population, SAMPLERS[study["sampler"]["type"]].each)

    def after(self, done: int, trials: int, each: int | None = None) -> int:
        """The size of the generation after `done` of `trials` trials. each: what the sampler asks for, as `Sampler.each`."""
        if self.fixed is not None:
            return min(self.fixed, trials - done)
        grown = min(MOST, max(FEWEST, done // (each or self.each))) if done else _first(trials)
        return min(grown, trials - done)

    def most(self, trials: int) -> int:
        """No generation of a study of `trials` has more."""
        largest = self.fixed or max(_first(trials), min(MOST, trials // (self.each + 1)))
        return min(largest, trials)


def _first(trials: int) -> int:
    """How many of `trials` trials the first generation has."""
    return max(FIRST, min(MOST_FIRST, trials // PART_FIRST))
