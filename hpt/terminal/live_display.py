"""Lines on a terminal that are redrawn in place."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from threading import Event, Lock, Thread
from typing import Protocol

from rich.console import Console, Group
from rich.live import Live
from rich.text import Text

from hpt.terminal.footprint import Footprint
from hpt.terminal.styles import STYLES
from hpt.view.text import plain

# A redraw costs milliseconds of the time that training could have: redraws are so many seconds apart at least,
_SECONDS_APART = 0.25
# and so many times what the last one took.
_COSTS_APART = 30
# Where nothing happens the clock moves on, once in so many seconds.
_TICK = 1.0
# Messages above the display keep this share of the screen's lines at most.
_MESSAGES = 4
_LEAST_BAR = 4
_USUAL_TIMES = ("1m 20s, about 1m 20s left", "about 1m 20s left")


class Frame(Protocol):
    """Makes the lines to be shown at the time `now`, in seconds of the display's clock; `final` where they will stay."""

    def __call__(self, now: float, width: int, height: int, *, final: bool) -> Sequence[Text]: ...


class LiveDisplay:
    """Redrawn by the calls it gets, and between them by a thread, one frame at a time.

    A call between two redraws costs microseconds. `stop` must be called, whatever happened: it draws the final state and
    gives the cursor back. The thread ends with it; workers are not forked from this process, so none inherits its locks.
    """

    def __init__(self, console: Console, clock: Callable[[], float] = time.monotonic) -> None:
        self.clock = clock
        self._console = console
        self._live = Live(
            console=console, auto_refresh=False, redirect_stdout=False, redirect_stderr=False, vertical_overflow="crop"
        )
        self._frame: Frame | None = None
        self._drawn = -math.inf
        self._apart = _SECONDS_APART
        self._message_lines = 0
        self._lock = Lock()
        self._stopped = Event()
        self._thread: Thread | None = None

    def start(self, frame: Frame) -> None:
        """Shows what `frame` makes, from now on."""
        self._frame = frame
        self._live.start()
        self.draw()
        self._stopped.clear()
        # Where the system has no thread left the display moves with its calls alone.
        with suppress(RuntimeError):
            thread = Thread(target=self._tick, name="display", daemon=True)
            thread.start()
            self._thread = thread

    def draw(self) -> None:
        """Shows the state as it is now, unless it was shown a moment ago."""
        with self._lock:
            now = self.clock()
            if self._frame is not None and now - self._drawn >= self._apart:
                self._live.update(self._lines(self._frame, now, final=False), refresh=True)
                self._drawn = self.clock()
                self._apart = max(_SECONDS_APART, _COSTS_APART * (self._drawn - now))

    def stop(self) -> None:
        """Shows the state for the last time."""
        self._stopped.set()
        if self._thread is not None:
            self._thread.join()
            self._thread = None
        with self._lock:
            if self._frame is not None:
                self._live.update(self._lines(self._frame, self.clock(), final=True))
                self._live.stop()
                self._frame = None

    def note(self, text: str) -> None:
        """Something to know, above the display."""
        self._say(Text(plain(f"note: {text}"), style="dim"))

    def warn(self, text: str) -> None:
        """A warning, above the display."""
        self._say(Text(plain(f"warning: {text}"), style=STYLES["warning"]))

    def _say(self, text: Text) -> None:
        with self._lock:
            self._message_lines += -(-text.cell_len // self._console.width)
            self._console.print(text)

    def _tick(self) -> None:
        while not self._stopped.wait(_TICK):
            self.draw()

    def _lines(self, frame: Frame, now: float, *, final: bool) -> Group:
        width, height = self._console.size
        # The last line belongs to the cursor.
        room = height - 1 - min(self._message_lines, height // _MESSAGES)
        return Group(*frame(now, width, room, final=final))


def timed_bar(share: float, count: str, times: Sequence[str], width: int, footprint: Footprint) -> Text:
    """A bar, full as far as `share`, with `count` and a time behind it: the first of `times`, the last where `width` is short."""
    usual = [len(f"  {count}  {time}") for time in _USUAL_TIMES]
    short = 2 * width < 3 * usual[0]
    behind = f"  {count}  {times[-1 if short else 0]}"
    length = max(_LEAST_BAR, width - footprint.least("behind the bar", max(len(behind), usual[short])))
    full = int(share * length)
    return Text.assemble(
        ("━" * full, "turquoise4"), ("─" * (length - full), "dim"), behind, no_wrap=True, overflow="ellipsis"
    )


def heading(name: str, data: str) -> Text:
    """The name of a run and the data it is about."""
    return Text.assemble((plain(name), "bold"), "  ", (plain(data), "dim"), no_wrap=True, overflow="ellipsis")
