"""The live board of a comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from dataclasses import replace

from rich.console import Console
from rich.text import Text

from hpt.compare.watching import Outline, Stage
from hpt.terminal.fitted_text import clean, joined
from hpt.terminal.footprint import Footprint
from hpt.terminal.live_display import LiveDisplay, heading, timed_bar
from hpt.terminal.table_layout import table_lines
from hpt.view.comparison_progress import ComparisonProgress, optimizers_table, outline_size, studies_text
from hpt.view.formats import duration
from hpt.view.progress import time_texts

_WIDEST = 100
_WIDEST_BAR, _LEAST_BAR = 30, 4


class ComparisonBoard:
    """Shows a comparison on a terminal. `close` must be called, whatever happened."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._display = LiveDisplay(console, clock)
        self._progress: ComparisonProgress | None = None

    def began(self, outline: Outline) -> None:
        for notice in outline.notices:
            self._display.note(notice)
        now = self._display.clock()
        started = self._progress = ComparisonProgress(outline, outline.scores, None, now, now)
        footprint = Footprint()

        def lines(now: float, width: int, height: int, *, final: bool) -> list[Text]:
            return frame(self._progress or started, now, width, footprint, final=final)[:height]

        self._display.start(lines)

    def moved(self, stage: Stage) -> None:
        if self._progress is not None:
            self._progress = replace(self._progress, stage=stage, seen=self._display.clock())
            self._display.draw()

    def recorded(self, scores: Mapping[str, float]) -> None:
        if self._progress is not None:
            known = (*self._progress.scores, scores)
            self._progress = replace(self._progress, scores=known, seen=self._display.clock())
            self._display.draw()

    def warned(self, message: str) -> None:
        self._display.warn(message)

    def close(self) -> None:
        if self._progress is not None:
            self._progress = replace(self._progress, stage=None)
            self._display.stop()
            self._progress = None


def frame(progress: ComparisonProgress, now: float, width: int, footprint: Footprint, *, final: bool) -> list[Text]:
    """The board's lines at the time `now`, none wider than `width`; the final ones without what the result will show."""
    outline = progress.outline
    elapsed = now - progress.began
    spent = [f"took {duration(elapsed)}"] if final else time_texts(elapsed, progress.seconds_left(now))
    count = f"{progress.recorded:>{len(str(outline.studies))}}/{outline.studies} studies"
    lines = [
        heading(outline.run, outline.data),
        clean(joined(outline_size(outline), width), "dim"),
        clean(""),
        timed_bar(progress.share, count, spent, min(width, _WIDEST), footprint),
    ]
    if final:
        return [*lines, clean("")]
    table = optimizers_table(progress, min(_WIDEST_BAR, max(_LEAST_BAR, width // 4)))
    return [*lines, clean(studies_text(progress)), clean(""), *table_lines(table, width, footprint)]
