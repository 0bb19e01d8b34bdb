"""How far a study has come, and what is said of it while it goes on."""

from __future__ import annotations

from dataclasses import dataclass, replace

from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Plan, Progress
from hpt.view.constraints import no_winner
from hpt.view.formats import with_error
from hpt.view.leaderboard import state_counts
from hpt.view.progress import jobs_text, seconds_left


@dataclass(frozen=True, slots=True)
class StudyProgress:
    """What is known of a study under way, which had `recorded_before` trials when it `began`; last heard of when it was `seen`.

    Times are seconds of a monotonic clock.
    """

    plan: Plan
    leaderboard: Leaderboard
    generation: Progress | None
    recorded_before: int
    began: float
    seen: float

    def recorded(self) -> StudyProgress:
        """The same by the leaderboard alone: it holds what ended, or the generation was given up."""
        generation = self.generation and replace(self.generation, training=0, ended=0)
        return replace(self, generation=generation)

    @property
    def ended(self) -> int:
        """Trials that have ended, recorded or not."""
        return len(self.leaderboard.records) + (self.generation.ended if self.generation else 0)

    @property
    def share(self) -> float:
        """How much of the study is done, 0..1; a trial under way counts by its epochs."""
        under_way = self.generation.training * self.generation.epoch / self.plan.epochs if self.generation else 0.0
        return min(1.0, (self.ended + under_way) / self.plan.trials)

    def seconds_left(self, now: float) -> float | None:
        """Wall seconds to go at the pace since the start, None where it cannot be told."""
        before = self.recorded_before / self.plan.trials
        return seconds_left(self.seen - self.began, before, self.share, now - self.seen)


def plan_size(plan: Plan) -> list[str]:
    """The size of what is about to run: trials x epochs, the population where it was said, jobs."""
    said = [] if plan.population is None else [f"population {plan.population}"]
    return [f"{plan.trials} trials x {plan.epochs} epochs", *said, jobs_text(plan.jobs)]


def started_line(plan: Plan) -> str:
    """The first line of a log: what is about to run, on which data."""
    return f"{plan.run}: {', '.join((*plan_size(plan), plan.data))}"


def recorded_line(progress: Progress, leaderboard: Leaderboard, trials: int) -> str:
    """The line of a log after a generation. trials: how many are planned."""
    best = leaderboard.best
    winner = (
        f"{no_winner(leaderboard)} yet"
        if best is None
        else f"best {leaderboard.objective.metric} {with_error(best.value, best.value_error)} (trial {best.trial})"
    )
    unfinished = [text for text in state_counts(leaderboard) if not text.endswith("completed")]
    done = f"{len(leaderboard.records)}/{trials} trials"
    return f"generation {progress.generation + 1}: {', '.join((done, winner, *unfinished))}"
