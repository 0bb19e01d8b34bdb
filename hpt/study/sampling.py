"""Where the next generation's settings come from: history in, generation out."""

from __future__ import annotations

import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING

from hpt.foundation.randomness import generator
from hpt.study.leaderboard import TrialRecord
from hpt.study.options import SAMPLERS
from hpt.study.space import Coordinates, SearchSpace

if TYPE_CHECKING:
    pass

GRID = "grid"


class Sampling:
    """Draws generations of a study from what its records hold, and from nothing else.

    The sampler is made anew for each generation, seeded by (seed, first trial number), so a study that was resumed draws what an
    uninterrupted one does.
    """

    def __init__(self, space: SearchSpace, sampler: str, direction: str, seed: int, trials: int) -> None:
        import optuna

        optuna.logging.set_verbosity(optuna.logging.WARNING)
        self._space = space
        self._seed = seed
        self._make = SAMPLERS[sampler].function
        self._grid = space.grid(trials, seed) if sampler == GRID else None
        self._study = optuna.create_study(direction=direction)

    def generation(self, first: int, count: int) -> list[Coordinates]:
        """The coordinates of trials `first` … `first + count - 1`; all trials before `first` must have been learned."""
        if self._grid is not None:
            return self._grid[first : first + count]
        self._study.sampler = self._make(int(generator("sampler", self._seed, first).integers(2**32)))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", category=_experimental())
            return [self._space.draw(self._study.ask())[1] for _ in range(count)]

    def learn(self, records: Iterable[TrialRecord]) -> None:
        """Takes in trials in the order of their numbers, whether they were drawn here or in an earlier process.

        A diverged trial is told as pruned before its first report, which ranks it last, so that the sampler stays away; a failed
        one teaches nothing.
        """
        import optuna
        from optuna.trial import TrialState

        if self._grid is not None:
            return
        states = {
            "completed": TrialState.COMPLETE,
            "pruned": TrialState.PRUNED,
            "diverged": TrialState.PRUNED,
            "failed": TrialState.FAIL,
        }
        drawn = {trial.number: trial for trial in self._study.get_trials(deepcopy=False, states=(TrialState.RUNNING,))}
        for record in records:
            state = states[record.state]
            reached = {record.epochs: record.value} if record.state == "pruned" and record.value is not None else {}
            value = record.value if record.state == "completed" else None
            if record.trial in drawn:
                for epoch, report in reached.items():
                    self._study._storage.set_trial_intermediate_value(drawn[record.trial]._trial_id, epoch, report)
                self._study.tell(record.trial, value, state=state)
                continue
            self._study.add_trial(
                optuna.trial.create_trial(
                    state=state,
                    value=value,
                    params=dict(record.coordinates),
                    distributions=self._space.distributions(record.coordinates),
                    intermediate_values=reached,
                )
            )


def _experimental() -> type[Warning]:
    from optuna.exceptions import ExperimentalWarning

    return ExperimentalWarning
