"""Which trials of a run have their curves drawn, and by which metric."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from hpt.analysis.showing import Shown, trial_of
from hpt.configuration.space import BRANCH
from hpt.foundation.catalogue import nearest
from hpt.foundation.errors import InputError
from hpt.runs.trial_record import TrialRecord
from hpt.training.objective import Objective

BEST_PER_BRANCH = "best-per-branch"
MOST_CURVES = 12
"""More lines in one picture cannot be told apart."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """The trials whose curves are drawn; left_out: the best of the branches for which one picture has no room."""

    records: tuple[TrialRecord, ...]
    left_out: tuple[TrialRecord, ...] = ()


def chosen(shown: Shown, wanted: str, metric: str) -> Chosen:
    """The trials that `wanted` names: numbers with commas between them, or the best of each branch that followed `metric`.

    Raises InputError where it names nothing, too much, or a trial that is not recorded.
    """
    if wanted == BEST_PER_BRANCH:
        best: dict[object, TrialRecord] = {}
        for record in shown.board.records:
            if record.state == "completed" and metric in record.history:
                best.setdefault(record.parameters.get(BRANCH), record)
        if not best:
            raise InputError(f"--curves: {shown.run.name} has no completed trial yet. Name trials: --curves 0,1.")
        found = tuple(best.values())
        return Chosen(found[:MOST_CURVES], found[MOST_CURVES:])
    numbers = [text.strip() for text in wanted.split(",")]
    if not all(text.isascii() and text.isdecimal() for text in numbers):
        raise InputError(f"--curves: expected trials such as 0,3,7, or {BEST_PER_BRANCH}, found {wanted}.")
    trials = list(dict.fromkeys(map(int, numbers)))
    if len(trials) > MOST_CURVES:
        raise InputError(f"--curves: expected at most {MOST_CURVES} trials in one picture, found {len(trials)}.")
    return Chosen(tuple(trial_of(shown, trial) for trial in trials))


def followed(records: Iterable[TrialRecord], objectives: Sequence[Objective], metric: str | None) -> str:
    """What all `records` followed epoch by epoch: `metric`, or the objective, or the loss where that is measured at the end alone.

    Raises InputError where they did not follow `metric`, or nothing together.
    """
    histories = [record.history for record in records if record.history]
    known = [name for name in histories[0] if all(name in history for history in histories)] if histories else []
    if not known:
        raise InputError("these trials have no metric in common that was recorded epoch by epoch.")
    if metric is None:
        names = [name for objective in objectives for name in (objective.metric, str(objective.beside("loss")))]
        return next((name for name in names if name in known), known[0])
    if metric not in known:
        near = nearest(metric, known)
        hint = f"Did you mean {near}?" if near else f"There are: {', '.join(known)}."
        raise InputError(f"--metric: expected what was followed epoch by epoch, found {metric}. {hint}")
    return metric
