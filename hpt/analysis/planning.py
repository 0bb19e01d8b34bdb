"""The plan of a study before it runs: what is searched, how much that is, how long it takes, and what to think about."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hpt.configuration.config import Config
from hpt.configuration.options import PRUNERS
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Failure, Request
from hpt.foundation.catalogue import Range
from hpt.foundation.dimension import Dimension
from hpt.runs.environment import memory_for
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Sampling
from hpt.study.study_data import StudyData
from hpt.training.cohort import batch_rows
from hpt.training.packing import member_bytes
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member

SECONDS = 1.0
"""About how long a sample of the study is trained to tell how long all of it takes."""
_SAMPLE = 24
_DECADES = 2.0
_FEW, _SOME, _FEW_AXES = 10, 25, 3
"""Trials under which only the learning rate is worth a search, and under which the first beta is worth one too."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What a study will do.

    data: with its folds settled. dimensions: by branch. epochs: of all trials together, at most, and with a pruner about what will
    be trained; an epoch of a trial that is a mean counts once. updates: of one training with the largest batch and with the smallest.
    seconds: about, on `jobs` cores. megabytes: of a generation trained at once, about. advice: sentences.
    """

    data: StudyData
    dimensions: dict[str, tuple[Dimension, ...]]
    epochs: tuple[int, int]
    updates: tuple[int, int]
    seconds: float
    jobs: int
    megabytes: float
    advice: tuple[str, ...]


def plan(data: StudyData, jobs: int) -> StudyPlan:
    """The plan of the study on `data`; trains a sample of it for about a second, of several folds on the first."""
    config, problem = data.config, data.problems(data.keys[0])
    study = config.study
    trials, epochs = int(study["trials"]), int(config.space.training["epochs"])
    share = _share(config, epochs)
    members = _sample(config, trials)
    rows = len(problem.dataset.train.inputs)
    updates = [-(-rows // batch_rows(member.settings, rows)) * epochs for member in members]
    each = _seconds_an_epoch(members, problem, memory_for(study))
    biggest = max(member_bytes([member], problem) for member in members)
    at_once = max(GenerationSizes.asked(study).of(trials))
    return StudyPlan(
        data=data,
        dimensions={label: config.space.dimensions(label) for label in config.space.branches},
        epochs=(trials * epochs, round(trials * epochs * share)),
        updates=(min(updates), max(updates)),
        seconds=each * trials * epochs * share * len(data.keys) / jobs,
        jobs=jobs,
        megabytes=min(biggest * at_once * len(data.keys) / 1e6, memory_for(study)),
        advice=tuple(_advice(config, trials)),
    )


def _share(config: Config, epochs: int) -> float:
    """The share of all epochs that a pruner leaves."""
    pruner = dict(config.study["pruner"])
    row = PRUNERS[pruner.pop("type")]
    rungs = (*row.function(epochs, **pruner), epochs)
    trained, alive, before = 0.0, 1.0, 0
    for rung in rungs:
        trained += alive * (rung - before)
        before, alive = rung, alive / pruner.get("eta", 1)
    return trained / epochs


def _sample(config: Config, trials: int) -> list[Member]:
    """Settings as a study might try them: random ones, since what it will learn is not known."""
    sampler = "grid" if config.study["sampler"]["type"] == "grid" else "random"
    sampling = Sampling(config.space, sampler, "minimize", config.seed, trials)
    drawn = sampling.generation(0, min(_SAMPLE, trials))
    settings = [config.space.settings(config.space.parameters(coordinates)) for coordinates in drawn]
    return [Member(trial, one, (config.seed, trial), (config.seed,)) for trial, one in enumerate(settings)]


def _seconds_an_epoch(members: Sequence[Member], problem: Problem, megabytes: float) -> float:
    """CPU seconds of an epoch of one trial, once trained long enough to tell."""
    evaluator = Population(OneProblem(problem), executors(1), megabytes)
    epochs, spent, ahead = 0, 0.0, 1
    most = int(members[0].settings.training["epochs"])
    states: list[Request] = [Request(member) for member in members]
    with one_blas_thread():
        while states and spent < SECONDS:
            began = time.process_time()
            outcomes = list(evaluator.evaluate(states, min(epochs + ahead, most)))
            took = time.process_time() - began
            spent, epochs = spent + took, min(epochs + ahead, most)
            standing = {o.trial: o.came_to for o in outcomes if not isinstance(o.came_to, (TrainingResult, Failure))}
            if len(standing) < len(states):
                break
            states = [replace(request, state=standing[request.member.trial]) for request in states]
            ahead = max(1, min(epochs, int(epochs * (SECONDS - spent) / max(spent, 1e-9))))
    evaluator.close()
    return spent / max(1, epochs) / len(members)


def _advice(config: Config, trials: int) -> Iterator[str]:
    space = config.space
    for path, dimension in {d.path: d for label in space.branches for d in space.dimensions(label)}.items():
        search = dimension.search
        if (
            isinstance(search, Range)
            and search.scale == "linear"
            and search.min > 0
            and search.max >= 10**_DECADES * search.min
        ):
            yield f"{path} spans {_decades(search)} decades on a linear scale: nine tenths of the draws lie in the last. Add scale: log."
    if config.study["sampler"]["type"] == "grid" and (points := space.grid_size()) > trials:
        yield f"the grid has {points} points, study.trials is {trials}: the rest is never tried."
    searched = max((len(space.dimensions(label)) for label in space.branches), default=0)
    each = trials // max(1, len(space.branches))
    few = f"{each} trials an optimizer are few for {searched} hyperparameters: search"
    if config.study["sampler"]["type"] != "grid" and searched > 1 and each < _FEW:
        yield f"{few} the learning rate only, or try fewer optimizers."
    elif config.study["sampler"]["type"] != "grid" and searched > _FEW_AXES and each < _SOME:
        yield f"{few} the learning rate and beta1 or momentum first."


def _decades(search: Range) -> str:
    return f"{math.log10(search.max / search.min):.0f}"
