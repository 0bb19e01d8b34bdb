"""Which watcher suits where the output goes."""

from __future__ import annotations

from rich.console import Console

from hpt.compare import watching as comparison
from hpt.study import watching as study
from hpt.terminal.comparison_board import ComparisonBoard
from hpt.terminal.plain_lines import ComparisonLines, StudyLines
from hpt.terminal.study_board import StudyBoard


class Silent:
    """A watcher of anything that says nothing at all."""

    def began(self, *facts: object, **named: object) -> None:
        pass

    def moved(self, *facts: object, **named: object) -> None:
        pass

    def recorded(self, *facts: object, **named: object) -> None:
        pass

    def warned(self, message: str) -> None:
        pass

    def close(self) -> None:
        pass


def study_watcher(console: Console, quiet: bool) -> study.Watcher:
    """The board on a terminal that can move its cursor, plain lines elsewhere, silence when `quiet`."""
    if quiet:
        return Silent()
    return StudyBoard(console) if _can_redraw(console) else StudyLines(console)


def comparison_watcher(console: Console, quiet: bool) -> comparison.Watcher:
    """The board on a terminal that can move its cursor, plain lines elsewhere, silence when `quiet`."""
    if quiet:
        return Silent()
    return ComparisonBoard(console) if _can_redraw(console) else ComparisonLines(console)


def _can_redraw(console: Console) -> bool:
    return console.is_terminal and not console.is_dumb_terminal
