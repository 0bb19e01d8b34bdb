"""What to change after a study that gave no result to use."""

from __future__ import annotations

import sys
from typing import Any

from hpt.configuration.config import Config
from hpt.evaluate.baselines import Baselines
from hpt.foundation.catalogue import Range, Values
from hpt.runs.trial_record import TrialRecord
from hpt.study.baselines import worse_than_constant
from hpt.study.leaderboard import Leaderboard
from hpt.study.study_data import StudyData
from hpt.yaml.diagnostics import listed

_MANY = 0.25
"""A share of trials that were not trained which is worth a word."""


def doubt(board: Leaderboard, known: Baselines) -> str | None:
    """What to change where the winner is worse than a constant; None where it is not, or there is none."""
    if not worse_than_constant(board, known):
        return None
    return (
        "the winner is worse than a model that answers the same for every row: there is no result. Train longer "
        "(training.epochs), widen the learning rates, or look at the data: the inputs may say nothing of the target."
    )


def advice_on(config: Config, board: Leaderboard, data: StudyData) -> str | None:
    """What to change where no trial may win; None where none has ended."""
    if not board.records:
        return None
    if (nearest := board.nearest) is not None:
        return _beyond_constraints(nearest, each_time=any(record.eligible for record in board.records))
    counts = board.counts()
    if counts["diverged"] < counts["total"]:
        return f"no trial was completed: {counts['diverged']} diverged, {counts['failed']} failed."
    objective = data.objective.metric
    loss = str(data.objective.beside("loss"))
    if all(record.metrics.get(objective) is None and record.metrics.get(loss) is not None for record in board.records):
        return f"{objective} is not defined for these rows or answers. Take another study.objective, such as {loss}."
    ranges = []
    for label, branch in config.space.branches.items():
        least = _least(branch["learning_rate"])
        written = f"{{min: {least / 1000:.3g}, max: {least:.3g}, scale: log}}"
        ranges.append(f"{config.space.prefix(label)}.learning_rate: {written}")
    scale = "" if data.problem.classes else " or the target is far from unit scale (data.standardize_target)"
    return f"every trial diverged, most likely because the learning rates are too high{scale}. Try {'; '.join(ranges)}."


def _least(rates: Any) -> float:
    """The lowest of the learning rates that were searched, or about that where the range begins at 0."""
    if isinstance(rates, Range):
        return rates.min or rates.max / 100
    return float(min(rates.values)) if isinstance(rates, Values) else float(rates)


def mostly_barred(board: Leaderboard) -> str | None:
    """What to change where constraints kept many trials from being trained; None where they did not."""
    untrained = [record for record in board.records if record.violates and not record.epochs]
    if not untrained or len(untrained) < _MANY * len(board.records):
        return None
    texts = listed(sorted({text for record in untrained for text in record.violates}))
    return (
        f"{len(untrained)} of {len(board.records)} trials were not trained, as they would violate {texts}. Narrow what shapes the model"
        " (model.hidden)."
    )


def beyond(excess: float | None) -> str:
    """How far a trial is beyond a constraint that it violates."""
    if excess is None:
        return "not measured"
    if excess <= sys.float_info.min:
        return "it is at the limit"
    percent = 100 * excess
    return f"by {percent:.0f}% of the limit" if percent >= 10 else f"by {percent:.2g}% of the limit"


def _beyond_constraints(nearest: TrialRecord, *, each_time: bool) -> str:
    """Which constraints the nearest trial violates. each_time: whether settings kept them once, and not when trained again."""
    by = [f"{text} ({beyond(nearest.constraints[text])})" for text in nearest.violates]
    kept = "no setting keeps study.constraints each time it is trained" if each_time else "no trial keeps study.constraints"
    return f"{kept}. Nearest is trial {nearest.trial}, which violates {' and '.join(by)}. Loosen them, widen the space or try more."
