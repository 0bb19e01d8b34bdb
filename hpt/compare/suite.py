"""Several tasks: each compared by itself, then one number for each optimizer across them."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hpt.compare.aggregation import Profiles, across_tasks, normalised, performance_profiles
from hpt.compare.report import Comparison
from hpt.compare.session import Finished, compare
from hpt.compare.verdicts import LEVEL, Verdict
from hpt.compare.watching import Watcher
from hpt.configuration import config as configuration
from hpt.configuration.resolution import Override
from hpt.data.datasets import DATASETS
from hpt.foundation.errors import InputError
from hpt.numerics.metrics import MeasuredMetric
from hpt.study.clock import Clock
from hpt.study.lifecycle import RunRequest

FEWEST_TASKS = 5
"""The fewest tasks for a verdict across them."""

THRESHOLDS = np.linspace(0, 1.2, 49)
"""The normalised scores at which profiles are taken: from the baseline to better than the median of the best optimizer."""

SUITES: Mapping[str, tuple[str, ...]] = {"small": ("iris", "wine", "breast_cancer", "digits", "diabetes")}


@dataclass(frozen=True, slots=True)
class AggregateScore:
    """One optimizer across tasks: the interquartile mean of its normalised scores, and its band.

    1 is the best optimizer of a task, 0 its baseline.
    """

    name: str
    value: float
    interval: tuple[float, float]


@dataclass(frozen=True, slots=True)
class PairAcrossTasks:
    """Two optimizers across tasks: the difference `a - b` of their numbers; above 0 `a` is better.

    interval: by the bootstrap, for all pairs together at 95%. verdict: None from too few tasks.
    """

    a: str
    b: str
    difference: float
    interval: tuple[float, float]
    verdict: Verdict | None


@dataclass(frozen=True, slots=True)
class SuiteResult:
    """Comparisons of the same optimizers on several tasks.

    scores: best first. profiles: in the order of `scores`, None where there are none. left_out: tasks that could not be
    aggregated, and why.
    """

    comparisons: tuple[Comparison, ...]
    scores: tuple[AggregateScore, ...]
    pairs: tuple[PairAcrossTasks, ...]
    left_out: tuple[str, ...]
    profiles: Profiles | None = None


def suite_requests(request: RunRequest | None, name: str, bare: Callable[[Path], RunRequest]) -> list[RunRequest]:
    """A request for each task of the suite `name`: what `request` asks for with other data, or the defaults of `bare`.

    Raises InputError where there is no such suite.
    """
    if name not in SUITES:
        raise InputError(f"--suite: expected {' or '.join(SUITES)}, found {name}.")
    requests = []
    for task in SUITES[name]:
        made = bare(Path(task)) if request is None else request
        overrides = list(made.overrides)
        if request is not None:
            overrides += [
                Override("data.source", task, "--suite"),
                Override("name", f"{request.config.stem}-{task}", "--suite"),
            ]
        if DATASETS[task].task == "regression":
            # Its unit is the user's: no default learning rate fits a target of some hundreds.
            overrides.append(Override("data.standardize_target", "true", "--suite"))
        requests.append(replace(made, overrides=overrides))
    return requests


def compare_all(
    requests: Sequence[RunRequest], optimizers: Sequence[str], watch: Callable[[], Watcher], clock: Clock
) -> list[Finished]:
    """Compares one task after the other, until one is interrupted; a timeout counts for all of them.

    Raises InputError, before anything is run, where one is refused or the optimizers are not the same.
    """
    branches = [
        tuple(configuration.read(r.config, overrides=r.overrides, mode="compare", optimizers=optimizers).space.branches)
        for r in requests
    ]
    for other, request in zip(branches, requests, strict=True):
        if set(other) != set(branches[0]):
            found = f"{request.config}: expected the optimizers of {requests[0].config}, {', '.join(branches[0])}"
            raise InputError(f"{found}; found {', '.join(other)}. Say which with --optimizers.")
    finished: list[Finished] = []
    for request in requests:
        finished.append(compare(request, optimizers, watch(), clock))
        if finished[-1].comparison.status == "interrupted":
            break
    return finished


def scores_of_best(comparisons: Sequence[Comparison]) -> dict[str, float | None]:
    """What the optimizer that leads each comparison scores, by metric; of several comparisons the worst."""
    found: dict[str, float | None] = {}
    each: list[Mapping[str, float]] = []
    for comparison in comparisons:
        leader = next(iter(comparison.optimizers), None)
        each.append({comparison.setup.metric: leader.score, **leader.others} if leader else {})
    for metric in dict.fromkeys(metric for scores in each for metric in scores):
        values = [scores[metric] for scores in each if metric in scores]
        worst = max if MeasuredMetric.parse(metric).direction == "minimize" else min
        found[metric] = worst(values) if len(values) == len(comparisons) else None
    return found


def across(comparisons: Sequence[Comparison], seed: int) -> SuiteResult:
    """Aggregates the comparisons that have studies."""
    normalised_scores, left_out = [], []
    names = sorted(optimizer.name for optimizer in comparisons[0].optimizers)
    for comparison in comparisons:
        sign = 1 if comparison.setup.objective.direction == "minimize" else -1
        by_name = {c.name: sign * np.array(c.scores) for c in comparison.optimizers}
        if comparison.baseline is None or set(by_name) != set(names):
            left_out.append(f"{comparison.setup.data}: no study was completed")
            continue
        try:
            normalised_scores.append(normalised([by_name[name] for name in names], sign * comparison.baseline))
        except ValueError as error:
            left_out.append(f"{comparison.setup.data}: {error}")
    if len(normalised_scores) < 2 or len(names) < 2:
        return SuiteResult(tuple(comparisons), (), (), tuple(left_out))
    pairs = len(names) * (len(names) - 1) // 2
    each = across_tasks(normalised_scores, seed=seed)
    together = across_tasks(normalised_scores, seed=seed, confidence=1 - LEVEL / pairs)
    order = sorted(range(len(names)), key=lambda i: -each.value[i])
    in_order = [task[order] for task in normalised_scores]
    return SuiteResult(
        tuple(comparisons),
        tuple(AggregateScore(names[i], float(each.value[i]), (float(each.low[i]), float(each.high[i]))) for i in order),
        tuple(
            PairAcrossTasks(
                names[i],
                names[j],
                float(together.difference[i, j]),
                interval := (float(together.difference_low[i, j]), float(together.difference_high[i, j])),
                _verdict(*interval) if len(normalised_scores) >= FEWEST_TASKS else None,
            )
            for i, j in itertools.combinations(order, 2)
        ),
        tuple(left_out),
        performance_profiles(in_order, THRESHOLDS, seed=seed),
    )


def _verdict(low: float, high: float) -> Verdict:
    if low > 0:
        return "better"
    return "worse" if high < 0 else "unresolved"
