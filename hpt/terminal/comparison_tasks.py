"""Comparisons of the same optimizers on several tasks, on the screen."""

from __future__ import annotations

from collections.abc import Iterator

from rich.console import Group, RenderableType
from rich.text import Text

from hpt.compare.suite import FEWEST_TASKS, SuiteResult
from hpt.terminal.comparison import sentence, standings_table
from hpt.terminal.comparison_words import VERDICTS, summary
from hpt.terminal.formats import number
from hpt.terminal.grid import Column, Fitted, grid
from hpt.terminal.text import clean, plain


def tasks_view(tasks: SuiteResult, again: str | None = None) -> RenderableType:
    """What holds across tasks, then each task's verdicts. again: the command that goes on with one that was cut short."""
    parts: list[RenderableType] = [sentence(text, "bold" if at == 0 else "") for at, text in enumerate(_headline(tasks))]
    if tasks.scores:
        parts += [clean(""), Fitted(lambda width: Group(*_score_table(tasks, width)))]
    for comparison in tasks.comparisons:
        parts.append(clean(""))
        parts += map(sentence, summary(comparison))
        if comparison.optimizers:
            parts.append(standings_table(comparison))
    parts += [sentence(f"warning: left out across tasks: {text}", "yellow") for text in tasks.left_out]
    cut_short = [c.status for c in tasks.comparisons if c.status in ("timeout", "interrupted")]
    if cut_short and again is not None:
        parts += [clean(""), sentence(f"{cut_short[0].capitalize()}. Go on: {again}")]
    return Group(*parts)


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


def _score_table(tasks: SuiteResult, width: int) -> list[Text]:
    first = tasks.scores[0].name
    to_first = {p.b: p for p in tasks.pairs if p.a == first}
    rows = [to_first.get(score.name) for score in tasks.scores]
    return grid(
        [
            Column("optimizer", [plain(score.name) for score in tasks.scores], importance=0, shrinks_to=8),
            Column("across tasks", [number(score.value, 3) for score in tasks.scores], "right", importance=1),
            Column("95% band", [_band(score.interval) for score in tasks.scores], importance=3),
            Column("first minus this", [_band(pair.interval) if pair else "" for pair in rows], importance=2),
            Column(
                "the first",
                [VERDICTS[pair.verdict] if pair and pair.verdict and pair.verdict != "unresolved" else "" for pair in rows],
                importance=4,
            ),
        ],
        width,
    )


def _band(interval: tuple[float, float]) -> str:
    return f"{number(interval[0], 3)} to {number(interval[1], 3)}"
