"""The report of comparisons on several tasks: what holds across them, then each task."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Mapping

from hpt.compare.report import Comparison
from hpt.compare.suite import SuiteResult
from hpt.figures.comparison_report import pair_figures, ranking_figures
from hpt.figures.figure import Captioned, Chapter, Intervals, Part, Plot, Report
from hpt.view.comparison import standings
from hpt.view.comparison_sentences import summary
from hpt.view.comparison_tasks import across_table, headline
from hpt.view.curves import Series
from hpt.view.page import Command, Facts, Sentence


def tasks_report(tasks: SuiteResult, versions: Mapping[str, str]) -> Report:
    """All of it as one page. versions: of what the comparisons ran with."""
    across: list[Part] = [across_table(tasks), *_across(tasks)] if tasks.scores else []
    left_out: list[Part] = [Sentence(f"Left out across tasks: {text}", "warning") for text in tasks.left_out]
    chapters = [Chapter("Across tasks", [*across, *left_out])]
    chapters += [Chapter(_name(comparison), list(_task(comparison))) for comparison in tasks.comparisons]
    configs = " ".join(f"{shlex.quote(comparison.run)}/config.yaml" for comparison in tasks.comparisons)
    repeat: list[Part] = [
        Command(f"hpt compare {configs}"),
        Facts([f"{name} {value}" for name, value in versions.items()], "muted"),
    ]
    title = f"{', '.join(map(_name, tasks.comparisons))}: comparison of optimizers across tasks"
    return Report(title, headline(tasks), [*(c for c in chapters if c.parts), Chapter("How to repeat it", repeat)])


def _name(comparison: Comparison) -> str:
    return comparison.setup.data


def _across(tasks: SuiteResult) -> Iterator[Captioned]:
    names = [score.name for score in tasks.scores]
    numbers = Intervals(names, [score.value for score in tasks.scores], [score.interval for score in tasks.scores], "score")
    yield Captioned("Across tasks", numbers, "1 is the best optimizer of a task, 0 its baseline; whiskers are 95% bands.")
    found = tasks.profiles
    if found is not None:
        series = [
            Series(name, found.thresholds.tolist(), row.tolist()) for name, row in zip(names, found.shares, strict=True)
        ]
        bands = [(low.tolist(), high.tolist()) for low, high in zip(found.low, found.high, strict=True)]
        figure = Plot(series, "score", "share of studies that reach it", log_y=False, bands=bands)
        said = "How many of its studies reach a score, the mean over tasks: the higher curve is better. Bands are 95%."
        yield Captioned("Performance profiles", figure, said)


def _task(comparison: Comparison) -> Iterator[Part]:
    yield from (Sentence(text, "" if at else "strong") for at, text in enumerate(summary(comparison)))
    if comparison.ranking is not None:
        yield standings(comparison)
        yield from ranking_figures(comparison)
        yield from pair_figures(comparison)
