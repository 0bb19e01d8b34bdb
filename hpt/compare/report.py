"""The result of a comparison: verdicts, and the measurements they rest on."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt.compare.best_after import BestAfter
from hpt.compare.diagnosis import Spread, spread
from hpt.compare.optimizer_metrics import (
    Divergence,
    best_after_k,
    divergence,
    epochs_to,
    in_units,
    near_best,
    order_at,
    target_of,
    updates_of,
)
from hpt.compare.records import RunRecord
from hpt.compare.scores import Scores
from hpt.compare.setup import COMPANIONS, ComparisonSetup, default_margin
from hpt.compare.statistics import CorrectedT, Floats, corrected_t, paired_differences
from hpt.compare.verdicts import Ranking, Standing, judge
from hpt.compare.warnings import edge_warnings, nested_warnings, update_warnings
from hpt.runs.run_metadata import Status
from hpt.training.objective import Objective

EARLY = (0.25, 0.5)
"""The shares of the epochs after which `early_orders` gives the order."""


@dataclass(frozen=True, slots=True)
class OptimizerResult:
    """What is known of one optimizer. Values are in the units of their metric.

    score: the median of `scores`, of which there is one a study; others: the median scores in other metrics.
    settings: the selected parameters of each study. searched: how many hyperparameters of its own the optimizer has to search.
    clipped: how many test runs were worse than the baseline, or diverged.
    near_best_share: the share of the search's runs that come near the best of their study; near_best_decades: the decades between the
        lowest and the highest of their learning rates, the median over studies, None where there are none.
    default_score: the median test score with the optimizer's own hyperparameters at their defaults.
    epochs_to_target, seconds_to_target: the medians over the test runs of when they reach it, inf where more than half never do.
    updates: the number in one run. cpu_seconds: those of one run, as a share of its stack's, the mean over the search.
    """

    standing: Standing
    score: float
    scores: tuple[float, ...]
    others: Mapping[str, float]
    settings: tuple[Mapping[str, Any], ...]
    searched: int
    divergence: Divergence
    clipped: int
    near_best_share: float
    near_best_decades: float | None
    best_after: BestAfter
    default_score: float
    epochs_to_target: float
    seconds_to_target: float
    updates: int
    cpu_seconds: float
    warnings: tuple[str, ...]

    @property
    def name(self) -> str:
        """The branch."""
        return self.standing.name


@dataclass(frozen=True, slots=True)
class Comparison:
    """The state of a comparison after `studies` of `planned` studies; without any study there are no results.

    optimizers: in the order of the ranking. baseline: the score of predicting the same for every row, the median over studies.
    others: the rankings by other metrics. target: the objective's value that `epochs_to_target` asks for.
    early_orders: by share of the epochs, the order of the optimizers by their recorded curves at that time.
    corrected: by pair, the test whose claim extends to new data of the same kind.
    extended: the numbers of studies planned earlier; the results may have been looked at after each.
    """

    run: str
    status: Status
    setup: ComparisonSetup
    studies: int
    planned: int
    extended: tuple[int, ...]
    ranking: Ranking | None
    optimizers: tuple[OptimizerResult, ...]
    baseline: float | None
    others: Mapping[str, Ranking]
    target: float | None
    early_orders: Mapping[float, tuple[str, ...]]
    corrected: Mapping[tuple[str, str], CorrectedT]
    spread: Spread | None
    warnings: tuple[str, ...]


def report(
    setup: ComparisonSetup,
    records: Sequence[RunRecord],
    *,
    run: str,
    status: Status,
    planned: int,
    extended: tuple[int, ...],
) -> Comparison:
    """The comparison after the studies in `records`, all of which are whole."""
    scores = Scores.of(setup.protocol, records)
    count = len(scores.studies)
    if not count:
        return Comparison(run, status, setup, 0, planned, extended, None, (), None, {}, None, {}, {}, None, ())
    ranking = _ranking(setup, scores, setup.metric, setup.margin)
    others = {
        metric: _ranking(setup, scores, metric, default_margin(metric, _first_baseline(scores, metric)))
        for metric in COMPANIONS[setup.task]
        if metric != setup.metric and np.isfinite(scores.baseline_costs(metric)).all()
    }
    names = [standing.name for standing in ranking.standings]
    target = target_of(setup, scores, names[0])
    updates = {name: updates_of(setup, scores, name) for name in names}
    warnings = [nested_warnings(setup.protocol.space, ranking), update_warnings(updates)]
    optimizers = tuple(
        _optimizer_result(setup, scores, standing, others, target, updates[standing.name], warnings)
        for standing in ranking.standings
    )
    tests = np.stack([scores.costs(setup.metric, "test", name) for name in names])
    return Comparison(
        run=run,
        status=status,
        setup=setup,
        studies=count,
        planned=planned,
        extended=extended,
        ranking=ranking,
        optimizers=optimizers,
        baseline=float(np.median(in_units(setup.metric, scores.baseline_costs(setup.metric)))),
        others=others,
        target=target,
        early_orders={share: order_at(setup, scores, share) for share in EARLY},
        corrected=_corrected(setup, optimizers),
        spread=spread(tests) if min(tests.shape) > 1 else None,
        warnings=tuple(_general_warnings(ranking, others, extended, count)),
    )


def study_scores(setup: ComparisonSetup, study: Sequence[RunRecord]) -> dict[str, float]:
    """What each optimizer scored in one whole study, in the units of the metric that is compared."""
    scores = Scores.of(setup.protocol, study)
    return {name: float(_by_study(setup.metric, scores, name)[0]) for name in setup.protocol.names}


def _by_study(metric: str, scores: Scores, name: str) -> Floats:
    """(studies,), the mean score of one optimizer's test runs in each."""
    means: Floats = in_units(metric, scores.costs(metric, "test", name)).mean(axis=1)
    return means


def _ranking(setup: ComparisonSetup, scores: Scores, metric: str, margin: float) -> Ranking:
    direction = Objective.parse(metric).direction
    return judge(
        {name: _by_study(metric, scores, name).tolist() for name in setup.protocol.names},
        margin=margin,
        direction=direction,
        reference=setup.reference,
    )


def _optimizer_result(
    setup: ComparisonSetup,
    scores: Scores,
    standing: Standing,
    others: Mapping[str, Ranking],
    target: float,
    updates: int,
    warnings: Sequence[Mapping[str, Sequence[str]]],
) -> OptimizerResult:
    protocol, name = setup.protocol, standing.name
    by_study = _by_study(setup.metric, scores, name)
    search = [run for study in scores.runs("search", name) for run in study]
    seconds = float(np.mean([run.seconds for run in search]))
    epochs = epochs_to(setup, scores, name, target)
    near_share, near_decades = near_best(setup, scores, name)
    selected = scores.selected(name)
    return OptimizerResult(
        standing=standing,
        score=float(np.median(by_study)),
        scores=tuple(by_study.tolist()),
        others={m: float(np.median(_by_study(m, scores, name))) for m in others},
        settings=tuple(record.parameters for record in selected),
        searched=sum(d.path.startswith(f"{protocol.space.prefix(name)}.") for d in protocol.space.dimensions(name)),
        divergence=divergence(search),
        clipped=scores.clipped_runs(setup.metric, "test", name),
        near_best_share=near_share,
        near_best_decades=near_decades,
        best_after=best_after_k(setup, scores, name),
        default_score=float(np.median(in_units(setup.metric, scores.costs(setup.metric, "default", name)))),
        epochs_to_target=epochs,
        seconds_to_target=epochs * seconds / protocol.epochs,
        updates=updates,
        cpu_seconds=seconds,
        warnings=(
            *edge_warnings(protocol.space, name, selected),
            *(text for found in warnings for text in found.get(name, ())),
        ),
    )


def _first_baseline(scores: Scores, metric: str) -> float:
    return float(in_units(metric, scores.baseline_costs(metric))[0])


def _corrected(setup: ComparisonSetup, optimizers: Sequence[OptimizerResult]) -> dict[tuple[str, str], CorrectedT]:
    """For each pair the corrected resampled t-test, whose claim extends to new data of the same kind."""
    return {
        (a.name, b.name): corrected_t(paired_differences(a.scores, b.scores), setup.rows["train"], setup.rows["test"])
        for a, b in itertools.combinations(optimizers, 2)
        if len(a.scores) > 1
    }


def _general_warnings(ranking: Ranking, others: Mapping[str, Ranking], extended: Sequence[int], studies: int) -> list[str]:
    found = [
        f"by {metric} the best set is another: {', '.join(other.best_set)}."
        for metric, other in others.items()
        if set(other.best_set) != set(ranking.best_set)
    ]
    if extended:
        steps = ", ".join(map(str, (*extended, studies)))
        found.append(f"extended after looking ({steps} studies): a verdict is wrong more often than its 5%.")
    return found
