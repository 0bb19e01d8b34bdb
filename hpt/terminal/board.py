"""The live board of a study."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from rich.cells import cell_len
from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Plan, Progress
from hpt.terminal.curves import sparkline
from hpt.terminal.formats import duration, number
from hpt.terminal.grid import grid
from hpt.terminal.lines import size_text
from hpt.terminal.parameters import parameter_texts
from hpt.terminal.tables import companion, counts_text, leaderboard_columns, row_styles
from hpt.terminal.text import clean, joined, packed, plain

# A redraw costs milliseconds of the time the trials could have: so many seconds apart, so many lines at most.
_SECONDS_APART = 0.25
_MOST_LINES = 20
# Before this the time left is a guess.
_FIRST_ESTIMATE = 1.0
_LEAST_BAR = 4
_WIDEST = 100
_MOST_SPARKS = 60


class Board:
    """Shows a study on a terminal, redrawn by the calls it gets: no thread that forking or a signal could trip over.

    A call between two redraws costs microseconds. `close` must be called, whatever happened: it draws the final state,
    without the trials' table (that is the result's to show), and gives the cursor back.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._live = Live(
            console=console,
            auto_refresh=False,
            redirect_stdout=False,
            redirect_stderr=False,
            vertical_overflow="crop",
        )
        self._standing: Standing | None = None
        self._drawn = 0.0

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        for notice in plan.notices:
            self._console.print(Text(plain(f"note: {notice}"), style="dim"))
        self._standing = Standing(plan, leaderboard, None, len(leaderboard.records), self._clock())
        self._live.start()
        self._draw(self._standing)

    def moved(self, progress: Progress) -> None:
        if self._standing is not None:
            self._standing.progress = progress
            self._draw_if_due(self._standing)

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        if self._standing is not None:
            self._standing.progress = progress
            self._standing.leaderboard = leaderboard
            self._standing.forget_unrecorded()
            self._draw_if_due(self._standing)

    def warned(self, message: str) -> None:
        self._console.print(Text(plain(f"warning: {message}"), style="yellow"))

    def close(self) -> None:
        if self._standing is not None:
            self._standing.forget_unrecorded()
            self._live.update(self._frame(self._standing, final=True))
            self._live.stop()
            self._standing = None

    def _draw_if_due(self, standing: Standing) -> None:
        if self._clock() - self._drawn >= _SECONDS_APART:
            self._draw(standing)

    def _draw(self, standing: Standing) -> None:
        self._live.update(self._frame(standing, final=False), refresh=True)
        self._drawn = self._clock()

    def _frame(self, standing: Standing, *, final: bool) -> Group:
        width, height = self._console.size
        # The last line belongs to the cursor.
        return Group(*frame(standing, self._clock(), width, min(_MOST_LINES, height - 1), final=final))


@dataclass(slots=True)
class Standing:
    """What the board knows: `recorded_before` trials were there at the time `began` (seconds of a monotonic clock)."""

    plan: Plan
    leaderboard: Leaderboard
    progress: Progress | None
    recorded_before: int
    began: float

    def forget_unrecorded(self) -> None:
        """Counts only the leaderboard: it holds what ended, or the generation was given up."""
        if self.progress is not None:
            self.progress = replace(self.progress, training=0, ended=0)

    @property
    def ended(self) -> int:
        """Trials that have ended, recorded or not."""
        return len(self.leaderboard.records) + (self.progress.ended if self.progress else 0)

    @property
    def share(self) -> float:
        """How much of the study is done, 0..1; a trial under way counts by its epochs."""
        under_way = self.progress.training * self.progress.epoch / self.plan.epochs if self.progress else 0.0
        return min(1.0, (self.ended + under_way) / self.plan.trials)

    def seconds_left(self, now: float) -> float | None:
        """Wall seconds to go at the pace since the start, None before it can be told."""
        before = self.recorded_before / self.plan.trials
        elapsed = now - self.began
        if elapsed < _FIRST_ESTIMATE or self.share <= before:
            return None
        return elapsed * (1 - self.share) / (self.share - before)


def frame(standing: Standing, now: float, width: int, height: int, *, final: bool) -> list[Text]:
    """The board's lines at the time `now`, at most `height` of them, none wider than `width`."""
    lines = [
        *_title(standing, width),
        *_best(standing, width),
        *_progress(standing, now, width, final),
        *_sparks(standing, width),
    ]
    top = standing.leaderboard.records[: max(0, height - len(lines) - 2)]
    lines.append(clean(""))
    if top and not final:
        lines += grid(leaderboard_columns(top), width, row_styles(top))
    return lines[:height]


def _title(standing: Standing, width: int) -> Iterator[Text]:
    plan = standing.plan
    yield Text.assemble((plain(plan.run), "bold"), "  ", (plain(plan.data), "dim"), no_wrap=True, overflow="ellipsis")
    yield clean(joined(size_text(plan), width), "dim")
    yield clean("")


def _best(standing: Standing, width: int) -> Iterator[Text]:
    best = standing.leaderboard.best
    metric = plain(standing.leaderboard.objective.metric)
    if best is None:
        yield clean(f"best {metric}  no trial has completed yet")
        return
    facts = [f"trial {best.trial}"]
    other = companion(best, metric)
    if other is not None:
        facts.append(f"{other} {number(best.metrics[other])}")
    head = f"best {metric}  "
    value = number(best.value)
    rest = joined(facts, max(0, width - cell_len(head + value) - 2))
    yield Text.assemble(head, (value, "bold green"), f"  {rest}", no_wrap=True, overflow="ellipsis")
    for line in packed(parameter_texts(best.parameters), width - 2, lines=2):
        yield clean(f"  {line}")
    yield clean("")


def _progress(standing: Standing, now: float, width: int, final: bool) -> Iterator[Text]:
    left = standing.seconds_left(now)
    elapsed = duration(now - standing.began)
    time_text = f"took {elapsed}" if final else f"about {duration(math.ceil(left))} left" if left else elapsed
    tail = f"  {standing.ended}/{standing.plan.trials} trials  {time_text}"
    length = max(_LEAST_BAR, min(width, _WIDEST) - cell_len(tail))
    full = int(standing.share * length)
    yield Text.assemble(("━" * full, "cyan"), ("─" * (length - full), "dim"), tail, no_wrap=True, overflow="ellipsis")
    progress = standing.progress
    if progress is not None:
        parts = [f"generation {progress.generation + 1}/{progress.generations}"]
        if progress.training:
            parts.append(f"{progress.training} training, at epoch {progress.epoch}/{standing.plan.epochs}")
        yield clean(joined(parts, width))
    yield clean(joined(counts_text(standing.leaderboard), width))


def _sparks(standing: Standing, width: int) -> Iterator[Text]:
    objective = standing.leaderboard.objective
    best = standing.leaderboard.best
    if best is None:
        return
    curves = {"best so far": best_so_far(standing.leaderboard)}
    followed = best.history.get(objective.metric)
    if followed:
        curves[f"trial {best.trial}, by epoch"] = list(followed)
    label = max(map(len, curves))
    for name, values in curves.items():
        yield clean(f"{name:<{label}}  {sparkline(values, min(_MOST_SPARKS, max(0, width - label - 2)))}")


def best_so_far(leaderboard: Leaderboard) -> list[float | None]:
    """The best completed value after each trial in order of their numbers, None before the first."""
    best: TrialRecord | None = None
    values = []
    for record in sorted(leaderboard.records, key=lambda record: record.trial):
        cost = leaderboard.objective.cost
        if record.state == "completed" and (best is None or cost(record.value) < cost(best.value)):
            best = record
        values.append(best.value if best else None)
    return values
