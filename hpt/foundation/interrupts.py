"""Ctrl-C or SIGTERM once ends a run in order, twice at once; before a command listens they are only noted."""

from __future__ import annotations

import os
import signal
import sys
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from queue import SimpleQueue
from types import FrameType
from typing import Any

from hpt.foundation.errors import INTERRUPTED
from hpt.foundation.garbage import collect

_SHOW_CURSOR = "\x1b[?25h\n"


class Deferred:
    """A handler that notes the first signal in `heard`; the next ones raise KeyboardInterrupt."""

    def __init__(self) -> None:
        self.heard = False

    def __call__(self, number: int, frame: FrameType | None) -> None:
        if self.heard:
            raise KeyboardInterrupt
        self.heard = True


_ORDINARY: Mapping[signal.Signals, Any] = {signal.SIGINT: signal.default_int_handler, signal.SIGTERM: signal.SIG_DFL}


def defer() -> None:
    """From now on the first Ctrl-C or SIGTERM is noted for `listening`. Where one is ignored it stays so.

    It could else be raised in an import that catches everything, or in a callback out of which nothing can be raised, or leave a
    folder with nothing in it.
    """
    deferred = Deferred()
    for number, ordinary in _ORDINARY.items():
        if signal.getsignal(number) is ordinary:
            signal.signal(number, deferred)


def answer() -> None:
    """From now on signals end the process, as they do where nothing was deferred. Raises KeyboardInterrupt where one has come."""
    heard = False
    for number, ordinary in _ORDINARY.items():
        if isinstance(handler := signal.getsignal(number), Deferred):
            signal.signal(number, ordinary)
            heard = heard or handler.heard
    if heard:
        raise KeyboardInterrupt


class Interrupts:
    """Whether someone asked to stop, by SIGINT or SIGTERM."""

    def __init__(self) -> None:
        self.requested = False


@contextmanager
def listening(warn: Callable[[str], None]) -> Iterator[Interrupts]:
    """Within, the first SIGINT or SIGTERM is noted and told to `warn`, in a thread; the second ends the process.

    A signal that is ignored stays so: whoever started the process in the background wants that.
    """
    collect()
    interrupts = Interrupts()
    if threading.current_thread() is not threading.main_thread():
        # Only the main thread hears signals; what runs elsewhere is somebody else's to stop.
        yield interrupts
        return

    # A handler runs in the middle of whatever the main thread writes, and nothing may write there a second time.
    asked: SimpleQueue[bool] = SimpleQueue()

    def tell() -> None:
        if asked.get():
            warn("Stopping after the step in hand. Once more stops at once.")

    teller = threading.Thread(target=tell, name="interrupts", daemon=True)

    def on_signal(number: int, frame: FrameType | None) -> None:
        if interrupts.requested:
            if sys.stderr is not None and sys.stderr.isatty():
                with suppress(OSError):
                    os.write(sys.stderr.fileno(), _SHOW_CURSOR.encode())
            os._exit(INTERRUPTED)
        interrupts.requested = True
        asked.put(True)

    # Where the system has no thread left a signal is noted all the same.
    with suppress(RuntimeError):
        teller.start()
    heeded = [number for number in (signal.SIGINT, signal.SIGTERM) if signal.getsignal(number) != signal.SIG_IGN]
    before = {number: signal.signal(number, on_signal) for number in heeded}
    try:
        # A signal may have come while modules were loaded.
        deferred = [handler for handler in before.values() if isinstance(handler, Deferred)]
        interrupts.requested = interrupts.requested or any(handler.heard for handler in deferred)
        yield interrupts
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        asked.put(False)
        if teller.is_alive():
            teller.join()
