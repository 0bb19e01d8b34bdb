"""What to change after a study that gave no result to use."""

from __future__ import annotations

from hpt.configuration.config import Config
from hpt.configuration.space import plain
from hpt.foundation.catalogue import Range
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.study.baselines import Baselines, worse_than_constant
from hpt.study.leaderboard import Leaderboard
from hpt.study.study_data import StudyData


def doubt(board: Leaderboard, known: Baselines) -> str | None:
    """What to change where the winner is worse than a constant; None where it is not, or there is none."""
    if not worse_than_constant(board, known):
        return None
    return (
        "no trial is as good as a model that answers the same for every row: there is no result. Train longer "
        "(training.epochs), widen the learning rates, or look at the data: the inputs may say nothing of the target."
    )


def advice_on(config: Config, board: Leaderboard, data: StudyData) -> str | None:
    """What to change where every trial ended without a value; None where none has ended."""
    if not board.records:
        return None
    counts = board.counts()
    if counts["diverged"] < counts["total"]:
        return f"no trial was completed: {counts['diverged']} diverged, {counts['failed']} failed."
    objective = data.objective.metric
    loss = str(data.objective.beside("loss"))
    if all(record.metrics.get(objective) is None and record.metrics.get(loss) is not None for record in board.records):
        return f"{objective} is not defined for these rows or answers. Take another study.objective, such as {loss}."
    ranges = []
    for label, branch in config.space.branches.items():
        row = OPTIMIZERS[branch["name"]]
        search = next(h.search for h in row.hyperparameters if h.name == "learning_rate")
        if isinstance(search, Range):
            written = ", ".join(f"{key}: {value}" for key, value in plain(search).items())
            ranges.append(f"{config.space.prefix(label)}.learning_rate: {{{written}}}")
    scale = "" if data.problem.classes else " or the target is far from unit scale (data.standardize_target)"
    return f"every trial diverged, most likely because the learning rates are too high{scale}. Try {'; '.join(ranges)}."
