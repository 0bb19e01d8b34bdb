"""How far a comparison has come, and what is said of it while it goes on: no results, who peeks is misled."""

from __future__ import annotations

from dataclasses import dataclass

from hpt.compare.watching import Outline, Stage
from hpt.view.formats import metric_name, number
from hpt.view.progress import jobs_text, seconds_left


@dataclass(slots=True)
class ComparisonProgress:
    """What is known of a comparison under way, which `began` at a time in seconds of a monotonic clock."""

    outline: Outline
    recorded: int
    stage: Stage | None
    began: float

    @property
    def share(self) -> float:
        """How much of the comparison is done, 0..1; a study under way counts by its runs."""
        return min(1.0, (self.recorded + self._under_way()) / self.outline.studies)

    def seconds_left(self, now: float) -> float | None:
        """Wall seconds to go at the pace since the start, None before it can be told."""
        return seconds_left(now - self.began, self.outline.done / self.outline.studies, self.share)

    def _under_way(self) -> float:
        """Studies' worth of runs that have ended in the studies in hand."""
        runs = self.outline.runs - 1
        if self.stage is None or runs <= 0:
            return 0.0
        studies = self.stage.last - self.stage.first + 1
        return min(studies, self._ended(self.stage, studies) / runs)

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


def recorded_line(studies: int, planned: int) -> str:
    """The line of a log after a study."""
    return f"study {studies}/{planned} recorded"


def studies_text(stage: Stage) -> str:
    """Which studies are in hand, and what they are busy with."""
    studies = f"study {stage.first + 1}" if stage.first == stage.last else f"studies {stage.first + 1}-{stage.last + 1}"
    return f"{studies}: {stage.step}"
