"""Where the next generation's settings come from: history in, generation out."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Literal, Protocol

import numpy as np

from hpt.configuration.options import SAMPLERS
from hpt.configuration.space import BRANCH, Coordinates, SearchSpace
from hpt.foundation.randomness import generator

if TYPE_CHECKING:
    import optuna

Direction = Literal["minimize", "maximize"]


class FinishedTrial(Protocol):
    """What a sampler learns of a trial; the fields as in `TrialRecord`."""

    @property
    def trial(self) -> int: ...

    @property
    def state(self) -> str: ...

    @property
    def epochs(self) -> int: ...

    @property
    def value(self) -> float | None: ...

    @property
    def coordinates(self) -> Mapping[str, Any]: ...


class Sampler(Protocol):
    """How a generation is drawn. What a row of SAMPLERS makes from (space, trials of the whole study, seed)."""

    def generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> list[Coordinates]:
        """`count` new trials, all drawn from `random` and from the finished trials of `study`."""
        ...


class Sampling:
    """Draws generations of a study from what its records hold, and from nothing else.

    The study is Optuna's: it keeps the trials, and hands each drawn one out as it hands out any trial. Randomness starts anew for
    each generation from (seed, first trial number), so a study that was resumed draws what an uninterrupted one does.
    """

    def __init__(self, space: SearchSpace, sampler: str, direction: Direction, seed: int, trials: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._space = space
        self._seed = seed
        self._sampler: Sampler = SAMPLERS[sampler].function(space, trials, seed)
        self._distributions = {label: space.distributions({BRANCH: label}) for label in space.branches}
        self._study = optuna.create_study(direction=direction, sampler=optuna.samplers.RandomSampler(seed=0))
        self._asked: dict[int, optuna.Trial] = {}

    def generation(self, first: int, count: int) -> list[Coordinates]:
        """The coordinates of trials `first` … `first + count - 1`; all trials before `first` must have been learned."""
        drawn = self._sampler.generation(self._study, count, generator("sampler", self._seed, first))
        for coordinates in drawn:
            self._study.enqueue_trial(coordinates)
        asked = [self._study.ask(self._distributions[self._space.label(coordinates)]) for coordinates in drawn]
        self._asked = {trial.number: trial for trial in asked}
        return [trial.params for trial in asked]

    def learn(self, records: Iterable[FinishedTrial]) -> None:
        """Takes in trials in the order of their numbers, whether they were drawn here or in an earlier process.

        A diverged trial is told as pruned before its first report, which ranks it last, so that the sampler stays away; a failed
        one teaches nothing.
        """
        import optuna
        from optuna.trial import TrialState

        states: Mapping[str, TrialState] = {
            "completed": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
            "diverged": TrialState.PRUNED,
            "failed": TrialState.FAIL,
        }
        for record in records:
            reports = {record.epochs: record.value} if record.state == "pruned" and record.value is not None else {}
            value = record.value if record.state == "completed" else None
            if (trial := self._asked.pop(record.trial, None)) is not None:
                for epoch, report in reports.items():
                    trial.report(report, epoch)
                self._study.tell(trial, value, state=states[record.state])
                continue
            self._study.add_trial(
                optuna.trial.create_trial(
                    state=states[record.state],
                    value=value,
                    params=dict(record.coordinates),
                    distributions=self._distributions[self._space.label(record.coordinates)],
                    intermediate_values=reports,
                )
            )
