"""Grid search: every combination of the points that each dimension has."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.search.generation_sampler import GenerationSampler
from hpt.search.sampling import Direction


class Grid(GenerationSampler):
    """Takes the points of the grid one after the other, in an order that depends on the seed only."""

    def __init__(self, space: SearchSpace, directions: Sequence[Direction], trials: int, seed: int) -> None:
        super().__init__(space, directions, trials, seed)
        self._points = space.grid(trials, seed)

    def suggestions(self, first: int, count: int, random: np.random.Generator) -> list[Coordinates]:
        """The points from `first` on."""
        return self._points[first : first + count]
