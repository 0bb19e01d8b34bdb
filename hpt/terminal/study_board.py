"""The live board of a study."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from dataclasses import replace

from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from hpt.study.goals import front_board
from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Plan, Progress
from hpt.terminal.charts import logarithmic, sparkline
from hpt.terminal.fitted_text import clean, joined, packed
from hpt.terminal.footprint import Footprint
from hpt.terminal.live_display import LiveDisplay, heading, timed_bar
from hpt.terminal.table_layout import keep_numbers, table_lines
from hpt.view.baselines import baseline_lines
from hpt.view.constraints import no_winner
from hpt.view.formats import duration, number, with_error
from hpt.view.leaderboard import best_so_far, companion, leaderboard_table, state_counts
from hpt.view.parameters import parameter_texts
from hpt.view.progress import time_texts
from hpt.view.study_progress import StudyProgress, plan_size
from hpt.view.text import plain

_WIDEST = 100
_MOST_SPARKS = 60
# What a number takes as a rule, and from its point on: its column starts with that, and need not move from frame to frame.
_NUMBER, _DECIMALS = len("10.07875"), len(".07875")
_LONGEST_BRANCH = 16
# Lines that show no trial: one without text, a title, the names of the columns, and how many more trials each table has.
_AROUND_FRONT = 5


class StudyBoard:
    """Shows a study on a terminal. `close` must be called, whatever happened.

    The final state is without what the result will show: the trials' table and the baselines.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._display = LiveDisplay(console, clock)
        self._progress: StudyProgress | None = None

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        for notice in plan.notices:
            self._display.note(notice)
        now = self._display.clock()
        started = self._progress = StudyProgress(plan, leaderboard, None, len(leaderboard.records), now, now)
        footprint = footprint_of(plan)

        def lines(now: float, width: int, height: int, *, final: bool) -> list[Text]:
            return frame(self._progress or started, now, width, height, footprint, final=final)

        self._display.start(lines)

    def moved(self, progress: Progress) -> None:
        if self._progress is not None:
            self._progress = replace(self._progress, generation=progress, seen=self._display.clock())
            self._display.draw()

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        if self._progress is not None:
            moved = replace(self._progress, generation=progress, leaderboard=leaderboard, seen=self._display.clock())
            self._progress = moved.recorded()
            self._display.draw()

    def warned(self, message: str) -> None:
        self._display.warn(message)

    def close(self) -> None:
        if self._progress is not None:
            self._progress = self._progress.recorded()
            self._display.stop()
            self._progress = None


def footprint_of(plan: Plan) -> Footprint:
    """The room that the first frame of a board keeps for what later ones will show."""
    footprint = Footprint()
    footprint.least("trial", len(str(plan.trials - 1)))
    for branch in plan.typical:
        footprint.least("optimizer", min(_LONGEST_BRANCH, len(str(branch.get("optimizer", "")))))
    return footprint


def frame(progress: StudyProgress, now: float, width: int, height: int, footprint: Footprint, *, final: bool) -> list[Text]:
    """The board's lines at the time `now`, at most `height` of them, none wider than `width`."""
    lines = [
        *_title(progress, width),
        *_best(progress, width, footprint),
        *([] if final else _baselines(progress, width)),
        clean(""),
        *_progress(progress, now, width, footprint, final=final),
        *_sparklines(progress, width),
        clean(""),
    ]
    if progress.leaderboard.records and not final:
        lines += _tables(progress, max(0, height - len(lines)), width, footprint)
    return lines[:height]


def _tables(progress: StudyProgress, height: int, width: int, footprint: Footprint) -> Iterator[Text]:
    """The leaderboard, and of several objectives the front below it, in the lower half."""
    plan = progress.plan
    for_front = height // 2 if plan.objectives else 0
    rows = max(0, height - for_front - 1)
    if rows:
        footprint.least("#", len(str(min(rows, plan.trials))))
        table = leaderboard_table(progress.leaderboard, rows, typical=plan.typical)
        keep_numbers(footprint, table, _NUMBER, _DECIMALS)
        yield from table_lines(table, width, footprint)
    if for_front > _AROUND_FRONT:
        front = front_board(progress.leaderboard, plan.objectives)
        yield from (clean(""), clean("The front:", "bold"))
        table = leaderboard_table(front, for_front - _AROUND_FRONT, plan.objectives[1:], typical=plan.typical)
        yield from table_lines(table, width, footprint)


def _title(progress: StudyProgress, width: int) -> Iterator[Text]:
    yield heading(progress.plan.run, progress.plan.data)
    yield clean(joined(plan_size(progress.plan), width), "dim")
    yield clean("")


def _best(progress: StudyProgress, width: int, footprint: Footprint) -> Iterator[Text]:
    board = progress.leaderboard
    best = board.best
    metric = plain(board.objective.metric)
    if best is None:
        yield clean(f"best {metric}  {no_winner(board)} yet")
        return
    value, fact = with_error(best.value, best.value_error), f"trial {best.trial}"
    if board.chosen is not None and board.chosen.expected is not None:
        value, fact = number(board.chosen.expected.value), f"expected, trial {board.chosen.setting.trial}"
    facts = [fact]
    other = companion(best.metrics, metric)
    if other is not None:
        facts.append(f"{other} {number(best.metrics[other])}")
    head = f"best {metric}  "
    rest = joined(facts, max(0, width - cell_len(head + value) - 2))
    yield Text.assemble(head, (value, "bold"), f"  {rest}", no_wrap=True, overflow="ellipsis")
    lines = list(packed(parameter_texts(best.parameters), width - 2, lines=2))
    for line in lines:
        yield clean(f"  {line}")
    # Branches have more and fewer parameters: what stands below them keeps its place.
    for _ in range(footprint.least("lines of the best", len(lines)) - len(lines)):
        yield clean("")


def _baselines(progress: StudyProgress, width: int) -> Iterator[Text]:
    for line in baseline_lines(progress.leaderboard, progress.plan.baselines):
        yield clean(joined(line.parts, width), "dim")


def _progress(progress: StudyProgress, now: float, width: int, footprint: Footprint, *, final: bool) -> Iterator[Text]:
    plan, generation = progress.plan, progress.generation
    elapsed = now - progress.began
    spent = [f"took {duration(elapsed)}"] if final else time_texts(elapsed, progress.seconds_left(now))
    count = f"{progress.ended:>{len(str(plan.trials))}}/{plan.trials} trials"
    yield timed_bar(progress.share, count, spent, min(width, _WIDEST), footprint)
    if generation is not None:
        parts = [f"generation {generation.generation + 1}"]
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
    label = len(f"trial {progress.plan.trials - 1}, by epoch")
    for name, values in curves.items():
        scale = ", log scale" if logarithmic(values) else ""
        room = max(0, width - label - len(scale) - 2)
        yield clean(f"{name:<{label}}  {sparkline(values, min(_MOST_SPARKS, room))}{scale}")
