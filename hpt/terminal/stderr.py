"""Messages on stderr. A stderr that can no longer be written to never ends the command."""

from __future__ import annotations

import os
import sys
from contextlib import suppress
from typing import IO, Any, cast

from rich.console import Console

from hpt.view.text import plain


class _Stderr:
    """stderr; where it cannot be written to, because its reader, its terminal or its disk space is gone, output is dropped."""

    def write(self, text: str) -> int:
        try:
            sys.stderr.write(text)
        except OSError:
            _discard()
        return len(text)

    def flush(self) -> None:
        try:
            sys.stderr.flush()
        except OSError:
            _discard()

    def __getattr__(self, name: str) -> Any:
        return getattr(sys.stderr, name)


def _discard() -> None:
    """Points stderr at the null device, what is still buffered included."""
    with suppress(OSError):
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
        sys.stderr.flush()


def stderr_console() -> Console:
    """A console on stderr that raises nothing when stderr fails."""
    return Console(stderr=True, highlight=False, file=None if sys.stderr is None else cast(IO[str], _Stderr()))


def tell(line: str) -> None:
    """A line on stderr, without control characters: it may hold what a user typed or a file contains."""
    if sys.stderr is not None:
        _Stderr().write(f"{plain(line)}\n")
