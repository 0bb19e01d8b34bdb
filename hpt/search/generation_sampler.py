"""An Optuna sampler that suggests a whole generation at once."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Sequence
from typing import TYPE_CHECKING, Any, Self

import numpy as np
from optuna.samplers import BaseSampler

from hpt.configuration.space import Coordinates
from hpt.search.sampling import Barred

if TYPE_CHECKING:
    from optuna import Study
    from optuna.distributions import BaseDistribution
    from optuna.trial import FrozenTrial


class GenerationSampler(BaseSampler):
    """Suggests every trial of a generation before the first of them is asked for, and answers Optuna from that list."""

    replayed = False
    """What it suggests follows from finished trials and its stream."""

    def __init__(self) -> None:
        self._first = 0
        self._suggestions: list[Coordinates] = []

    def follow(self, prior: Sequence[Coordinates]) -> None:
        """Ignores what earlier runs found best; a sampler that is guided by it does otherwise."""

    def avoid(self, barred: Barred) -> None:
        """Ignores what is known to violate constraints; a sampler that may draw again does otherwise."""

    def each(self, study: Study) -> int | None:
        """None: the row of the sampler says it; one that learns otherwise how large a generation may be says it here."""
        return None

    @abstractmethod
    def generation(self, study: Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """The coordinates of the next `count` trials, from `random` and the finished trials of `study`."""

    def for_generation(self, study: Study, count: int, random: np.random.Generator) -> Self:
        """Itself, ready for the next `count` trials of `study`, all of whose trials are finished."""
        self._first = len(study.get_trials(deepcopy=False))
        self._suggestions = self.generation(study, count, random)
        return self

    def infer_relative_search_space(self, study: Study, trial: FrozenTrial) -> dict[str, BaseDistribution]:
        """Empty: the values of a trial were already chosen together."""
        return {}

    def sample_relative(self, study: Study, trial: FrozenTrial, search_space: dict[str, BaseDistribution]) -> dict[str, Any]:
        """Nothing, since `infer_relative_search_space` names nothing."""
        return {}

    def sample_independent(
        self, study: Study, trial: FrozenTrial, param_name: str, param_distribution: BaseDistribution
    ) -> Any:
        """The coordinate `param_name` of the suggestion for `trial`."""
        return self._suggestions[trial.number - self._first][param_name]
