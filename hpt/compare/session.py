"""One `hpt compare`: from a configuration file to a run folder and what it shows, begun anew or gone on with."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from hpt.compare.records import RunRecord, SetupRecord, studies_of
from hpt.compare.report import Comparison, report, study_scores
from hpt.compare.run_kind import COMPARE_RUNS
from hpt.compare.running import STACK, Comparing, Study
from hpt.compare.setup import ComparisonSetup, default_margin, metric_of
from hpt.compare.splits import Key, Splits
from hpt.compare.verdicts import studies_needed
from hpt.compare.watching import Outline, Watcher
from hpt.configuration import config as configuration
from hpt.configuration.config import Config
from hpt.data.drawing import fold_count
from hpt.data.load import load
from hpt.evaluate.population import Population
from hpt.foundation.errors import InputError, RunError
from hpt.numerics.metrics import PARTS, MeasuredMetric
from hpt.runs.environment import memory_for
from hpt.runs.folder import RunFolder
from hpt.study.clock import Clock
from hpt.study.lifecycle import Ended, OpenRun, RunRequest, open_run, run_to_end
from hpt.study.tuning import Limits
from hpt.training.baselines import constant_metrics
from hpt.training.problem import Problem

SUFFIX = "-compare"
_LONGEST_NAME = 64


@dataclass(frozen=True, slots=True)
class Finished:
    """How a comparison ended. advice: for the user, where something went wrong."""

    comparison: Comparison
    seconds: Mapping[str, float]
    advice: str | None


def compare(request: RunRequest, optimizers: Sequence[str], watcher: Watcher, clock: Clock) -> Finished:
    """Runs the comparison that `request` asks for, of the branches `optimizers` or of all.

    Raises InputError where it is refused.
    """
    config, notices = as_compared(
        configuration.read(request.config, overrides=request.overrides, mode="compare", optimizers=optimizers)
    )
    splits = Splits(config, load(config.data, config.folder))
    problem = splits(Key(0, test=True))
    setup = setup_of(config, problem)
    with open_run(request, config, problem.dataset, COMPARE_RUNS, watcher.warned) as run:
        done = COMPARE_RUNS.done(run.history)
        if (failure := run.failure or _begin(run, setup, done)) is not None:
            return _finished(run, setup, run.history, clock, Ended("failed", advice=failure))
        studies = run.folder.config.compare["studies"]
        executors = request.executors(watcher.warned, needed=done < studies)
        evaluator = Population(
            splits,
            executors,
            memory_for(config.study),
            largest=STACK,
            warn=watcher.warned,
            stop=lambda: run.interrupts.requested,
        )
        run.closing.callback(evaluator.close)
        scores = partial(study_scores, setup)
        before = tuple(map(scores, studies_of(run.history)))
        watcher.began(_outline(executors.jobs, run.folder, setup, before, studies, problem, notices))
        run.closing.callback(watcher.close)
        for warning in (*run.warnings, *problem.dataset.warnings):
            watcher.warned(warning)
        limits = Limits(run.interrupts, clock, run.folder.config.study["timeout"])
        comparing = Comparing(setup.protocol, splits, evaluator, scores, lambda: executors.jobs, watcher, clock, limits)
        return _run(run, setup, comparing, studies)


def _run(run: OpenRun[RunRecord], setup: ComparisonSetup, comparing: Comparing, studies: int) -> Finished:
    """Runs what is left of the comparison and reports on all of it."""
    clock, folder, runs = comparing.clock, run.folder, setup.protocol.runs
    records = list(run.history)

    def record(study: Study) -> None:
        folder.append(study)
        records.extend(study)
        folder.update_metadata(records=len(records) // runs)

    def train() -> Ended:
        status = comparing.run(len(records) // runs, studies, record)
        metadata = {"records": len(records) // runs}
        if status == "completed" and not any(r.state == "completed" for r in records if r.phase == "search"):
            return Ended("failed", metadata, "every run diverged: lower the learning rates, or scale the target.")
        return Ended(status, metadata)

    return _finished(run, setup, records, clock, run_to_end(run, clock, train))


def _begin(run: OpenRun[RunRecord], setup: ComparisonSetup, done: int) -> str | None:
    """Keeps how the comparison measures in its metadata; why the disk does not take that, None where it does."""
    try:
        run.folder.update_metadata(records=done, objective=setup.metric, terms=setup.recorded())
    except RunError as error:
        return str(error)
    return None


def _finished(
    run: OpenRun[RunRecord], setup: ComparisonSetup, records: Sequence[RunRecord], clock: Clock, ended: Ended
) -> Finished:
    """The report on what is recorded."""
    folder = run.folder
    with clock.during("display"):
        comparison = report(
            setup,
            records,
            run=str(folder.folder),
            status=ended.status,
            planned=folder.config.compare["studies"],
            extended=() if run.failure is not None else folder.metadata.extended,
        )
    return Finished(comparison, clock.seconds(), ended.advice)


def as_compared(config: Config) -> tuple[Config, tuple[str, ...]]:
    """The configuration as it is compared, its run named so; and what was put aside for it.

    Trials must be independent and equally long: no criterion stops one, none is pruned, the last epoch is what counts. Each study has a
    split of its own in the place of folds.
    """
    training, study = dict(config.space.training), dict(config.study)
    aside = []
    if training["stop"]:
        aside.append("training.stop")
    if training["checkpoint"] != "last":
        aside.append("training.checkpoint")
    if study["pruner"]["type"] != "none":
        aside.append("study.pruner")
    if fold_count(config.data) > 1:
        aside.append("data.folds")
    if study["repeats"] > 1:
        aside.append("study.repeats")
    if study["networks"] not in ("auto", 1):
        aside.append("study.networks")
    aside += [f"study.{key}" for key in ("first", "stop") if study[key]]
    training |= {"stop": {}, "checkpoint": "last"}
    study |= {"sampler": "random", "pruner": {"type": "none"}, "first": (), "stop": {}, "repeats": 1, "networks": 1}
    data = {**config.data, "folds": None}
    name = config.name if config.name.endswith(SUFFIX) else config.name[: _LONGEST_NAME - len(SUFFIX)] + SUFFIX
    notice = "trials are drawn at random and train to the last epoch, so that they are independent and equally long" + (
        f": {', '.join(aside)} put aside" if aside else ""
    )
    space = replace(config.space, training=training)
    return replace(config, name=name, data=data, space=space, study=study), (notice,)


def setup_of(config: Config, problem: Problem) -> ComparisonSetup:
    """What is compared, and by what measure. problem: the first study's, with its test rows."""
    dataset = problem.dataset
    metric = metric_of(config)
    baseline_scores = constant_metrics(problem, config.space.training["loss"])
    baseline = baseline_scores.get(metric, math.nan)
    if not math.isfinite(baseline):
        measured = [name for name in baseline_scores if MeasuredMetric.parse(name).part == "test"]
        known = ", ".join(name for name in measured if math.isfinite(baseline_scores[name]))
        raise InputError(f"compare.metric: expected a metric of {dataset.name}, found {metric}. There are: {known}.")
    objective = config.study["objective"]
    if not math.isfinite(baseline_scores.get(objective, 0.0)):
        raise InputError(
            f"study.objective: {objective} is not defined on these rows of {dataset.name}, as where all are of one class. Take another, "
            "such as validation_loss."
        )
    margin = config.compare["margin"]
    return ComparisonSetup.of(
        config,
        SetupRecord(
            metric=metric,
            margin=default_margin(metric, baseline) if margin is None else margin,
            data=dataset.name,
            task=dataset.task,
            rows={part: len(problem.part(part).inputs) for part in PARTS},
        ),
    )


def _outline(
    jobs: int,
    run: RunFolder[RunRecord],
    setup: ComparisonSetup,
    scores: tuple[Mapping[str, float], ...],
    studies: int,
    problem: Problem,
    notices: Sequence[str],
) -> Outline:
    protocol, dataset = setup.protocol, problem.dataset
    parts = " / ".join(f"{count} {part}" for part, count in setup.rows.items())
    needed = studies_needed(len(protocol.names), against_reference=setup.reference is not None)
    said = [*dataset.notices, *notices]
    if studies < needed:
        said.append(
            f"{studies} studies cannot decide any pair of {len(protocol.names)} optimizers, whatever they show: "
            f"it takes {needed}. Set --studies {needed}, or compare fewer."
        )
    return Outline(
        run=run.folder.name,
        folder=str(run.folder),
        optimizers=protocol.names,
        studies=studies,
        scores=scores,
        trials=protocol.trials,
        runs=protocol.runs,
        seeds=protocol.seeds,
        epochs=protocol.epochs,
        jobs=jobs,
        metric=setup.metric,
        margin=setup.margin,
        data=f"{dataset.name}: {dataset.task}, {parts} rows, {len(dataset.input_names)} inputs",
        notices=tuple(said),
    )
