"""The watchers that draw nothing: plain lines, and silence."""

from __future__ import annotations

from rich.console import Console

from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Plan, Progress
from hpt.terminal.formats import number
from hpt.terminal.tables import counts_text
from hpt.terminal.text import clean, plain


def size_text(plan: Plan) -> list[str]:
    """The size of what is about to run: trials x epochs, population, jobs."""
    jobs = "1 job" if plan.jobs == 1 else f"{plan.jobs} jobs"
    return [f"{plan.trials} trials x {plan.epochs} epochs", f"population {plan.population}", jobs]


class PlainLines:
    """For logs and pipes: a line at the start, one a generation."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._trials = 0

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        self._trials = plan.trials
        self._say(": ".join((plain(plan.run), ", ".join((*size_text(plan), plan.data)))))
        for notice in plan.notices:
            self._say(f"note: {notice}")

    def moved(self, progress: Progress) -> None:
        pass

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        best = leaderboard.best
        winner = (
            "no trial completed yet"
            if best is None
            else f"best {leaderboard.objective.metric} {number(best.value)} (trial {best.trial})"
        )
        unfinished = [text for text in counts_text(leaderboard) if not text.endswith("completed")]
        done = f"{len(leaderboard.records)}/{self._trials} trials"
        self._say(f"generation {progress.generation + 1}/{progress.generations}: {', '.join((done, winner, *unfinished))}")

    def warned(self, message: str) -> None:
        self._say(f"warning: {message}")

    def close(self) -> None:
        pass

    def _say(self, line: str) -> None:
        self._console.print(clean(line), soft_wrap=True)


class Silent:
    """Says nothing at all."""

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        pass

    def moved(self, progress: Progress) -> None:
        pass

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        pass

    def warned(self, message: str) -> None:
        pass

    def close(self) -> None:
        pass
