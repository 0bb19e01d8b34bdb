"""The watchers for logs and pipes: a plain line now and then, nothing redrawn."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from rich.console import Console
from rich.text import Text

from hpt.compare.watching import Outline, Stage
from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Plan, Progress
from hpt.terminal.fitted_text import joined
from hpt.view import comparison_progress, study_progress
from hpt.view.formats import number
from hpt.view.text import plain


class PlainLines:
    """What all of them do: lines are not broken, messages say what they are."""

    def __init__(self, console: Console) -> None:
        self._console = console

    def warned(self, message: str) -> None:
        self.say(f"warning: {message}")

    def close(self) -> None:
        pass

    def say(self, *lines: str) -> None:
        """A line for each of `lines`."""
        for line in lines:
            # A terminal gets its lines broken between words, a log whole ones.
            self._console.print(Text(plain(line)), soft_wrap=not self._console.is_terminal)


class StudyLines(PlainLines):
    """Of a study: a line at the start, one a generation."""

    _trials = 0

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        self._trials = plan.trials
        self.say(study_progress.started_line(plan), *(f"note: {notice}" for notice in plan.notices))

    def moved(self, progress: Progress) -> None:
        pass

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        self.say(study_progress.recorded_line(progress, leaderboard, self._trials))


class ComparisonLines(PlainLines):
    """Of a comparison: a line at the start, one a study."""

    _outline: Outline | None = None
    _scores: tuple[Mapping[str, float], ...] = ()

    def began(self, outline: Outline) -> None:
        self._outline, self._scores = outline, outline.scores
        self.say(comparison_progress.started_line(outline), *(f"note: {notice}" for notice in outline.notices))

    def moved(self, stage: Stage) -> None:
        pass

    def recorded(self, scores: Mapping[str, float]) -> None:
        if self._outline is not None:
            self._scores = (*self._scores, scores)
            self.say(comparison_progress.recorded_line(self._outline, self._scores))


class TrainingLines(PlainLines):
    """Of one training run: some twenty lines, or the last epochs of a slow one."""

    def __init__(self, console: Console, epochs: int, *, quiet: bool) -> None:
        super().__init__(console)
        self._every = max(1, epochs // 20)
        self._next = self._every
        self._epochs = epochs
        self._quiet = quiet

    def moved(self, epoch: int, metrics: Mapping[str, float], parameters: Mapping[str, Sequence[float]] | None) -> None:
        """Epoch `epoch` is done, with its `metrics` and, for a small model, the `parameters` after it."""
        if epoch < self._next:
            return
        self._next = epoch - epoch % self._every + self._every
        shown = [f"{name} {number(metrics[name])}" for name in sorted(metrics, key=_place)]
        for name, values in (parameters or {}).items():
            shown.append(f"{name} {', '.join(number(value) for value in values)}")
        first = f"epoch {epoch}/{self._epochs}: "
        # A terminal would break a long line within a number; a log keeps all of it.
        fitting = joined(shown, self._console.width - len(first), "  ") if self._console.is_terminal else "  ".join(shown)
        self.say(first + fitting)

    def say(self, *lines: str) -> None:
        """A line for each of `lines`, unless quiet."""
        if not self._quiet:
            super().say(*lines)


def _place(metric: str) -> tuple[bool, bool, bool]:
    """The order in which metrics leave a line that is too short for all, the last first: the losses tell most."""
    loss = metric.endswith("_loss")
    return metric == "learning_rate", not loss, not loss and not metric.startswith("validation_")
