"""Comparisons of the same optimizers on several tasks."""

from __future__ import annotations

from collections.abc import Iterator

from hpt.compare.suite import FEWEST_TASKS, SuiteResult
from hpt.view.comparison import standings
from hpt.view.comparison_sentences import VERDICTS, summary
from hpt.view.formats import interval, number
from hpt.view.page import BLANK, Block, Column, Page, Section, Sentence, Table

_DIGITS = 3


def tasks_page(tasks: SuiteResult, again: str | None = None) -> Page:
    """What holds across tasks, then each task's verdicts. again: the command that goes on with one that was cut short."""
    sections: list[Section] = [headline(tasks)]
    if tasks.scores:
        sections.append([across_table(tasks)])
    for comparison in tasks.comparisons:
        said: list[Block] = [*map(Sentence, summary(comparison))]
        sections.append([*said, standings(comparison)] if comparison.optimizers else said)
    left_out = [Sentence(f"warning: left out across tasks: {text}", "warning") for text in tasks.left_out]
    sections[-1] = [*sections[-1], *left_out]
    cut_short = [c.status for c in tasks.comparisons if c.status in ("timeout", "interrupted")]
    if cut_short and again is not None:
        sections.append([Sentence(f"{cut_short[0].capitalize()}. Go on: {again}")])
    return Page(sections)


def across_table(tasks: SuiteResult) -> Table:
    """A row an optimizer: its number across tasks, and how it stands to the first."""
    first = tasks.scores[0].name
    to_first = {pair.b: pair for pair in tasks.pairs if pair.a == first}
    pairs = [to_first.get(score.name) for score in tasks.scores]
    decided = [pair.verdict if pair and pair.verdict != "unresolved" else None for pair in pairs]
    bounds = interval
    return Table(
        [
            Column("optimizer", [score.name for score in tasks.scores], importance=0, shrinks_to=8),
            Column("across tasks", [score.value for score in tasks.scores], "right", _value, importance=1),
            Column("95% band", [score.interval for score in tasks.scores], spell=bounds, importance=3),
            Column("first minus this", [pair.interval if pair else BLANK for pair in pairs], spell=bounds, importance=2),
            Column("the first", [VERDICTS[verdict] if verdict else BLANK for verdict in decided], importance=4),
        ]
    )


def headline(tasks: SuiteResult) -> list[Block]:
    """What holds across the tasks, in sentences."""
    return [Sentence(text, "" if at else "strong") for at, text in enumerate(_headline(tasks))]


def _headline(tasks: SuiteResult) -> Iterator[str]:
    count = len(tasks.comparisons) - len(tasks.left_out)
    if not tasks.scores:
        yield "Nothing to say across tasks: it takes at least two with a result."
        return
    first = tasks.scores[0].name
    if count < FEWEST_TASKS:
        yield f"Across {count} tasks {first} comes first, which is no verdict: it takes {FEWEST_TASKS} tasks."
        return
    beaten = [p.b for p in tasks.pairs if p.a == first and p.verdict == "better"]
    open_still = [p.b for p in tasks.pairs if p.a == first and p.verdict == "unresolved"]
    ahead = f", better there than {', '.join(beaten)}" if beaten else ""
    yield f"Start with {first}: first across {count} tasks{ahead}."
    if open_still:
        yield f'Not decided against {", ".join(open_still)}. That is not "equal".'
    yield "Holds for these tasks and new splits of them, not for tasks unlike them."


def _value(value: float) -> str:
    return number(value, _DIGITS)
