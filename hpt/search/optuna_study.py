"""A study of Optuna's, which asks a sampler of its own kind for each value of a generation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
import optuna
from optuna.trial import TrialState

from hpt.configuration.space import Coordinates, SearchSpace
from hpt.foundation.errors import InputError
from hpt.search.sampling import Barred, Direction, FinishedTrial, distributions_by_branch, silenced, suggested

_STATES: Mapping[str, TrialState] = {
    "completed": TrialState.COMPLETE,
    "pruned": TrialState.PRUNED,
    "diverged": TrialState.PRUNED,
    "failed": TrialState.FAIL,
}


class Maker(Protocol):
    """Gives each generation its sampler.

    replayed: whether suggesting changes a state that records do not hold; it is rebuilt by suggesting the recorded trials again.
    """

    @property
    def replayed(self) -> bool: ...

    def for_generation(self, study: optuna.Study, count: int, random: np.random.Generator) -> optuna.samplers.BaseSampler:
        """The sampler of the next `count` trials of `study`: it learns from the finished ones, and is seeded from `random`."""
        ...


class OptunaStudy:
    """A `Sampler` that holds the trials in a study of Optuna's, and asks the samplers that `maker` gives."""

    def __init__(self, space: SearchSpace, directions: Sequence[Direction], maker: Maker) -> None:
        self._space = space
        self._maker = maker
        self._distributions = distributions_by_branch(space)
        self._asked: dict[int, optuna.Trial] = {}
        with silenced():
            # The sampler given here suggests nothing: each generation sets its own.
            self._study = optuna.create_study(directions=directions, sampler=optuna.samplers.RandomSampler(seed=0))

    def follow(self, prior: Sequence[Coordinates]) -> None:
        """Ignores it: how to be guided is not for others to say."""

    def avoid(self, barred: Barred) -> None:
        """Ignores it: what is drawn is for others to say, and they are told of what it violates."""

    def generation(
        self, first: int, count: int, known: Sequence[Coordinates], random: np.random.Generator
    ) -> list[Coordinates]:
        """As `Sampler.generation`; the sampler sees those that are known as suggested."""
        asked = []
        with silenced():
            self._study.sampler = self._maker.for_generation(self._study, count, random)
            for index in range(count):
                if index < len(known):
                    self._study.enqueue_trial(dict(known[index]))
                asked.append(suggested(self._study, self._space, self._distributions))
        self._asked = dict(enumerate(asked, first))
        return [trial.params for trial in asked]

    def lacks(self, trial: int) -> bool:
        """Whether `trial` was suggested elsewhere, and that matters."""
        return self._maker.replayed and trial not in self._asked

    def learn(self, records: Sequence[FinishedTrial]) -> None:
        """Takes in the next trials.

        A diverged one is told as pruned before its first report, which ranks it last; so is one that was not trained, with the
        constraints that it violates. Raises InputError where a trial that was suggested again is another one than before.
        """
        with silenced():
            for record in records:
                self._tell(record)

    def _tell(self, record: FinishedTrial) -> None:
        trial = self._asked.pop(record.trial, None)
        if self._maker.replayed and trial is not None and trial.params != dict(record.coordinates):
            raise InputError(
                f"study.sampler: cannot go on: suggesting again what is recorded gave trial {record.trial} other values, so the "
                "state of the sampler cannot be rebuilt. Begin anew with another --name, or with a sampler that follows its seed."
            )
        reports = {record.epochs: record.value} if record.state == "pruned" and record.value is not None else {}
        values = record.values or (record.value,)
        state, told = _STATES[record.state], None
        if record.state == "completed":
            told = [value for value in values if value is not None]
            if len(told) < len(values):
                state, told = TrialState.PRUNED, None
        # What was not measured is missed by all of its limit, as `TrialRecord.violation` has it.
        constraints = {text: 1.0 if excess is None else excess for text, excess in record.constraints.items()}
        if trial is not None:
            for epoch, report in reports.items():
                trial.report(report, epoch)
            for text, excess in constraints.items():
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
                constraints=constraints,
            )
        )
