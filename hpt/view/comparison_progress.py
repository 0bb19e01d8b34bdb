"""How far a comparison has come, and what is said of it while it goes on: scores so far, and no verdict."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from hpt.compare.watching import Outline, Stage
from hpt.training.objective import Objective
from hpt.view.formats import metric_name, number
from hpt.view.page import Column, Table
from hpt.view.progress import jobs_text, seconds_left

_LEAST_NAME = 8


@dataclass(frozen=True, slots=True)
class ComparisonProgress:
    """What is known of a comparison under way, which `began` and was last heard of when it was `seen`.

    scores: what each optimizer scored, a mapping a recorded study. Times are seconds of a monotonic clock.
    """

    outline: Outline
    scores: tuple[Mapping[str, float], ...]
    stage: Stage | None
    began: float
    seen: float

    @property
    def recorded(self) -> int:
        """How many studies are recorded."""
        return len(self.scores)

    @property
    def share(self) -> float:
        """How much of the comparison is done, 0..1; a study under way counts by its runs."""
        return min(1.0, (self.recorded + self._under_way()) / self.outline.studies)

    def seconds_left(self, now: float) -> float | None:
        """Wall seconds to go at the pace since the start, None where it cannot be told."""
        before = self.outline.done / self.outline.studies
        return seconds_left(self.seen - self.began, before, self.share, now - self.seen)

    def _under_way(self) -> float:
        """Studies' worth of runs that have ended in the studies in hand and not yet recorded."""
        runs = self.outline.runs - 1
        if self.stage is None or runs <= 0:
            return 0.0
        studies = self.stage.last - self.stage.first + 1
        unrecorded = max(0, self.stage.last + 1 - self.recorded)
        return unrecorded * min(1.0, self._ended(self.stage, studies) / (runs * studies))

    def _ended(self, stage: Stage, studies: int) -> float:
        """Runs of the studies in hand that have ended, those of the steps before this one included."""
        outline = self.outline
        search = outline.trials * len(outline.optimizers)
        before = {"search": 0, "rerun": search, "test": outline.runs - 1 - (outline.seeds + 1) * len(outline.optimizers)}
        return before.get(stage.step, 0) * studies + sum(stage.trained.values())


def outline_size(outline: Outline) -> list[str]:
    """The size of what is about to run, and the margin that was set before it."""
    return [
        f"{outline.studies} studies x {outline.runs - 1} runs x {outline.epochs} epochs",
        f"{outline.trials} settings each",
        f"margin {number(outline.margin, 2)} in {metric_name(outline.metric)}",
        jobs_text(outline.jobs),
    ]


def started_line(outline: Outline) -> str:
    """The first line of a log: what is about to run, on which data."""
    return f"{outline.run}: {', '.join(outline.optimizers)}: {', '.join((*outline_size(outline), outline.data))}"


def recorded_line(outline: Outline, scores: Sequence[Mapping[str, float]]) -> str:
    """The line of a log after a study. scores: those of all studies recorded so far."""
    so_far = ", ".join(f"{name} {number(score)}" for name, score in _medians(outline, scores).items())
    return f"study {len(scores)}/{outline.studies} recorded: {metric_name(outline.metric)} so far: {so_far}"


def optimizers_table(progress: ComparisonProgress, bar: int) -> Table:
    """A row an optimizer: a bar of `bar` cells and how many runs of the step it has behind it, and its scores so far."""
    outline, stage = progress.outline, progress.stage
    names = outline.optimizers
    trained = [(stage.trained.get(name, 0), stage.of.get(name, 0)) if stage else (0, 0) for name in names]
    fulls = [bar * ended // of if of else 0 for ended, of in trained]
    medians = _medians(outline, progress.scores)
    first = _times_first(outline, progress.scores)
    count = len(progress.scores)
    legend = (
        f"{metric_name(outline.metric).capitalize()}: the median of {count} so far; the verdict is of all {outline.studies}."
    )
    return Table(
        [
            Column("optimizer", names, importance=0, shrinks_to=_LEAST_NAME),
            Column("", ["━" * full + "─" * (bar - full) for full in fulls], importance=4),
            Column("runs", [f"{ended}/{of}" if of else "" for ended, of in trained], "right", importance=1),
            Column(
                metric_name(outline.metric),
                [medians.get(name) for name in names],
                "point",
                number,
                importance=2,
                legend=legend if count else "",
            ),
            Column("first in", [first.get(name) for name in names], "right", number, importance=3),
        ]
    )


def studies_text(progress: ComparisonProgress) -> str:
    """Which studies are in hand, and what they are busy with."""
    stage = progress.stage
    if stage is None:
        return ""
    studies = f"study {stage.first + 1}" if stage.first == stage.last else f"studies {stage.first + 1}-{stage.last + 1}"
    return f"{studies}: {stage.step}"


def _medians(outline: Outline, scores: Sequence[Mapping[str, float]]) -> dict[str, float]:
    """By optimizer the median score over studies; empty before the first."""
    return {name: median(study[name] for study in scores) for name in outline.optimizers} if scores else {}


def _times_first(outline: Outline, scores: Sequence[Mapping[str, float]]) -> dict[str, int]:
    """By optimizer in how many studies it scored best; empty before the first."""
    cost = Objective.parse(outline.metric).cost
    winners = [min(outline.optimizers, key=lambda name: cost(study[name])) for study in scores]
    return {name: winners.count(name) for name in outline.optimizers} if scores else {}
