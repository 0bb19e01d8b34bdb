"""Ctrl-C once ends a run in order, twice at once; before a command listens it is only noted."""

from __future__ import annotations

import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from types import FrameType

from hpt.foundation.errors import INTERRUPTED

_SHOW_CURSOR = "\x1b[?25h\n"


class Deferred:
    """A handler of SIGINT that notes the first Ctrl-C in `heard`; the next ones raise KeyboardInterrupt."""

    def __init__(self) -> None:
        self.heard = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.heard:
            raise KeyboardInterrupt
        self.heard = True


def defer() -> None:
    """From now on the first Ctrl-C is noted for `listening`. Where Ctrl-C is ignored it stays so.

    It could else be raised in an import that catches everything, or in a callback out of which nothing can be raised.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, Deferred())


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

    heeded = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, on_signal) for number in heeded}
    deferred = before.get(signal.SIGINT)
    try:
        # Ctrl-C may have come while modules were loaded.
        interrupts.requested = interrupts.requested or (isinstance(deferred, Deferred) and deferred.heard)
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
