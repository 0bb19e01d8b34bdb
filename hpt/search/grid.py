"""Grid search: every combination of the points that each dimension has."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.search.generation_sampler import GenerationSampler

if TYPE_CHECKING:
    import optuna


class Grid(GenerationSampler):
    """Takes the points of the grid one after the other, in an order that depends on the seed only."""

    def __init__(self, space: SearchSpace, trials: int, seed: int) -> None:
        super().__init__()
        self._points = space.grid(trials, seed)

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """The `count` points after those that `study` has trials of."""
        first = len(study.get_trials(deepcopy=False))
        return self._points[first : first + count]
