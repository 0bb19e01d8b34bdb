"""The report of a comparison: verdicts first, then intervals, curves and what each optimizer took."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence

from hpt.compare.records import RunRecord
from hpt.compare.report import Comparison
from hpt.compare.stored_comparison import StoredComparison
from hpt.configuration.space import BRANCH
from hpt.figures.figure import Captioned, Chapter, Intervals, Part, Plot, Points, Report, Scatter
from hpt.figures.study_figures import thinned
from hpt.figures.study_parts import data_parts
from hpt.runs.run_metadata import RunMetadata
from hpt.view.comparison import best_of_k, diagnosis, pairs, standings
from hpt.view.comparison_sentences import VERDICTS, summary
from hpt.view.curves import Series
from hpt.view.formats import metric_name, number
from hpt.view.page import Block, Command, Facts, Line, Sentence


def comparison_report(name: str, metadata: RunMetadata, stored: StoredComparison, config: str) -> Report:
    """All of it as one page. config: the file as it ran."""
    comparison = stored.comparison
    chapters: list[Chapter] = []
    if comparison.ranking is not None:
        chapters = [
            Chapter("Ranking", [standings(comparison), *ranking_figures(comparison)]),
            Chapter("Pairs", [*pair_figures(comparison), pairs(comparison)]),
            Chapter("Budgets", [*_budget_figures(comparison), best_of_k(comparison)]),
            Chapter("Learning rates", list(_learning_rates(comparison, stored.runs))),
            Chapter("What each took", [diagnosis(comparison), *_warnings(comparison)]),
        ]
    repeat = Chapter("How to repeat it", list(_repeat(stored, metadata, config)))
    data = Chapter("The data", list(data_parts(metadata, comparison.setup.rows)))
    chapters += [chapter for chapter in (data, repeat) if chapter.parts]
    return Report(f"{name}: comparison of optimizers", list(_findings(comparison)), chapters)


def _findings(comparison: Comparison) -> Iterator[Block]:
    yield Facts([comparison.status, f"{comparison.studies} of {comparison.planned} studies"], "muted")
    if comparison.ranking is None:
        yield Sentence("No study was completed, so there is nothing to say yet.", "strong")
        return
    for at, text in enumerate(summary(comparison)):
        yield Sentence(text, "" if at else "strong")


def ranking_figures(comparison: Comparison) -> Iterator[Captioned]:
    """The scores of every study."""
    names = [optimizer.name for optimizer in comparison.optimizers]
    points = [
        Points(
            name,
            [float(at)] * len(optimizer.scores),
            list(optimizer.scores),
            [f"study {s + 1}: {number(v)}" for s, v in enumerate(optimizer.scores)],
        )
        for at, (name, optimizer) in enumerate(zip(names, comparison.optimizers, strict=True))
    ]
    figure = Scatter(points, "optimizer", metric_name(comparison.setup.metric), x_ticks=names)
    yield Captioned("Scores of the studies", figure, "A dot for each study, each with its own split and search.")


def pair_figures(comparison: Comparison) -> Iterator[Captioned]:
    """The differences of every pair, with their intervals."""
    found = comparison.ranking.pairs if comparison.ranking else ()
    labels = [f"{pair.a} {VERDICTS[pair.verdict]} {pair.b}" for pair in found]
    figure = Intervals(
        labels,
        [pair.difference for pair in found],
        [(pair.interval.low, pair.interval.high) for pair in found],
        f"difference in {metric_name(comparison.setup.metric)}",
        origin=0.0,
    )
    yield Captioned(
        "Paired differences",
        figure,
        "An interval that crosses the line decides nothing. Not decided is not equal.",
        wide=True,
    )


def _budget_figures(comparison: Comparison) -> Iterator[Captioned]:
    optimizers = comparison.optimizers
    series = [Series(o.name, list(o.best_after.k), list(o.best_after.value)) for o in optimizers]
    bands = [(list(o.best_after.low), list(o.best_after.high)) for o in optimizers]
    metric = metric_name(comparison.setup.protocol.objective.metric)
    figure = Plot(series, "settings tried", metric, log_x=True, bands=bands)
    yield Captioned(
        "Best after k settings", figure, "What to expect if k settings can be afforded; bands are 95% over studies."
    )


def _learning_rates(comparison: Comparison, runs: Sequence[RunRecord]) -> Iterator[Part]:
    """How sensitive each optimizer is to its learning rate: every run of the searches."""
    points, colours, told = [], [], "Every run of every search"
    for at, name in enumerate(optimizer.name for optimizer in comparison.optimizers):
        path = f"{comparison.setup.protocol.space.prefix(name)}.learning_rate"
        own = [r for r in runs if r.phase == "search" and r.parameters.get(BRANCH) == name and path in r.parameters]
        valued = [r for r in own if r.value is not None]
        shown = thinned(valued)
        if len(shown) < len(valued):
            told = "A sample of the runs of the searches"
        if shown:
            values = [float(r.value) for r in shown if r.value is not None]
            colours.append(at)
            points.append(Points(name, [float(r.parameters[path]) for r in shown], values))
    if points:
        metric = metric_name(comparison.setup.protocol.objective.metric)
        figure = Scatter(points, "learning rate", metric, log_x=True, colours=colours)
        yield Captioned("Sensitivity to the learning rate", figure, f"{told}; what diverged is not shown.", wide=True)


def _warnings(comparison: Comparison) -> Iterator[Sentence]:
    for text in comparison.warnings:
        yield Sentence(text, "warning")
    for optimizer in comparison.optimizers:
        for text in optimizer.warnings:
            yield Sentence(f"{optimizer.name}: {text}", "warning")


def _repeat(stored: StoredComparison, metadata: RunMetadata, config: str) -> Iterator[Part]:
    run = shlex.quote(stored.comparison.run)
    again = next((f"\nhpt replay {run} {record.trial} --check" for record in stored.runs if record.epochs), "")
    name = shlex.quote(f"{metadata.name.removesuffix('-compare')}-again")
    yield Command(f"hpt compare {run}/config.yaml --name {name}{again}")
    yield Facts([f"{name} {value}" for name, value in metadata.versions.items()], "muted")
    yield Facts([f"begun {metadata.begun}", f"last changed {metadata.changed}"], "muted")
    yield Line("config.yaml, as it ran:", "muted")
    yield Command(config)
