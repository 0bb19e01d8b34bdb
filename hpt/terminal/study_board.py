"""The live board of a study."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Plan, Progress
from hpt.terminal.charts import sparkline
from hpt.terminal.fitted_text import clean, joined, packed
from hpt.terminal.live_display import LiveDisplay, heading, progress_bar
from hpt.terminal.table_layout import table_lines
from hpt.view.baselines import baseline_lines
from hpt.view.constraints import no_winner
from hpt.view.formats import duration, number, with_error
from hpt.view.leaderboard import best_so_far, companion, leaderboard_table, state_counts
from hpt.view.parameters import parameter_texts
from hpt.view.progress import time_text
from hpt.view.study_progress import StudyProgress, plan_size
from hpt.view.text import plain

_MOST_LINES = 20
_LEAST_BAR = 4
_WIDEST = 100
_MOST_SPARKS = 60


class StudyBoard:
    """Shows a study on a terminal. `close` must be called, whatever happened.

    The final state is without the trials' table, which is the result's to show.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._display = LiveDisplay(console, clock)
        self._progress: StudyProgress | None = None

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        for notice in plan.notices:
            self._display.note(notice)
        progress = StudyProgress(plan, leaderboard, None, len(leaderboard.records), self._display.clock())
        self._progress = progress

        def lines(now: float, width: int, height: int, *, final: bool) -> list[Text]:
            return frame(progress, now, width, min(_MOST_LINES, height), final=final)

        self._display.start(lines)

    def moved(self, progress: Progress) -> None:
        if self._progress is not None:
            self._progress.generation = progress
            self._display.draw()

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        if self._progress is not None:
            self._progress.generation = progress
            self._progress.leaderboard = leaderboard
            self._progress.forget_unrecorded()
            self._display.draw()

    def warned(self, message: str) -> None:
        self._display.warn(message)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.forget_unrecorded()
            self._progress = None
            self._display.stop()


def frame(progress: StudyProgress, now: float, width: int, height: int, *, final: bool) -> list[Text]:
    """The board's lines at the time `now`, at most `height` of them, none wider than `width`."""
    lines = [
        *_title(progress, width),
        *_best(progress, width),
        *_progress(progress, now, width, final),
        *_sparklines(progress, width),
        clean(""),
    ]
    rows = max(0, height - len(lines) - 1)
    if rows and progress.leaderboard.records and not final:
        lines += table_lines(leaderboard_table(progress.leaderboard, rows), width)
    return lines[:height]


def _title(progress: StudyProgress, width: int) -> Iterator[Text]:
    yield heading(progress.plan.run, progress.plan.data)
    yield clean(joined(plan_size(progress.plan), width), "dim")
    yield clean("")


def _best(progress: StudyProgress, width: int) -> Iterator[Text]:
    best = progress.leaderboard.best
    metric = plain(progress.leaderboard.objective.metric)
    if best is None:
        yield clean(f"best {metric}  {no_winner(progress.leaderboard)} yet")
        yield from _baselines(progress, width)
        return
    facts = [f"trial {best.trial}"]
    other = companion(best.metrics, metric)
    if other is not None:
        facts.append(f"{other} {number(best.metrics[other])}")
    head = f"best {metric}  "
    value = with_error(best.value, best.value_error)
    rest = joined(facts, max(0, width - cell_len(head + value) - 2))
    yield Text.assemble(head, (value, "bold green"), f"  {rest}", no_wrap=True, overflow="ellipsis")
    for line in packed(parameter_texts(best.parameters), width - 2, lines=2):
        yield clean(f"  {line}")
    yield from _baselines(progress, width)
    yield clean("")


def _baselines(progress: StudyProgress, width: int) -> Iterator[Text]:
    for line in baseline_lines(progress.leaderboard, progress.plan.baselines):
        yield clean(joined(line.parts, width), "dim")


def _progress(progress: StudyProgress, now: float, width: int, final: bool) -> Iterator[Text]:
    plan, generation = progress.plan, progress.generation
    elapsed = now - progress.began
    spent = f"took {duration(elapsed)}" if final else time_text(elapsed, progress.seconds_left(now))
    tail = f"  {progress.ended}/{plan.trials} trials  {spent}"
    yield progress_bar(progress.share, tail, max(_LEAST_BAR, min(width, _WIDEST) - cell_len(tail)))
    if generation is not None:
        parts = [f"generation {generation.generation + 1}/{generation.generations}"]
        if generation.training:
            parts.append(f"{generation.training} training, at epoch {generation.epoch}/{plan.epochs}")
        yield clean(joined(parts, width))
    yield clean(joined(state_counts(progress.leaderboard), width))


def _sparklines(progress: StudyProgress, width: int) -> Iterator[Text]:
    objective = progress.leaderboard.objective
    best = progress.leaderboard.best
    if best is None:
        return
    curves = {"best so far": best_so_far(progress.leaderboard)}
    followed = best.history.get(objective.metric)
    if followed:
        curves[f"trial {best.trial}, by epoch"] = list(followed)
    label = max(map(len, curves))
    for name, values in curves.items():
        yield clean(f"{name:<{label}}  {sparkline(values, min(_MOST_SPARKS, max(0, width - label - 2)))}")
