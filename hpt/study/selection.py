"""The winner that is chosen: the setting that is worth most with fresh initialisations.

The lowest of many values is low by luck too, which a fresh initialisation does not have. So a study keeps back a part of its trials,
trains promising settings again a few times each, and takes the one that is then worth most. Promising are, of the best
seen, those that a model of the search finds best, since it averages luck over neighbours; it can also choose the winner by itself, without
training.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from hpt.configuration.options import refit_settings
from hpt.configuration.space import SearchSpace
from hpt.numerics.partial_pooling import pooled
from hpt.runs.trial_record import TrialRecord
from hpt.search.surrogate import Worth, enough, reaches, worths
from hpt.training.objective import Objective

REFIT = "refit"
"""The phase of trials that train a setting again."""
MOST_SEEN = 20
"""A model chooses among so many settings, the first by the value seen."""


@dataclass(frozen=True, slots=True)
class Expected:
    """The objective that a setting leads to, and its 95% interval.

    It is what `runs` fresh initialisations came to, drawn towards what a model forecast, less the luck of the best of several settings;
    where there are none, what a model says, and then the interval is that of one training.
    """

    value: float
    low: float
    high: float
    runs: int

    @property
    def unsure(self) -> float:
        """Half of the interval, of which one end may have been cut at what is possible."""
        return max(self.value - self.low, self.high - self.value)


@dataclass(frozen=True, slots=True)
class Standing:
    """A setting that was trained again. setting: its trial in the search. runs: those again.

    expected: None where one of these may not win, as it diverged or violates a constraint.
    """

    setting: TrialRecord
    runs: tuple[TrialRecord, ...]
    expected: Expected | None

    @property
    def median(self) -> TrialRecord:
        """The run in the middle of the completed ones, of two in the middle the one that is nearer to what the setting is worth.

        It is that of a typical initialisation.
        """
        completed = sorted((run for run in self.runs if run.value is not None), key=_value)
        middle = completed[(len(completed) - 1) // 2 : len(completed) // 2 + 1]
        worth = self.expected.value if self.expected else _value(middle[0])
        return min(middle, key=lambda run: (abs(_value(run) - worth), run.trial))


def searching(records: Iterable[TrialRecord]) -> list[TrialRecord]:
    """The trials among `records` that searched, which is what halving and samplers learn from."""
    return [record for record in records if record.phase != REFIT]


def contenders(
    space: SearchSpace, objective: Objective, ranked: Sequence[TrialRecord], runs: int
) -> list[tuple[TrialRecord, float | None]]:
    """The trials whose settings are to be trained again, and what a model expects of each, one for each of `runs` runs.

    Empty where no trial was completed, or the runs are too few to tell settings apart. ranked: all trials, best first. The first, so that
    its luck is known, and the best of the others by the model. Where there are fewer settings than usual they have more runs; where there
    is no model it expects None.
    """
    seen, modelled = distinct(ranked), enough(_known(objective, ranked)[1])
    # The first seen, then by the model.
    found = sorted(_by_model(space, objective, ranked), key=lambda each: each[0] is not seen[0])
    chosen = [(record, objective.value(worth.cost) if modelled else None) for record, worth in found[: refit_settings(runs)]]
    return [chosen[run % len(chosen)] for run in range(runs)] if chosen else []


def modelled(space: SearchSpace, objective: Objective, ranked: Sequence[TrialRecord]) -> Standing | None:
    """The setting that is best by the model; None where there are too few trials for one. ranked: all trials, best first."""
    if not enough(_known(objective, ranked)[1]):
        return None
    for record, worth in _by_model(space, objective, ranked)[:1]:
        ends = (objective.value(worth.low), objective.value(worth.high))
        return Standing(record, (record,), Expected(objective.value(worth.cost), min(ends), max(ends), 0))
    return None


def what_matters(space: SearchSpace, objective: Objective, ranked: Sequence[TrialRecord], best: TrialRecord) -> str | None:
    """The hyperparameter along which a model's cost differs most among the best settings of the branch of `best`; None without one."""
    known, costs = _known(objective, ranked)
    label = space.label(dict(best.coordinates))
    near = [r.trial for r in distinct(ranked) if space.label(dict(r.coordinates)) == label]
    numbers = [r.trial for r in known]
    among = [numbers.index(trial) for trial in near]
    found = reaches(space, [dict(r.coordinates) for r in known], costs, numbers.index(best.trial), among)
    return max(found, key=found.__getitem__) if found and max(found.values()) > 0 else None


def recorded_choice(chosen: Standing | None) -> dict[str, float] | None:
    """What `run.json` keeps of a choice that no record shows: that of a model."""
    if chosen is None or chosen.expected is None or chosen.expected.runs:
        return None
    return {
        "trial": chosen.setting.trial,
        "value": chosen.expected.value,
        "low": chosen.expected.low,
        "high": chosen.expected.high,
    }


def choice_of(recorded: Mapping[str, float] | None, records: Iterable[TrialRecord]) -> Standing | None:
    """The choice that `run.json` kept; None where it kept none, or not of these records."""
    if recorded is None or not recorded.keys() >= {"trial", "value", "low", "high"}:
        return None
    expected = Expected(recorded["value"], recorded["low"], recorded["high"], 0)
    found = (record for record in records if record.trial == recorded["trial"] and record.value is not None)
    return next((Standing(record, (record,), expected) for record in found), None)


def _by_model(space: SearchSpace, objective: Objective, ranked: Sequence[TrialRecord]) -> list[tuple[TrialRecord, Worth]]:
    """The distinct settings with what they are worth by the model, best first by that."""
    known, costs = _known(objective, ranked)
    worth = dict(zip((r.trial for r in known), worths(space, [dict(r.coordinates) for r in known], costs), strict=True))
    return sorted(((r, worth[r.trial]) for r in distinct(ranked)), key=lambda found: (found[1].cost, found[0].trial))


def _known(objective: Objective, ranked: Sequence[TrialRecord]) -> tuple[list[TrialRecord], list[float]]:
    """The trials that a model is made of, and their costs, +inf where one diverged."""
    known = [r for r in searching(ranked) if r.state in ("completed", "diverged")]
    return known, [objective.cost(r.value) if r.state == "completed" else math.inf for r in known]


def distinct(ranked: Iterable[TrialRecord]) -> list[TrialRecord]:
    """The first MOST_SEEN trials of the search that may win and have settings of their own."""
    found: dict[str, TrialRecord] = {}
    for record in ranked:
        if record.phase != REFIT and record.eligible and len(found) < MOST_SEEN:
            found.setdefault(json.dumps(record.coordinates, sort_keys=True), record)
    return list(found.values())


def standings(objective: Objective, records: Iterable[TrialRecord]) -> tuple[Standing, ...]:
    """The settings that were trained again, that which is worth most first; those of which a run diverged or violates a constraint last.

    What a setting is worth is estimated from the runs of all of them together, since the best of several means is best by luck too: each
    mean is drawn towards what the model forecast of its setting, which may be off by the same for all. Where one has no forecast, no
    other counts.
    """
    trials = {record.trial: record for record in records}
    runs: dict[int, list[TrialRecord]] = {}
    for number in sorted(trials):
        if (setting := trials[number].setting) is not None and trials[number].phase == REFIT:
            runs.setdefault(setting, []).append(trials[number])
    values = {setting: [_value(run) for run in group if run.state == "completed"] for setting, group in runs.items()}
    known = {setting: group for setting, group in values.items() if group}
    worth = _worth(known, {setting: runs[setting][-1].forecast for setting in known})
    found = [
        Standing(
            trials[setting],
            tuple(group),
            _expected(objective, *worth[setting], len(group)) if all(run.eligible for run in group) else None,
        )
        for setting, group in runs.items()
    ]
    return tuple(sorted(found, key=lambda standing: _place(objective, standing)))


def chosen(objective: Objective, records: Sequence[TrialRecord]) -> Standing | None:
    """The winner where `records` end with settings trained again; None where they do not, or none of these may win.

    A few more trials, too few to be kept back for another choice, leave it.
    """
    again = max((record.trial for record in records if record.phase == REFIT), default=None)
    if again is None or refit_settings(len(records) - 1 - again):
        return None
    first = standings(objective, records)[0]
    return first if first.expected is not None else None


def _worth(values: Mapping[int, Sequence[float]], forecast: Mapping[int, float | None]) -> dict[int, tuple[float, float]]:
    """What each setting is worth, within what was seen of all, and half of its interval; values: of its runs."""
    told = {setting: of for setting, of in forecast.items() if of is not None}
    about = told if len(told) == len(values) else dict.fromkeys(values, 0.0)
    beyond = pooled([[value - about[setting] for value in group] for setting, group in values.items()])
    seen = [value for group in values.values() for value in group]
    return {
        setting: (min(max(about[setting] + value, min(seen)), max(seen)), half)
        for setting, (value, half) in zip(values, beyond, strict=True)
    }


def _expected(objective: Objective, value: float, half: float, runs: int) -> Expected:
    """What a setting is worth by so many runs, with its interval, within what the objective can be."""
    low, high = value - half, value + half
    if objective.direction == "minimize":
        return Expected(value, max(low, min(value, 0.0)), high, runs)
    return Expected(value, low, min(high, max(value, 1.0)), runs)


def _place(objective: Objective, standing: Standing) -> tuple[bool, float, int]:
    expected = standing.expected
    return (expected is None, objective.cost(expected.value) if expected else 0.0, standing.setting.trial)


def _value(record: TrialRecord) -> float:
    assert record.value is not None, "a completed trial has a value"
    return record.value
