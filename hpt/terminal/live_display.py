"""Lines on a terminal that are redrawn in place."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from hpt.terminal.styles import STYLES
from hpt.view.text import plain

# A redraw costs milliseconds of the time that training could have: so many seconds apart.
_SECONDS_APART = 0.25


class Frame(Protocol):
    """Makes the lines to be shown at the time `now`, in seconds of the display's clock; `final` where they will stay."""

    def __call__(self, now: float, width: int, height: int, *, final: bool) -> Sequence[Text]: ...


class LiveDisplay:
    """Redrawn by the calls it gets: no thread that forking or a signal could trip over.

    A call between two redraws costs microseconds. `stop` must be called, whatever happened: it draws the final state and
    gives the cursor back.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._console = console
        self._live = Live(
            console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False, vertical_overflow="crop"
        )
        self._frame: Frame | None = None
        self._drawn = -math.inf

    def start(self, frame: Frame) -> None:
        """Shows what `frame` makes, from now on."""
        self._frame = frame
        self._live.start()
        self.draw()

    def draw(self) -> None:
        """Shows the state as it is now, unless it was shown a moment ago."""
        now = self.clock()
        if self._frame is not None and now - self._drawn >= _SECONDS_APART:
            self._live.update(self._lines(self._frame, now, final=False), refresh=True)
            self._drawn = self.clock()

    def stop(self) -> None:
        """Shows the state for the last time."""
        if self._frame is not None:
            self._live.update(self._lines(self._frame, self.clock(), final=True))
            self._live.stop()
            self._frame = None

    def note(self, text: str) -> None:
        """Something to know, above the display."""
        self._console.print(Text(plain(f"note: {text}"), style="dim"))

    def warn(self, text: str) -> None:
        """A warning, above the display."""
        self._console.print(Text(plain(f"warning: {text}"), style=STYLES["warning"]))

    def _lines(self, frame: Frame, now: float, *, final: bool) -> Group:
        width, height = self._console.size
        # The last line belongs to the cursor.
        return Group(*frame(now, width, height - 1, final=final))


def progress_bar(share: float, tail: str, length: int) -> Text:
    """A bar of `length` cells, full as far as `share`, and `tail` behind it."""
    full = int(share * length)
    return Text.assemble(("━" * full, "turquoise4"), ("─" * (length - full), "dim"), tail, no_wrap=True, overflow="ellipsis")


def heading(name: str, data: str) -> Text:
    """The name of a run and the data it is about."""
    return Text.assemble((plain(name), "bold"), "  ", (plain(data), "dim"), no_wrap=True, overflow="ellipsis")
