"""How many trials each generation of a study has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from hpt.configuration.samplers import SAMPLERS

FIRST = 12
"""Trials of the first generation: before so many are known a sampler learns nothing from them."""
FEWEST, MOST = 6, 256
"""Trials of a later one: fewer would train no faster than alone, and more no faster than so many."""


@dataclass(frozen=True, slots=True)
class GenerationSizes:
    """The sizes of generations. They depend on the trials before, never on how many are planned, on jobs or on memory.

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
        grown = min(MOST, max(FEWEST, done // (each or self.each))) if done else FIRST
        return min(grown, trials - done)

    def most(self, trials: int) -> int:
        """No generation of a study of `trials` has more."""
        largest = self.fixed or max(FIRST, min(MOST, trials // (self.each + 1)))
        return min(largest, trials)
