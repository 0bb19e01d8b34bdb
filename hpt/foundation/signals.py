"""Ctrl-C before a command listens to it: it ends the command, and is remembered where something swallows that."""

from __future__ import annotations

import signal
from types import FrameType

_heard = False


def remember() -> None:
    """From now on Ctrl-C raises KeyboardInterrupt, as ever, and `heard` knows of it. Where it is ignored it stays so."""
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, _note)


def heard() -> bool:
    """Whether Ctrl-C came since `remember`: an import may catch all that is raised in it, and go on."""
    return _heard


def _note(number: int, frame: FrameType | None) -> None:
    global _heard  # a signal comes to the process
    _heard = True
    raise KeyboardInterrupt
