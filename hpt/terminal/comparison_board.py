"""The watchers of a comparison: a live board, plain lines, silence."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterator

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from hpt.compare.watching import Outline, Stage, Watcher
from hpt.terminal.comparison_words import label
from hpt.terminal.formats import duration, number
from hpt.terminal.text import clean, joined, plain

# A redraw costs milliseconds of the time the runs could have.
_SECONDS_APART = 0.25
_FIRST_ESTIMATE = 1.0
_WIDEST_BAR = 60
_LEAST_BAR = 4


def comparison_watcher(console: Console, quiet: bool) -> Watcher:
    """The board on a terminal that can move its cursor, plain lines elsewhere, silence when `quiet`."""
    if quiet:
        return Silent()
    return Board(console) if console.is_terminal and not console.is_dumb_terminal else PlainLines(console)


def size_text(outline: Outline) -> list[str]:
    """The size of what is about to run, and the margin that was set before it."""
    jobs = "1 job" if outline.jobs == 1 else f"{outline.jobs} jobs"
    return [
        f"{outline.studies} studies x {outline.runs - 1} runs x {outline.epochs} epochs",
        f"{outline.trials} settings each",
        f"margin {number(outline.margin, 2)} in {label(outline.metric)}",
        jobs,
    ]


class PlainLines:
    """For logs and pipes: a line at the start, one whenever studies are recorded. No results yet: who peeks is misled."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._studies = 0

    def began(self, outline: Outline) -> None:
        self._studies = outline.studies
        names = ", ".join(outline.optimizers)
        self._say(f"{outline.run}: {names}: {', '.join((*size_text(outline), outline.data))}")
        for notice in outline.notices:
            self._say(f"note: {notice}")

    def moved(self, stage: Stage) -> None:
        pass

    def recorded(self, studies: int) -> None:
        self._say(f"study {studies}/{self._studies} recorded")

    def warned(self, message: str) -> None:
        self._say(f"warning: {message}")

    def close(self) -> None:
        pass

    def _say(self, line: str) -> None:
        self._console.print(clean(line), soft_wrap=True)


class Silent:
    """Says nothing at all."""

    def began(self, outline: Outline) -> None:
        pass

    def moved(self, stage: Stage) -> None:
        pass

    def recorded(self, studies: int) -> None:
        pass

    def warned(self, message: str) -> None:
        pass

    def close(self) -> None:
        pass


class Board:
    """Shows a comparison on a terminal, redrawn by the calls it gets. `close` must be called, whatever happened."""

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self._console = console
        self._clock = clock
        self._live = Live(
            console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False, vertical_overflow="crop"
        )
        self._outline: Outline | None = None
        self._stage: Stage | None = None
        self._recorded = 0
        self._began = 0.0
        self._drawn = -math.inf

    def began(self, outline: Outline) -> None:
        for notice in outline.notices:
            self._console.print(Text(plain(f"note: {notice}"), style="dim"))
        self._outline, self._recorded, self._began = outline, outline.done, self._clock()
        self._live.start()
        self._draw()

    def moved(self, stage: Stage) -> None:
        self._stage = stage
        self._draw()

    def recorded(self, studies: int) -> None:
        self._recorded, self._stage = studies, None
        self._draw()

    def warned(self, message: str) -> None:
        self._console.print(Text(plain(f"warning: {message}"), style="yellow"))

    def close(self) -> None:
        if self._outline is not None:
            self._stage = None
            self._drawn = -math.inf
            self._draw()
            self._live.stop()
            self._outline = None

    def _draw(self) -> None:
        now = self._clock()
        if self._outline is None or now - self._drawn < _SECONDS_APART:
            return
        width, height = self._console.size
        lines = frame(self._outline, self._stage, self._recorded, now - self._began, width)
        self._live.update(Group(*lines[: height - 1]), refresh=True)
        self._drawn = now


def frame(outline: Outline, stage: Stage | None, recorded: int, elapsed: float, width: int) -> list[Text]:
    """The board's lines, none wider than `width`. elapsed: seconds since this command began its first study."""
    return [
        Text.assemble((plain(outline.run), "bold"), "  ", (plain(outline.data), "dim"), no_wrap=True, overflow="ellipsis"),
        clean(joined(size_text(outline), width), "dim"),
        clean(""),
        _progress(outline, stage, recorded, elapsed, width),
        *(_phases(outline, stage, width) if stage else ()),
    ]


def _progress(outline: Outline, stage: Stage | None, recorded: int, elapsed: float, width: int) -> Text:
    under_way = 0.0
    if stage is not None and (runs := outline.runs - 1) > 0:
        under_way = min((stage.last - stage.first + 1), _done_in(outline, stage) / runs)
    share = min(1.0, (recorded + under_way) / outline.studies)
    before = outline.done / outline.studies
    left = elapsed * (1 - share) / (share - before) if elapsed >= _FIRST_ESTIMATE and share > before else 0.0
    time_text = f"about {duration(math.ceil(left))} left" if left else duration(elapsed)
    tail = f"  {recorded}/{outline.studies} studies  {time_text}"
    length = max(_LEAST_BAR, min(_WIDEST_BAR, width - len(tail)))
    full = int(share * length)
    return Text.assemble(("━" * full, "cyan"), ("─" * (length - full), "dim"), tail, no_wrap=True, overflow="ellipsis")


def _done_in(outline: Outline, stage: Stage) -> float:
    """Runs of the studies in hand that have ended, those of the steps before this one included."""
    studies = stage.last - stage.first + 1
    search = outline.trials * len(outline.optimizers)
    before = {"search": 0, "rerun": search, "test": outline.runs - 1 - (outline.seeds + 1) * len(outline.optimizers)}
    return before.get(stage.step, 0) * studies + sum(stage.trained.values())


def _phases(outline: Outline, stage: Stage, width: int) -> Iterator[Text]:
    studies = f"study {stage.first + 1}" if stage.first == stage.last else f"studies {stage.first + 1}-{stage.last + 1}"
    yield clean(f"{studies}: {stage.step}")
    longest = max(map(len, outline.optimizers))
    for name in outline.optimizers:
        trained, of = stage.trained.get(name, 0), stage.of.get(name, 0)
        length = max(_LEAST_BAR, min(_WIDEST_BAR // 2, width - longest - 14))
        full = length * trained // of if of else 0
        bar = "━" * full + "─" * (length - full)
        yield clean(f"  {plain(name):<{longest}}  {bar}  {trained}/{of}")
