"""The plan of a study before it runs: what is searched, how much that is, how long it takes, and what to think about."""

from __future__ import annotations

import math
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from hpt.configuration.config import Config
from hpt.configuration.options import PRUNERS, SELECTIONS
from hpt.configuration.space import Coordinates
from hpt.evaluate.executors import executors, one_blas_thread
from hpt.evaluate.population import Population
from hpt.evaluate.problems import OneProblem
from hpt.evaluate.protocol import Failure, Request
from hpt.foundation.catalogue import Range
from hpt.foundation.dimension import Dimension
from hpt.runs.environment import memory_for
from hpt.search.generation_sizes import GenerationSizes
from hpt.search.sampling import Barred, Sampling
from hpt.study.goals import goals_of
from hpt.study.study_data import StudyData
from hpt.training.cohort import batch_rows
from hpt.training.costs import member_bytes
from hpt.training.problem import Problem
from hpt.training.result import TrainingResult
from hpt.training.settings import Member
from hpt.yaml.diagnostics import listed

SECONDS = 1.0
"""About how long a sample of the study is trained to tell how long all of it takes."""
_SAMPLE = 24
_DECADES = 2.0
_DRAWS = 500
"""Random settings that tell which share of the space keeps the constraints, to some two percent."""
_LITTLE = 0.05
_FEW, _SOME, _FEW_AXES = 10, 25, 3
"""Trials under which only the learning rate is worth a search, and under which the first beta is worth one too."""


@dataclass(frozen=True, slots=True)
class StudyPlan:
    """What a study will do.

    data: with its folds settled. dimensions: by branch. epochs: of all trials together, at most, and with a pruner about what will
    be trained; an epoch of a trial that is a mean counts once. updates: of one training with the largest batch and with the smallest.
    seconds: about, on `jobs` cores. megabytes: of a generation trained at once, about. advice: sentences.
    feasible: the share of random settings that keep `constraints`, those known before training, about; None where there are none.
    """

    data: StudyData
    dimensions: dict[str, tuple[Dimension, ...]]
    epochs: tuple[int, int]
    updates: tuple[int, int]
    seconds: float
    jobs: int
    megabytes: float
    advice: tuple[str, ...]
    constraints: tuple[str, ...] = ()
    feasible: float | None = None


def plan(data: StudyData, jobs: int) -> StudyPlan:
    """The plan of the study on `data`; trains a sample of it for about a second, of several folds on the first."""
    config, problem = data.config, data.problems(data.keys[0])
    study = config.study
    trials, epochs = int(study["trials"]), int(config.space.training["epochs"])
    kept_back = SELECTIONS[study["select"]].function(trials)
    # What is trained again trains to the end.
    least = round(((trials - kept_back) * _share(config, epochs) + kept_back) * epochs)
    goals = goals_of(data)
    barred, known = goals.barred(config.space), tuple(map(str, goals.known))
    members = [
        Member(trial, config.space.settings(config.space.parameters(at)), (config.seed, trial), (config.seed,))
        for trial, at in enumerate(_drawn(config, min(_SAMPLE, trials), barred))
    ]
    drawn = _drawn(config, _DRAWS, None) if barred is not None else []
    feasible = sum(not barred(at) for at in drawn) / len(drawn) if barred is not None else None
    rows = len(problem.dataset.train.inputs)
    updates = [-(-rows // batch_rows(member.settings, rows)) * epochs for member in members]
    each = _seconds_an_epoch(members, problem, memory_for(study))
    biggest = max(member_bytes([member], problem) for member in members)
    at_once = GenerationSizes.asked(study).most(trials)
    return StudyPlan(
        data=data,
        dimensions={label: config.space.dimensions(label) for label in config.space.branches},
        epochs=(trials * epochs, least),
        updates=(min(updates), max(updates)),
        seconds=each * least * len(data.keys) / jobs,
        jobs=jobs,
        megabytes=min(biggest * at_once * len(data.keys) / 1e6, memory_for(study)),
        advice=(*_room(known, feasible), *_advice(config, trials)),
        constraints=known,
        feasible=feasible,
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


def _drawn(config: Config, count: int, barred: Barred | None) -> list[Coordinates]:
    """So many settings as a study might try them: random ones, since what it will learn is not known."""
    grid = config.study["sampler"]["type"] == "grid"
    sampling = Sampling(config.space, "grid" if grid else "random", "minimize", config.seed, count, barred=barred)
    return sampling.generation(0, min(count, config.space.grid_size()) if grid else count)


def _room(known: Sequence[str], feasible: float | None) -> Iterator[str]:
    if feasible is not None and feasible < _LITTLE:
        share = f"{feasible:.1%}" if feasible else "next to nothing"
        yield f"{share} of the space keeps {listed(known)}: the rest is not trained. Narrow what shapes the model (model.hidden)."


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
