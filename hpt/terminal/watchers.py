"""Which watcher suits where the output goes."""

from __future__ import annotations

from typing import TYPE_CHECKING

from rich.console import Console

if TYPE_CHECKING:
    from hpt.compare import watching as comparison
    from hpt.study import watching as study


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
    if _can_redraw(console):
        from hpt.terminal.study_board import StudyBoard

        return StudyBoard(console)
    from hpt.terminal.plain_lines import StudyLines

    return StudyLines(console)


def comparison_watcher(console: Console, quiet: bool) -> comparison.Watcher:
    """The board on a terminal that can move its cursor, plain lines elsewhere, silence when `quiet`."""
    if quiet:
        return Silent()
    if _can_redraw(console):
        from hpt.terminal.comparison_board import ComparisonBoard

        return ComparisonBoard(console)
    from hpt.terminal.plain_lines import ComparisonLines

    return ComparisonLines(console)


def _can_redraw(console: Console) -> bool:
    return console.is_terminal and not console.is_dumb_terminal
