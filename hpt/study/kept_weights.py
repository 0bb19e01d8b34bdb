"""The weights that are kept of a trial, trained anew."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace

from hpt.evaluate.executors import executors
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Failure, Request
from hpt.foundation.errors import RunError
from hpt.models.networks import together
from hpt.runs.environment import memory_for
from hpt.study.study_data import StudyData
from hpt.training.objective import Objective
from hpt.training.result import TrainingResult
from hpt.training.settings import Member, Settings

Curves = Mapping[str, Sequence[float | None]]


def trial_member(data: StudyData, settings: Settings, trial: int) -> Member:
    """The trial with its own random stream."""
    return Member(trial, settings, (data.config.seed, trial), (data.config.seed,))


def trained_to_keep(
    data: StudyData,
    settings: Settings,
    trial: int,
    epochs: int,
    history: Curves,
    *,
    networks: int,
    stop: Callable[[], bool] = lambda: False,
) -> TrainingResult | None:
    """The trial trained once on `data.problem`, with the bits of any such training; None where `stop` asked to give it up.

    Its weights are those of so many `networks`, trained as one stack: the first has the trial's own random stream, each other one that
    starts from it; those that diverge are left out. Where the trial's value is a mean over trainings, nothing validates now: they train as
    long as the longest of these, which is `epochs`, or with `checkpoint: best_validation` up to the epoch at which these were best
    together, by `history`. Raises RunError where one cannot be trained.
    """
    last = int(settings.training["epochs"])
    if data.repeated:
        if settings.training["checkpoint"] == "best_validation":
            epochs = best_epoch(history[data.objective.metric], data.objective)
        last = epochs
        settings = replace(settings, training={**settings.training, "stop": {}, "checkpoint": "last"})
    own = trial_member(data, settings, trial)
    members = [own, *(replace(own, trial=trial + index, initial=(*own.initial, index)) for index in range(1, networks))]
    evaluator = Population(
        OneProblem(data.problem), executors(1), memory_for(data.config.study), stop=stop, every_weight=True
    )
    results: dict[int, TrainingResult] = {}
    for outcome in evaluator.evaluate([Request(member, ends=data.repeated) for member in members], last):
        if isinstance(outcome.came_to, Failure):
            raise RunError(f"trial {trial} could not be trained once more for its weights: {outcome.came_to.reason}.")
        if isinstance(outcome.came_to, TrainingResult):
            results[outcome.trial] = outcome.came_to
    if len(results) < networks:
        return None
    found = [results[member.trial] for member in members]
    sound = [result.weights for result in found if result.reason != "diverged"]
    return replace(found[0], weights=together(sound or [found[0].weights]))


def best_epoch(values: Sequence[float | None], objective: Objective) -> int:
    """The epoch, from 1, of the best of `values`."""
    return 1 + min(range(len(values)), key=lambda epoch: objective.cost(values[epoch]))
