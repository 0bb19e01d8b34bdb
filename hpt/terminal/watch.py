"""Which watcher suits where the output goes."""

from __future__ import annotations

from rich.console import Console

from hpt.study.watching import Watcher
from hpt.terminal.board import Board
from hpt.terminal.lines import PlainLines, Silent


def watcher(console: Console, quiet: bool) -> Watcher:
    """The board on a terminal that can move its cursor, plain lines elsewhere, silence when `quiet`."""
    if quiet:
        return Silent()
    return Board(console) if console.is_terminal and not console.is_dumb_terminal else PlainLines(console)
