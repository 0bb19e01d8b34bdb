"""A sampler of our own, which suggests a whole generation at once."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

import numpy as np

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.search.history import History
from hpt.search.sampling import Barred, Direction, FinishedTrial


class GenerationSampler(ABC):
    """A `Sampler` whose suggestions follow from its history and a stream alone."""

    def __init__(self, space: SearchSpace, directions: Sequence[Direction], trials: int, seed: int) -> None:
        self._history = History(space, directions)

    def follow(self, prior: Sequence[Coordinates]) -> None:  # noqa: B027  most are not guided
        """Ignores what earlier runs found best; a sampler that is guided by it does otherwise."""

    def avoid(self, barred: Barred) -> None:
        """Draws again what is `barred` while there are other settings; a sampler that does not draw takes no heed."""
        self._history.barred = barred

    @abstractmethod
    def suggestions(self, first: int, count: int, random: np.random.Generator) -> list[Coordinates]:
        """The coordinates of trials `first` … `first + count - 1`, from `random` and the history."""

    def generation(
        self, first: int, count: int, known: Sequence[Coordinates], random: np.random.Generator
    ) -> list[Coordinates]:
        """As `Sampler.generation`. What is known stands in the place of suggestions, the others are as without it."""
        return [*map(dict, known), *self.suggestions(first, count, random)[len(known) :]]

    def lacks(self, trial: int) -> bool:
        """Never: there is no state but the history."""
        return False

    def learn(self, records: Sequence[FinishedTrial]) -> None:
        """Adds trials to the history."""
        self._history.add(records)
