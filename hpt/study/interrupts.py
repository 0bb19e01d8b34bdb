"""Ctrl-C once ends a run in order, twice at once."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from hpt.foundation.errors import INTERRUPTED
from hpt.foundation.signals import heard

_SHOW_CURSOR = "\x1b[?25h\n"


class Interrupts:
    """Whether someone asked to stop, by SIGINT or SIGTERM."""

    def __init__(self) -> None:
        self.requested = False


@contextmanager
def listening(warn: Callable[[str], None]) -> Iterator[Interrupts]:
    """Within, the first SIGINT or SIGTERM is noted and told to `warn`, the second ends the process.

    A signal that is ignored stays so: whoever started the process in the background wants that.
    """
    interrupts = Interrupts()

    def on_signal(number: int, frame: FrameType | None) -> None:
        if interrupts.requested:
            if sys.stderr is not None and sys.stderr.isatty():
                with suppress(OSError):
                    os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode())
            os._exit(INTERRUPTED)
        interrupts.requested = True
        warn("Stopping after the step in hand. Once more stops at once.")

    minded = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, on_signal) for number in minded}
    try:
        # Ctrl-C may have come while modules were loaded.
        interrupts.requested = interrupts.requested or heard()
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
