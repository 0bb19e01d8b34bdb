"""What a comparison found: verdicts, and what stands behind them."""

from __future__ import annotations

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from hpt.compare.best_after import BestAfter
from hpt.compare.diagnosis import Spread, spread
from hpt.compare.measures import (
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
from hpt.compare.scores import Evidence
from hpt.compare.setup import COMPANIONS, Terms, default_margin
from hpt.compare.statistics import CorrectedT, corrected_t, paired_differences
from hpt.compare.verdicts import Ranking, Standing, judge
from hpt.compare.warnings import edge_warnings, nested_warnings, update_warnings
from hpt.training.objective import Objective

EARLY = (0.25, 0.5)
"""Shares of the epochs at which the order is told again."""


@dataclass(frozen=True, slots=True)
class Contestant:
    """One optimizer. Values are in the units of their metric.

    score: the median of `scores`, which are one a study; `others` are its median scores in other metrics.
    settings: the selected parameters, one a study. searched: how many hyperparameters are its own to search.
    capped: test runs worth less than the constant predictor. near_best_share: of the search's runs, how many come near the
    overall best; near_best_decades: the width of their learning rates, the median over studies, None where there are none.
    default_score: the median test score with the optimizer's own hyperparameters at their defaults.
    epochs_to_target, seconds_to_target: when half of the test runs have reached it, inf where more than half miss it.
    updates: of one run. cpu_seconds: of one run in a stack, the mean over the search.
    """

    standing: Standing
    score: float
    scores: tuple[float, ...]
    others: Mapping[str, float]
    settings: tuple[Mapping[str, Any], ...]
    searched: int
    divergence: Divergence
    capped: int
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
    """What is known after `studies` of `planned` studies; nothing where there is none.

    contestants: in the order for the screen. constant: what the constant predictor is worth, the median over studies.
    others: the ranking by other metrics. target: the objective's value of the diagnosis.
    early_orders: the order after a share of the epochs, by the recorded curves. corrected: by pair, what holds for new data
    of the same kind. extended: the totals it was planned with before, each of which may have been looked at.
    """

    run: str
    status: str
    terms: Terms
    studies: int
    planned: int
    extended: tuple[int, ...]
    ranking: Ranking | None
    contestants: tuple[Contestant, ...]
    constant: float | None
    others: Mapping[str, Ranking]
    target: float | None
    early_orders: Mapping[float, tuple[str, ...]]
    corrected: Mapping[tuple[str, str], CorrectedT]
    spread: Spread | None
    warnings: tuple[str, ...]


def report(
    terms: Terms, records: Sequence[RunRecord], *, run: str, status: str, planned: int, extended: tuple[int, ...]
) -> Comparison:
    """The comparison as far as `records` of whole studies go."""
    evidence = Evidence.of(terms.protocol, records)
    count = len(evidence.studies)
    if not count:
        return Comparison(run, status, terms, 0, planned, extended, None, (), None, {}, None, {}, {}, None, ())
    ranking = _ranking(terms, evidence, terms.metric, terms.margin)
    others = {
        metric: _ranking(terms, evidence, metric, default_margin(metric, _first_constant(evidence, metric)))
        for metric in COMPANIONS[terms.task]
        if metric != terms.metric and np.isfinite(evidence.caps(metric)).all()
    }
    names = [standing.name for standing in ranking.standings]
    target = target_of(terms, evidence, names[0])
    updates = {name: updates_of(terms, evidence, name) for name in names}
    doubts = [nested_warnings(terms.protocol.space, ranking), update_warnings(updates)]
    contestants = tuple(
        _contestant(terms, evidence, standing, others, target, updates[standing.name], doubts)
        for standing in ranking.standings
    )
    tests = np.stack([evidence.costs(terms.metric, "test", name) for name in names])
    return Comparison(
        run=run,
        status=status,
        terms=terms,
        studies=count,
        planned=planned,
        extended=extended,
        ranking=ranking,
        contestants=contestants,
        constant=float(np.median(in_units(terms.metric, evidence.caps(terms.metric)))),
        others=others,
        target=target,
        early_orders={share: order_at(terms, evidence, share) for share in EARLY},
        corrected=_corrected(terms, contestants),
        spread=spread(tests) if min(tests.shape) > 1 else None,
        warnings=tuple(_general_warnings(ranking, others, extended, count)),
    )


def _ranking(terms: Terms, evidence: Evidence, metric: str, margin: float) -> Ranking:
    direction = Objective(metric).direction
    scores = {name: in_units(metric, evidence.costs(metric, "test", name)).mean(axis=1) for name in terms.protocol.names}
    return judge(
        {name: row.tolist() for name, row in scores.items()}, margin=margin, direction=direction, reference=terms.reference
    )


def _contestant(
    terms: Terms,
    evidence: Evidence,
    standing: Standing,
    others: Mapping[str, Ranking],
    target: float,
    updates: int,
    doubts: Sequence[Mapping[str, Sequence[str]]],
) -> Contestant:
    protocol, name = terms.protocol, standing.name
    scores = in_units(terms.metric, evidence.costs(terms.metric, "test", name)).mean(axis=1)
    search = [run for study in evidence.runs("search", name) for run in study]
    seconds = float(np.mean([run.seconds for run in search]))
    epochs = epochs_to(terms, evidence, name, target)
    near_share, near_decades = near_best(terms, evidence, name)
    selected = evidence.selected(name)
    return Contestant(
        standing=standing,
        score=float(np.median(scores)),
        scores=tuple(scores.tolist()),
        others={m: float(np.median(in_units(m, evidence.costs(m, "test", name)).mean(axis=1))) for m in others},
        settings=tuple(record.parameters for record in selected),
        searched=sum(d.path.startswith(f"{protocol.space.prefix(name)}.") for d in protocol.space.dimensions(name)),
        divergence=divergence(search),
        capped=evidence.capped(terms.metric, "test", name),
        near_best_share=near_share,
        near_best_decades=near_decades,
        best_after=best_after_k(terms, evidence, name),
        default_score=float(np.median(in_units(terms.metric, evidence.costs(terms.metric, "default", name)))),
        epochs_to_target=epochs,
        seconds_to_target=epochs * seconds / protocol.epochs,
        updates=updates,
        cpu_seconds=seconds,
        warnings=(
            *edge_warnings(protocol.space, name, selected),
            *(text for found in doubts for text in found.get(name, ())),
        ),
    )


def _first_constant(evidence: Evidence, metric: str) -> float:
    return float(in_units(metric, evidence.caps(metric))[0])


def _corrected(terms: Terms, contestants: Sequence[Contestant]) -> dict[tuple[str, str], CorrectedT]:
    """For each pair the corrected resampled t-test, which speaks of new data of the same kind."""
    return {
        (a.name, b.name): corrected_t(paired_differences(a.scores, b.scores), terms.rows["train"], terms.rows["test"])
        for a, b in itertools.combinations(contestants, 2)
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
