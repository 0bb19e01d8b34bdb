"""Where the next generation's settings come from: history in, generation out."""

from __future__ import annotations

import warnings
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from hpt.configuration.samplers import SAMPLERS
from hpt.configuration.space import BRANCH, Coordinates, SearchSpace
from hpt.foundation.randomness import generator

if TYPE_CHECKING:
    import optuna
    from optuna.distributions import BaseDistribution

Direction = Literal["minimize", "maximize"]
Distributions = Mapping[str, Mapping[str, "BaseDistribution"]]
"""By label of the branch, then by dotted path."""


Barred = Callable[[Coordinates], bool]
"""Whether a trial at these coordinates is known to violate a constraint before it trains."""


class FinishedTrial(Protocol):
    """What a sampler learns of a trial; the fields as in `TrialRecord`."""

    @property
    def trial(self) -> int: ...

    @property
    def of(self) -> int: ...

    @property
    def state(self) -> str: ...

    @property
    def epochs(self) -> int: ...

    @property
    def value(self) -> float | None: ...

    @property
    def values(self) -> Sequence[float | None]: ...

    @property
    def coordinates(self) -> Mapping[str, Any]: ...

    @property
    def constraints(self) -> Mapping[str, float | None]: ...

    @property
    def violation(self) -> float: ...


class Sampler(Protocol):
    """Suggests generations. What a row of SAMPLERS makes from (space, directions, trials of the whole study, seed)."""

    def follow(self, prior: Sequence[Coordinates]) -> None:
        """Is guided, where it can be, by the coordinates of what earlier runs found best, best first."""
        ...

    def avoid(self, barred: Barred) -> None:
        """Draws again, where it can, what is `barred`."""
        ...

    def generation(
        self, first: int, count: int, known: Sequence[Coordinates], random: np.random.Generator
    ) -> list[Coordinates]:
        """The coordinates of trials `first` … `first + count - 1`, from what it has learned and `random` alone.

        known: those of the leading ones, which are not for it to choose.
        """
        ...

    def lacks(self, trial: int) -> bool:
        """Whether it must suggest `trial` again before it can learn how that ended: it keeps a state that no record holds."""
        ...

    def learn(self, records: Sequence[FinishedTrial]) -> None:
        """Takes in the next trials by number, of which it lacks none.

        One that diverged or was not trained ranks last; a failed one teaches nothing.
        """
        ...


class Sampling:
    """Suggests the generations of a study from what its records hold, and from nothing else.

    Each generation is drawn from (seed, first trial number), so a study that was resumed suggests what an uninterrupted one does.
    """

    def __init__(
        self,
        space: SearchSpace,
        sampler: str,
        direction: Direction | Sequence[Direction],
        seed: int,
        trials: int,
        keywords: Mapping[str, Any] = MappingProxyType({}),
        first: Sequence[Coordinates] = (),
        prior: Sequence[Coordinates] = (),
        barred: Barred | None = None,
    ) -> None:
        """sampler, keywords: a row of SAMPLERS and its hyperparameters. direction: one for each of several objectives.

        first: the coordinates of the first trials, which are known; the sampler suggests the others. prior: of what earlier runs
        found best, best first, for a sampler that is guided by them. barred: what a sampler that can is to draw again.
        """
        directions: tuple[Direction, ...] = (direction,) if isinstance(direction, str) else tuple(direction)
        self._first = first
        self._seed = seed
        self._sampler: Sampler = SAMPLERS[sampler].function(space, directions, trials, seed, **keywords)
        self._sampler.follow(prior)
        if barred is not None:
            self._sampler.avoid(barred)

    def generation(self, first: int, count: int) -> list[Coordinates]:
        """The coordinates of trials `first` … `first + count - 1`; all trials before `first` must have been learned."""
        known = self._first[first : first + count]
        return self._sampler.generation(first, count, known, generator("sampler", self._seed, first))

    def learn(self, records: Iterable[FinishedTrial]) -> None:
        """Takes in trials in the order of their numbers, whether they were suggested here or in an earlier process.

        Raises InputError where a sampler keeps a state that cannot be rebuilt.
        """
        left = list(records)
        while left:
            if self._sampler.lacks(left[0].trial):
                self.generation(left[0].trial, left[0].of)
            known = next((at for at, record in enumerate(left) if self._sampler.lacks(record.trial)), len(left))
            self._sampler.learn(left[:known])
            left = left[known:]


def distributions_by_branch(space: SearchSpace) -> Distributions:
    """The Optuna distributions of each branch: of the choice of a branch, where there is one, and of all that is searched in it."""
    return {label: space.distributions({BRANCH: label}) for label in space.branches}


def suggested(study: optuna.Study, space: SearchSpace, distributions: Distributions) -> optuna.Trial:
    """A new trial of `study`, for which its sampler has suggested a branch, then what is searched in that branch.

    `Study.ask` takes distributions too, but only all at once. distributions: as `distributions_by_branch` gives them.
    """
    trial = study.ask()
    label = next(iter(distributions))
    if BRANCH in distributions[label]:
        label = space.label({BRANCH: _suggest(trial, BRANCH, distributions[label][BRANCH])})
    for path, distribution in distributions[label].items():
        if path != BRANCH:
            _suggest(trial, path, distribution)
    return trial


def _suggest(trial: optuna.Trial, path: str, distribution: BaseDistribution) -> Any:
    """The value that the sampler suggests for `path`, which `trial` keeps."""
    from optuna.distributions import CategoricalDistribution, FloatDistribution, IntDistribution

    if isinstance(distribution, CategoricalDistribution):
        return trial.suggest_categorical(path, distribution.choices)
    if isinstance(distribution, IntDistribution):
        return trial.suggest_int(path, distribution.low, distribution.high, step=distribution.step, log=distribution.log)
    assert isinstance(distribution, FloatDistribution)
    return trial.suggest_float(path, distribution.low, distribution.high, step=distribution.step, log=distribution.log)


@contextmanager
def silenced() -> Iterator[None]:
    """Within, Optuna writes nothing to the terminal; afterwards its verbosity is what it was before."""
    import optuna

    verbosity = optuna.logging.get_verbosity()
    optuna.logging.set_verbosity(optuna.logging.CRITICAL)
    try:
        with warnings.catch_warnings():
            # The categories that Optuna warns in; a RuntimeWarning is NumPy's, about numbers that went wrong here.
            for category in (UserWarning, FutureWarning, optuna.exceptions.ExperimentalWarning):
                warnings.simplefilter("ignore", category)
            yield
    finally:
        optuna.logging.set_verbosity(verbosity)
