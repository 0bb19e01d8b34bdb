"""A comparison on the screen: first what it says in words, then the numbers behind them."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import replace

from rich.console import Group, RenderableType
from rich.text import Text

from hpt.compare.report import Comparison, OptimizerResult
from hpt.compare.verdicts import Pair
from hpt.terminal.comparison_words import VERDICTS, label, p_value, signed, span, spelled, summary
from hpt.terminal.formats import aligned, duration, number
from hpt.terminal.grid import Column, Fitted, grid
from hpt.terminal.text import clean, plain

_BAR = 24
_LEAST_BAR = 6


def comparison_view(comparison: Comparison, again: str | None = None) -> RenderableType:
    """All of a comparison. again: the command that goes on with one that was cut short."""
    parts: list[RenderableType] = []
    if comparison.ranking is None:
        parts.append(clean(f"No study was completed ({comparison.status}). {comparison.run}", "bold"))
    else:
        parts += [sentence(text, "bold" if index == 0 else "") for index, text in enumerate(summary(comparison))]
        parts += [clean(""), standings_table(comparison)]
        parts += [clean(""), Fitted(lambda width: Group(*pairs(comparison, width)))]
        parts += [clean(""), Fitted(lambda width: Group(*diagnosis(comparison, width)))]
        parts += [clean(""), Fitted(lambda width: Group(*affordable(comparison, width)))]
        parts += [clean(""), *map(sentence, _asides(comparison))]
        parts += [sentence(text, "yellow") for text in _warnings(comparison)]
    parts += [clean(""), sentence(_last(comparison, again))]
    return Group(*parts)


def sentence(text: str, style: str = "") -> Text:
    """A line that wraps rather than lose its end: it holds numbers to read or a command to copy."""
    return Text(plain(text), style=style, overflow="fold")


def standings_table(comparison: Comparison) -> Fitted:
    """`standings` at the width at hand."""
    return Fitted(lambda width: Group(*standings(comparison, width)))


def standings(comparison: Comparison, width: int) -> list[Text]:
    """A row an optimizer; the bar is its difference to the first, not an interval of its own."""
    optimizers = comparison.optimizers
    metric = comparison.terms.metric
    to_leader = [_to_leader(comparison, optimizer.name) for optimizer in optimizers]
    others = list(comparison.others)
    confidence = min((p.interval.confidence for p in to_leader if p), default=0.0)
    columns = [
        Column("optimizer", [plain(c.name) for c in optimizers], importance=0, shrinks_to=8),
        Column("rank", [_ranks(c) for c in optimizers], "right", importance=2),
        Column(label(metric), aligned([number(c.score) for c in optimizers]), "right", importance=1),
        Column("to the first", [signed(p.difference) if p else "" for p in to_leader], "right", importance=3),
        Column(
            f"{confidence:.0%} interval",
            [span(p.interval.low, p.interval.high) if p else "" for p in to_leader],
            importance=5,
        ),
        Column("", _bars(to_leader, min(_BAR, max(_LEAST_BAR, width // 5))), importance=4),
        *(
            Column(label(other), aligned([number(c.others[other]) for c in optimizers]), "right", importance=6 + at)
            for at, other in enumerate(others)
        ),
    ]
    best = set(comparison.ranking.best_set) if comparison.ranking else set()
    return grid(columns, width, ["bold" if c.name in best else "" for c in optimizers])


def diagnosis(comparison: Comparison, width: int) -> list[Text]:
    """What each optimizer took: tuning, luck, time."""
    optimizers = comparison.optimizers
    columns = [
        Column("optimizer", [plain(c.name) for c in optimizers], importance=0, shrinks_to=8),
        Column("searched", [str(c.searched) for c in optimizers], "right", importance=6),
        Column("defaults", aligned([number(c.default_score) for c in optimizers]), "right", importance=1),
        Column("near best", [f"{c.near_best_share:.0%}" for c in optimizers], "right", importance=2),
        Column("rates, decades", [_decades(c) for c in optimizers], "right", importance=7),
        Column("diverged", [_divergence(c) for c in optimizers], "right", importance=3),
        Column("useless", [str(c.clipped) for c in optimizers], "right", importance=8),
        Column("epochs to target", [_epochs(c) for c in optimizers], "right", importance=4),
        Column("updates", [str(c.updates) for c in optimizers], "right", importance=9),
        Column("cpu a run", [_seconds(c) for c in optimizers], "right", importance=5),
    ]
    return grid(columns, width)


def affordable(comparison: Comparison, width: int) -> list[Text]:
    """The expected validation objective of the best of k settings, for who can afford k."""
    optimizers = comparison.optimizers
    first = optimizers[0].best_after
    columns = [Column("best of k", [plain(c.name) for c in optimizers], importance=0, shrinks_to=8)]
    for at, k in enumerate(first.k):
        cells = aligned([number(c.best_after.value[at]) for c in optimizers])
        columns.append(Column(f"k={k}", cells, "right", importance=len(first.k) - at))
    return grid(columns, width)


def pairs(comparison: Comparison, width: int) -> list[Text]:
    """A row a pair, its verdict in words; the intervals are each pair's own, not adjusted for the others."""
    found = comparison.ranking.pairs if comparison.ranking else ()
    corrected = [comparison.corrected.get((pair.a, pair.b)) for pair in found]
    columns = [
        Column("pair", [plain(pair.a) for pair in found], importance=0, shrinks_to=8),
        Column("is", [VERDICTS[pair.verdict] for pair in found], importance=0),
        Column("", [plain(pair.b) for pair in found], importance=0, shrinks_to=8),
        Column(label(comparison.terms.metric), [signed(pair.difference) for pair in found], "right", importance=1),
        Column("interval", [span(pair.interval.low, pair.interval.high) for pair in found], importance=2),
        Column("p", [p_value(pair.p) for pair in found], "right", importance=4),
        Column("adjusted", [p_value(pair.p_adjusted) for pair in found], "right", importance=3),
        Column("better in", [f"{pair.probability_better:.0%}" for pair in found], "right", importance=5),
        Column("mean", [signed(pair.mean_difference) for pair in found], "right", importance=7),
        Column("new data", [span(c.interval.low, c.interval.high) if c else "" for c in corrected], importance=6),
    ]
    return grid(columns, width, ["dim" if pair.verdict == "unresolved" else "" for pair in found])


def _asides(comparison: Comparison) -> Iterator[str]:
    objective = label(comparison.terms.protocol.objective.metric)
    trials = comparison.terms.protocol.trials
    if any(comparison.corrected):
        yield "Intervals are each pair's own; p is adjusted for all pairs. New data: what to expect of new data of this kind."
    yield f"Best of k: expected {objective} of the best of k random settings, of {trials} tried in each study."
    if comparison.target is not None:
        yield f"Epochs to target: until half of the runs have reached {objective} {number(comparison.target)}."
    final = [optimizer.name for optimizer in comparison.optimizers]
    for share, names in comparison.early_orders.items():
        same = "the same" if list(names) == final else ", ".join(names)
        yield f"Order after {share:.0%} of the epochs, by {objective}: {same}."
    spread = comparison.spread
    if spread is not None:
        parts = f"{spread.split:.0%} the split, {spread.search:.0%} the search, {spread.seeds:.0%} the seeds of one run"
        yield f"Where the spread of {label(comparison.terms.metric)} comes from: {parts}."


def _warnings(comparison: Comparison) -> Iterator[str]:
    for text in comparison.warnings:
        yield f"warning: {text}"
    for optimizer in comparison.optimizers:
        for text in optimizer.warnings:
            yield f"warning: {optimizer.name}: {text}"


def _last(comparison: Comparison, again: str | None) -> str:
    status = comparison.status
    if again is not None and status in ("timeout", "interrupted"):
        return f"{status.capitalize()} after {comparison.studies} of {comparison.planned} studies. Go on: {again}"
    rest = f"{comparison.studies} of {comparison.planned} studies, {status}" if status != "completed" else "all studies"
    return f"{comparison.run}: {rest}. Every run stands in trials.jsonl; hpt show prints this again."


def _to_leader(comparison: Comparison, name: str) -> Pair | None:
    """The pair of the first on the screen and `name`, as the difference of `name` to the first."""
    first = comparison.optimizers[0].name
    pairs = comparison.ranking.pairs if comparison.ranking else ()
    return next((turned(pair) for pair in pairs if (pair.a, pair.b) == (first, name)), None)


def turned(pair: Pair) -> Pair:
    """The same pair seen from its `b`, estimates only."""
    interval = replace(pair.interval, low=-pair.interval.high, high=-pair.interval.low)
    return replace(pair, a=pair.b, b=pair.a, difference=-pair.difference, interval=interval)


def _bars(pairs: Sequence[Pair | None], width: int) -> list[str]:
    """Bars as long as the difference to the first, the longest `width` cells."""
    longest = max((abs(p.difference) for p in pairs if p), default=0.0)
    return ["█" * math.ceil(width * abs(p.difference) / longest) if p and longest else "" for p in pairs]


def _ranks(optimizer: OptimizerResult) -> str:
    low, high = optimizer.standing.ranks
    return str(low) if low == high else f"{low}-{high}"


def _decades(optimizer: OptimizerResult) -> str:
    return spelled(optimizer.near_best_decades, 1)


def _divergence(optimizer: OptimizerResult) -> str:
    divergence = optimizer.divergence
    return f"{divergence.rate:.0%} ({divergence.low:.0%}-{divergence.high:.0%})"


def _epochs(optimizer: OptimizerResult) -> str:
    return f"{optimizer.epochs_to_target:.0f}" if math.isfinite(optimizer.epochs_to_target) else "never"


def _seconds(optimizer: OptimizerResult) -> str:
    seconds = optimizer.cpu_seconds
    return f"{seconds * 1000:.0f}ms" if seconds < 1 else duration(seconds)
