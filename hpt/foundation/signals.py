"""Ctrl-C before a command listens to it."""

from __future__ import annotations

import signal
from types import FrameType

_heard = False


def defer() -> None:
    """From now on the first Ctrl-C is only noted, for `heard`; the next ones raise KeyboardInterrupt. Where it is ignored it stays so.

    What it would be raised in may be an import that catches everything, or a callback out of which nothing can be raised.
    """
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _note)


def heard() -> bool:
    """Whether Ctrl-C came since `defer`."""
    return _heard


def _note(number: int, frame: FrameType | None) -> None:
    global _heard  # a signal comes to the process
    if _heard:
        raise KeyboardInterrupt
    _heard = True
