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
from hpt.foundation.errors import InputError
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
    def excesses(self) -> Mapping[str, float]: ...


class Sampler(Protocol):
    """Gives each generation its Optuna sampler. What a row of SAMPLERS makes from (space, trials of the whole study, seed).

    replayed: whether suggesting changes a state that records do not hold; it is rebuilt by suggesting the recorded trials again.
    """

    @property
    def replayed(self) -> bool: ...

    def follow(self, prior: Sequence[Coordinates]) -> None:
        """Is guided, where it can be, by the coordinates of what earlier runs found best, best first."""
        ...

    def avoid(self, barred: Barred) -> None:
        """Draws again, where it can, what is `barred`."""
        ...

    def each(self, study: optuna.Study) -> int | None:
        """For how many trials of `study`, all finished, the next generation is to have one; None for as many as its row says."""
        ...

    def for_generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> optuna.samplers.BaseSampler:
        """The sampler of the next `count` trials of `study`: it learns from the finished ones, and is seeded from `random`."""
        ...


class Sampling:
    """Suggests the generations of a study from what its records hold, and from nothing else.

    The study is Optuna's: it holds the trials and asks a sampler of its own kind for each value. Each generation's sampler is seeded
    from (seed, first trial number), so a study that was resumed suggests what an uninterrupted one does.
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
        import optuna

        directions = [direction] if isinstance(direction, str) else list(direction)
        self._space = space
        self._first = first
        self._seed = seed
        self._distributions = distributions_by_branch(space)
        self._asked: dict[int, optuna.Trial] = {}
        with silenced():
            self._sampler: Sampler = SAMPLERS[sampler].function(space, trials, seed, **keywords)
            self._sampler.follow(prior)
            if barred is not None:
                self._sampler.avoid(barred)
            # The sampler given here suggests nothing: each generation sets its own.
            self._study = optuna.create_study(directions=directions, sampler=optuna.samplers.RandomSampler(seed=0))

    @property
    def each(self) -> int | None:
        """As `Sampler.each`, for the trials that were learned."""
        with silenced():
            return self._sampler.each(self._study)

    def generation(self, first: int, count: int) -> list[Coordinates]:
        """The coordinates of trials `first` … `first + count - 1`; all trials before `first` must have been learned."""
        random = generator("sampler", self._seed, first)
        with silenced():
            self._study.sampler = self._sampler.for_generation(self._study, count, random)
            asked = []
            for number in range(first, first + count):
                if number < len(self._first):
                    self._study.enqueue_trial(dict(self._first[number]))
                asked.append(suggested(self._study, self._space, self._distributions))
        self._asked = dict(enumerate(asked, first))
        return [trial.params for trial in asked]

    def learn(self, records: Iterable[FinishedTrial]) -> None:
        """Takes in trials in the order of their numbers, whether they were suggested here or in an earlier process.

        A diverged trial is told as pruned before its first report, which ranks it last, so that the sampler stays away; so is one that
        was not trained, with the constraints that it violates. A failed one teaches nothing. Raises InputError where the state of a
        sampler that is replayed cannot be rebuilt.
        """
        with silenced():
            for record in records:
                if self._sampler.replayed:
                    self._replay(record)
                self._tell(record)

    def _replay(self, record: FinishedTrial) -> None:
        """Suggests the generation of `record` again, which is its first trial, unless it was suggested here."""
        if record.trial not in self._asked:
            self.generation(record.trial, record.of)
        if self._asked[record.trial].params != dict(record.coordinates):
            raise InputError(
                f"study.sampler: cannot go on: suggesting again what is recorded gave trial {record.trial} other values, so the "
                "state of the sampler cannot be rebuilt. Begin anew with another --name, or with a sampler that follows its seed."
            )

    def _tell(self, record: FinishedTrial) -> None:
        import optuna
        from optuna.trial import TrialState

        states: Mapping[str, TrialState] = {
            "completed": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
            "diverged": TrialState.PRUNED,
            "failed": TrialState.FAIL,
        }
        reports = {record.epochs: record.value} if record.state == "pruned" and record.value is not None else {}
        values = record.values or (record.value,)
        state, told = states[record.state], None
        if record.state == "completed":
            told = [value for value in values if value is not None]
            if len(told) < len(values):
                state, told = TrialState.PRUNED, None
        if (trial := self._asked.pop(record.trial, None)) is not None:
            for epoch, report in reports.items():
                trial.report(report, epoch)
            for text, excess in record.excesses.items():
                trial.set_constraint(text, excess)
            self._study.tell(trial, told, state=state)
            return
        self._study.add_trial(
            optuna.trial.create_trial(
                state=state,
                values=told,
                params=dict(record.coordinates),
                distributions=dict(self._distributions[self._space.label(record.coordinates)]),
                intermediate_values=reports,
                constraints=dict(record.excesses),
            )
        )


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
