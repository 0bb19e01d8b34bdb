"""The live board of a comparison."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator

from rich.console import Console
from rich.text import Text

from hpt.compare.watching import Outline, Stage
from hpt.terminal.fitted_text import clean, joined
from hpt.terminal.live_display import LiveDisplay, heading, progress_bar
from hpt.view.comparison_progress import ComparisonProgress, outline_size, studies_text
from hpt.view.progress import time_text
from hpt.view.text import plain

_WIDEST_BAR = 60
_LEAST_BAR = 4


class ComparisonBoard:
    """Shows a comparison on a terminal. `close` must be called, whatever happened."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._display = LiveDisplay(console, clock)
        self._progress: ComparisonProgress | None = None

    def began(self, outline: Outline) -> None:
        for notice in outline.notices:
            self._display.note(notice)
        progress = ComparisonProgress(outline, outline.done, None, self._display.clock())
        self._progress = progress

        def lines(now: float, width: int, height: int, *, final: bool) -> list[Text]:
            return frame(progress, now, width)[:height]

        self._display.start(lines)

    def moved(self, stage: Stage) -> None:
        if self._progress is not None:
            self._progress.stage = stage
            self._display.draw()

    def recorded(self, studies: int) -> None:
        if self._progress is not None:
            self._progress.recorded, self._progress.stage = studies, None
            self._display.draw()

    def warned(self, message: str) -> None:
        self._display.warn(message)

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stage = None
            self._progress = None
            self._display.stop()


def frame(progress: ComparisonProgress, now: float, width: int) -> list[Text]:
    """The board's lines at the time `now`, none wider than `width`."""
    outline = progress.outline
    tail = f"  {progress.recorded}/{outline.studies} studies  {time_text(now - progress.began, progress.seconds_left(now))}"
    return [
        heading(outline.run, outline.data),
        clean(joined(outline_size(outline), width), "dim"),
        clean(""),
        progress_bar(progress.share, tail, max(_LEAST_BAR, min(_WIDEST_BAR, width - len(tail)))),
        *(_optimizers(outline, progress.stage, width) if progress.stage else ()),
    ]


def _optimizers(outline: Outline, stage: Stage, width: int) -> Iterator[Text]:
    """How many runs of the step each optimizer has behind it."""
    yield clean(studies_text(stage))
    longest = max(map(len, outline.optimizers))
    for name in outline.optimizers:
        trained, of = stage.trained.get(name, 0), stage.of.get(name, 0)
        length = max(_LEAST_BAR, min(_WIDEST_BAR // 2, width - longest - 14))
        full = length * trained // of if of else 0
        bar = "━" * full + "─" * (length - full)
        yield clean(f"  {plain(name):<{longest}}  {bar}  {trained}/{of}")
