"""What is told beside the result: on stderr, and never a reason to stop."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, Any, cast

from rich.console import Console

from hpt.terminal.text import plain


class _Stderr:
    """stderr, which falls silent once it takes no more: its reader has left, its terminal is gone, its disk is full."""

    def write(self, text: str) -> int:
        try:
            sys.stderr.write(text)
        except OSError:
            _silence()
        return len(text)

    def flush(self) -> None:
        try:
            sys.stderr.flush()
        except OSError:
            _silence()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def _silence() -> None:
    """Has stderr go nowhere, also what it has not yet written."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        sys.stderr.flush()


def aside() -> Console:
    """A console on stderr; the work goes on whatever becomes of it."""
    return Console(stderr=True, highlight=False, file=None if sys.stderr is None else cast(IO[str], _Stderr()))


def tell(line: str) -> None:
    """A line on stderr. What a user typed or a file holds is no order to the terminal."""
    if sys.stderr is not None:
        _Stderr().write(f"{plain(line)}\n")
