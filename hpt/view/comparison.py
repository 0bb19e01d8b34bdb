"""A comparison: the numbers, those that matter most last, then what they say in words."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from hpt.compare.report import Comparison, OptimizerResult
from hpt.compare.verdicts import Pair
from hpt.view.comparison_sentences import VERDICTS, summary
from hpt.view.formats import difference, duration, interval, metric_name, number, p_value, percentage
from hpt.view.page import BLANK, Column, Line, Page, Section, Sentence, Table
from hpt.view.text import MISSING

_LEAST_NAME = 8


def comparison_page(comparison: Comparison, again: str | None = None) -> Page:
    """All of a comparison. again: the command that goes on with one that was cut short."""
    sections: list[Section] = []
    if comparison.ranking is None:
        sections.append([Line(f"No study was completed ({comparison.status}). {comparison.run}", "strong")])
    else:
        sections += [[table(comparison)] for table in (best_of_k, diagnosis)]
        sections.append([Sentence(text, "muted") for text in _notes(comparison)])
        sections += [[table(comparison)] for table in (pairs, standings)]
        sections.append([Sentence(text, "warning") for text in _warnings(comparison)])
        # The end of a long page is what is left on a screen.
        sections.append([Sentence(text, "" if at else "strong") for at, text in enumerate(summary(comparison))])
    return Page([*sections, [Sentence(_last_line(comparison, again))]])


def standings(comparison: Comparison) -> Table:
    """A row an optimizer; the bar is its difference to the first, not an interval of its own."""
    optimizers = comparison.optimizers
    to_first = [_to_first(comparison, optimizer.name) for optimizer in optimizers]
    confidence = min((pair.interval.confidence for pair in to_first if pair), default=0.0)
    columns = [
        Column("optimizer", [c.name for c in optimizers], importance=0, shrinks_to=_LEAST_NAME),
        Column("rank", [c.standing.ranks for c in optimizers], "right", _ranks, importance=2),
        Column(metric_name(comparison.setup.metric), [c.score for c in optimizers], "point", number, importance=1),
        Column(
            "to the first", [-pair.difference if pair else BLANK for pair in to_first], "right", difference, importance=3
        ),
        Column(
            f"{confidence:.0%} interval",
            [(-pair.interval.high, -pair.interval.low) if pair else BLANK for pair in to_first],
            spell=interval,
            importance=5,
        ),
        Column("", [abs(pair.difference) if pair else BLANK for pair in to_first], "bar", importance=4),
        *(
            Column(metric_name(other), [c.others[other] for c in optimizers], "point", number, importance=6 + at)
            for at, other in enumerate(comparison.others)
        ),
    ]
    best = set(comparison.ranking.best_set) if comparison.ranking else set()
    return Table(columns, ["strong" if c.name in best else "" for c in optimizers])


def pairs(comparison: Comparison) -> Table:
    """A row a pair, its verdict in words; the intervals are each pair's own, not adjusted for the others."""
    found = comparison.ranking.pairs if comparison.ranking else ()
    corrected = [comparison.corrected.get((pair.a, pair.b)) for pair in found]
    new_data = [(c.interval.low, c.interval.high) if c else BLANK for c in corrected]
    columns = [
        Column("pair", [pair.a for pair in found], importance=0, shrinks_to=_LEAST_NAME),
        Column("is", [VERDICTS[pair.verdict] for pair in found], importance=0),
        Column("", [pair.b for pair in found], importance=0, shrinks_to=_LEAST_NAME),
        Column(metric_name(comparison.setup.metric), [pair.difference for pair in found], "right", difference, importance=1),
        Column(
            "interval",
            [(pair.interval.low, pair.interval.high) for pair in found],
            spell=interval,
            importance=2,
            legend="Intervals are each pair's own.",
        ),
        Column("p", [pair.p for pair in found], "right", p_value, importance=4),
        Column(
            "adjusted",
            [pair.p_adjusted for pair in found],
            "right",
            p_value,
            importance=3,
            legend="Adjusted: p for all pairs together.",
        ),
        Column("better in", [pair.probability_better for pair in found], "right", percentage, importance=5),
        Column("mean", [pair.mean_difference for pair in found], "right", difference, importance=7),
        Column(
            "new data", new_data, spell=interval, importance=6, legend="New data: what to expect of new data of this kind."
        ),
    ]
    return Table(columns, ["muted" if pair.verdict == "unresolved" else "" for pair in found])


def diagnosis(comparison: Comparison) -> Table:
    """What each optimizer took: tuning, luck, time."""
    optimizers = comparison.optimizers

    def right(title: str, cells: list[Any], spell: Any = str, *, importance: int) -> Column:
        return Column(title, cells, "right", spell, importance=importance)

    return Table(
        [
            Column("optimizer", [c.name for c in optimizers], importance=0, shrinks_to=_LEAST_NAME),
            right("searched", [c.searched for c in optimizers], importance=6),
            Column("defaults", [c.default_score for c in optimizers], "point", number, importance=1),
            right("near best", [c.near_best_share for c in optimizers], percentage, importance=2),
            right("rates, decades", [c.near_best_decades for c in optimizers], _decades, importance=7),
            right("diverged", list(optimizers), _divergence, importance=3),
            right("useless", [c.clipped for c in optimizers], importance=8),
            Column(
                "epochs to target",
                [c.epochs_to_target for c in optimizers],
                "right",
                _epochs,
                importance=4,
                legend=_target(comparison),
            ),
            right("updates", [c.updates for c in optimizers], importance=9),
            right("cpu a run", [c.cpu_seconds for c in optimizers], _seconds, importance=5),
        ]
    )


def best_of_k(comparison: Comparison) -> Table:
    """The expected validation objective of the best of k settings, for who can afford k."""
    optimizers = comparison.optimizers
    counts = optimizers[0].best_after.k
    values = [[c.best_after.value[at] for c in optimizers] for at in range(len(counts))]
    return Table(
        [
            Column(
                "best of k", [c.name for c in optimizers], importance=0, shrinks_to=_LEAST_NAME, legend=_best_of(comparison)
            ),
            *(Column(f"k={k}", values[at], "point", number, importance=len(counts) - at) for at, k in enumerate(counts)),
        ]
    )


def _best_of(comparison: Comparison) -> str:
    protocol = comparison.setup.protocol
    objective = metric_name(protocol.objective.metric)
    return f"Best of k: expected {objective} of the best of k random settings, of {protocol.trials} tried in each study."


def _target(comparison: Comparison) -> str:
    if comparison.target is None:
        return ""
    objective = metric_name(comparison.setup.protocol.objective.metric)
    return f"Epochs to target: until half of the runs have reached {objective} {number(comparison.target)}."


def _notes(comparison: Comparison) -> Iterator[str]:
    """What the tables mean, and what stands in none of them."""
    objective = metric_name(comparison.setup.protocol.objective.metric)
    final = [optimizer.name for optimizer in comparison.optimizers]
    for share, names in comparison.early_orders.items():
        same = "the same" if list(names) == final else ", ".join(names)
        yield f"Order after {share:.0%} of the epochs, by {objective}: {same}."
    spread = comparison.spread
    if spread is not None:
        parts = f"{spread.split:.0%} the split, {spread.search:.0%} the search, {spread.seeds:.0%} the seeds of one run"
        yield f"Where the spread of {metric_name(comparison.setup.metric)} comes from: {parts}."


def _warnings(comparison: Comparison) -> Iterator[str]:
    for text in comparison.warnings:
        yield f"warning: {text}"
    for optimizer in comparison.optimizers:
        for text in optimizer.warnings:
            yield f"warning: {optimizer.name}: {text}"


def _last_line(comparison: Comparison, again: str | None) -> str:
    status = comparison.status
    if again is not None and status in ("timeout", "interrupted"):
        return f"{status.capitalize()} after {comparison.studies} of {comparison.planned} studies. Go on: {again}"
    rest = f"{comparison.studies} of {comparison.planned} studies, {status}" if status != "completed" else "all studies"
    return f"{comparison.run}: {rest}. Every run stands in trials.jsonl; hpt show prints this again."


def _to_first(comparison: Comparison, name: str) -> Pair | None:
    """The pair of the first optimizer and `name`; None for the first itself, and where the two were not compared."""
    first = comparison.optimizers[0].name
    found = comparison.ranking.pairs if comparison.ranking else ()
    return next((pair for pair in found if (pair.a, pair.b) == (first, name)), None)


def _ranks(ranks: tuple[int, int]) -> str:
    low, high = ranks
    return str(low) if low == high else f"{low}-{high}"


def _decades(decades: float | None) -> str:
    return MISSING if decades is None else f"{decades:.1f}"


def _divergence(optimizer: OptimizerResult) -> str:
    divergence = optimizer.divergence
    return f"{divergence.rate:.0%} ({divergence.low:.0%}-{divergence.high:.0%})"


def _epochs(epochs: float) -> str:
    return f"{epochs:.0f}" if math.isfinite(epochs) else "never"


def _seconds(seconds: float) -> str:
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else duration(seconds)
