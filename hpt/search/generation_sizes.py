"""How many trials each generation of a study has."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from hpt.configuration.samplers import SAMPLERS

FIRST = 12
"""Trials of the first generation: before so many are known a sampler learns nothing from them."""
FEWEST, MOST = 6, 256
"""Trials of a later one: fewer would train no faster than alone, and more no faster than so many."""


@dataclass(frozen=True, slots=True)
class GenerationSizes:
    """The sizes of generations. They depend on the number of trials before, never on how many are planned, on jobs or on memory.

    fixed: the size of each; None where they grow. each: they grow to one trial for each so many before.
    """

    fixed: int | None
    each: int = 1

    @classmethod
    def asked(cls, study: Mapping[str, Any]) -> GenerationSizes:
        """Those that the section `study` of a configuration asks for."""
        population = study["population"]
        return cls(None if population == "auto" else population, SAMPLERS[study["sampler"]["type"]].each)

    def after(self, done: int, trials: int) -> int:
        """The size of the generation after `done` of `trials` trials."""
        if self.fixed is not None:
            return min(self.fixed, trials - done)
        grown = min(MOST, max(FEWEST, done // self.each)) if done else FIRST
        return min(grown, trials - done)

    def of(self, trials: int) -> Iterator[int]:
        """The sizes of all generations of a study of `trials`."""
        done = 0
        while done < trials:
            size = self.after(done, trials)
            yield size
            done += size
