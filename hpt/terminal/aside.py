"""What is told beside the result: on stderr, and never a reason to stop."""

from __future__ import annotations

import os
import sys

from rich.console import Console


class Aside(Console):
    """A console on stderr that falls silent when its reader has left; the work goes on."""

    def __init__(self) -> None:
        super().__init__(stderr=True, highlight=False)

    def on_broken_pipe(self) -> None:
        self.quiet = True
        del self._buffer[:]
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stderr.fileno())
