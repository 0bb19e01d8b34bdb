"""The winner where promising settings were trained again: the setting that is worth most with fresh initialisations.

The lowest of many values is low by luck too, which a fresh initialisation does not have. So a study keeps back a part of its trials,
trains its best settings again a few times each, and takes the one with the best mean.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from statistics import fmean

from hpt.foundation.distributions import student_t_quantile
from hpt.runs.trial_record import TrialRecord
from hpt.training.objective import Objective

REFIT = "refit"
"""The phase of trials that train a setting again."""
MOST_SETTINGS = 10
RUNS = 3
"""Fresh initialisations of each setting, where there are settings enough."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The objective that a setting leads to: the mean of `runs` fresh initialisations, and its 95% interval."""

    value: float
    low: float
    high: float
    runs: int


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting that was trained again. setting: its trial in the search. runs: those again. expected: None where one diverged."""

    setting: TrialRecord
    runs: tuple[TrialRecord, ...]
    expected: Expected | None

    @property
    def median(self) -> TrialRecord:
        """The run in the middle of the completed ones, of two in the middle the lower: that of a typical initialisation."""
        completed = sorted((run for run in self.runs if run.value is not None), key=_value)
        return completed[(len(completed) - 1) // 2]


def searching(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """The trials among `records` that searched, which is what halving and samplers learn from."""
    return [record for record in records if record.phase != REFIT]


def contenders(ranked: Iterable[TrialRecord], runs: int) -> list[TrialRecord]:
    """The trials whose settings are to be trained again, one for each of `runs` runs; empty where no trial was completed.

    They are the first distinct settings among `ranked`, which is best first. Where there are fewer than usual they have more runs.
    """
    most = min(MOST_SETTINGS, max(1, runs // RUNS))
    distinct: dict[str, TrialRecord] = {}
    for record in ranked:
        if record.state == "completed" and record.phase != REFIT:
            distinct.setdefault(json.dumps(record.coordinates, sort_keys=True), record)
            if len(distinct) == most:
                break
    chosen = list(distinct.values())
    return [chosen[run % len(chosen)] for run in range(runs)] if chosen else []


def standings(objective: Objective, records: Iterable[TrialRecord]) -> tuple[Standing, ...]:
    """The settings that were trained again, best mean first; those of which a run diverged last.

    The interval of a mean takes its standard error from the spread of the runs of all settings together, each about its own mean.
    """
    trials = {record.trial: record for record in records}
    runs: dict[int, list[TrialRecord]] = {}
    for number in sorted(trials):
        if (setting := trials[number].setting) is not None and trials[number].phase == REFIT:
            runs.setdefault(setting, []).append(trials[number])
    values = {setting: [_value(run) for run in group if run.state == "completed"] for setting, group in runs.items()}
    freedom = sum(len(found) - 1 for found in values.values() if found)
    squares = sum((value - fmean(found)) ** 2 for found in values.values() if found for value in found)
    spread = student_t_quantile(0.025, freedom) * math.sqrt(squares / freedom) if freedom else 0.0
    found = [
        Standing(trials[setting], tuple(group), _expected(objective, values[setting], spread, len(group)))
        for setting, group in runs.items()
    ]
    return tuple(sorted(found, key=lambda standing: _place(objective, standing)))


def chosen(objective: Objective, records: Sequence[TrialRecord]) -> Standing | None:
    """The winner where `records` end with settings trained again; None where they do not, or each of these diverged once."""
    if max(records, key=lambda record: record.trial).phase != REFIT:
        return None
    first = standings(objective, records)[0]
    return first if first.expected is not None else None


def _expected(objective: Objective, values: Sequence[float], spread: float, runs: int) -> Expected | None:
    """The mean of `values` with its interval, within what the objective can be; None where there are fewer than `runs`."""
    if len(values) < runs:
        return None
    value = fmean(values)
    low, high = value - spread / math.sqrt(runs), value + spread / math.sqrt(runs)
    if objective.direction == "minimize":
        return Expected(value, max(low, min(value, 0.0)), high, runs)
    return Expected(value, low, min(high, max(value, 1.0)), runs)


def _place(objective: Objective, standing: Standing) -> tuple[bool, float, int]:
    expected = standing.expected
    return (expected is None, objective.cost(expected.value) if expected else 0.0, standing.setting.trial)


def _value(record: TrialRecord) -> float:
    assert record.value is not None, "a completed trial has a value"
    return record.value
