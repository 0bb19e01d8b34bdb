"""The winner where settings were trained again: who is, what they are worth, who comes first."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy import stats

from hpt.configuration.options import SELECTIONS
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import contenders, standings
from hpt.training.objective import Objective

LOSS = Objective.parse("validation_loss")
ACCURACY = Objective.parse("validation_accuracy")


def record(trial: int, value: float | None, rate: float = 0.0, setting: int | None = None) -> TrialRecord:
    state, phase = ("completed" if value is not None else "diverged"), ("search" if setting is None else "refit")
    at = {"optimizer.learning_rate": rate}
    return TrialRecord(trial, 0, 1, state, 3, "epochs", None, value, at, at, {}, {}, phase, setting)  # type: ignore[arg-type]


def study(runs: Sequence[Sequence[float | None]]) -> list[TrialRecord]:
    """A trial of the search for each setting, of ever higher value, and its runs."""
    searched = [record(number, 0.1 * number, number) for number in range(len(runs))]
    pairs = [(setting, value) for setting, values in enumerate(runs) for value in values]
    return [*searched, *(record(len(runs) + i, value, setting, setting) for i, (setting, value) in enumerate(pairs))]


@given(st.integers(1, 10_000), st.sampled_from(sorted(SELECTIONS)))
def test_a_seventh_of_the_trials_at_most_is_kept_back(trials: int, select: str) -> None:
    kept = SELECTIONS[select].function(trials)
    assert 0 <= kept <= min(30, 0.15 * trials)
    assert kept % 3 == 0
    assert (kept > 0) == (select == "refit" and trials >= 40)


def test_distinct_settings_are_trained_again_the_best_first() -> None:
    ranked = [record(4, 0.1, 1.0), record(7, 0.2, 1.0), record(1, None, 2.0), record(2, 0.3, 3.0), record(3, 0.4, 4.0)]
    assert [r.trial for r in contenders(ranked, 6)] == [4, 2] * 3
    assert [r.trial for r in contenders(ranked[:2], 6)] == [4] * 6
    assert contenders(ranked[2:3], 6) == []
    many = [record(trial, 0.1 * trial, trial) for trial in range(40)]
    assert [r.trial for r in contenders(many, 30)] == [*range(10)] * 3


@pytest.mark.parametrize("objective", [LOSS, ACCURACY])
def test_the_best_mean_wins_and_its_interval_has_the_spread_of_all(objective: Objective) -> None:
    runs = [[0.5, 0.9, 0.7], [0.6, 0.62, 0.58], [0.8, 0.82, 0.78]]
    first, *_ = standings(objective, study(runs))
    winner = runs[1] if objective is LOSS else runs[2]
    pooled = math.sqrt(np.mean([np.var(values, ddof=1) for values in runs]))
    half = stats.t.ppf(0.975, 6) * pooled / math.sqrt(3)
    assert first.expected is not None
    assert first.expected.value == pytest.approx(np.mean(winner))
    low, high = np.mean(winner) - half, np.mean(winner) + half
    assert (first.expected.low, first.expected.runs) == (pytest.approx(low), 3)
    assert first.expected.high == pytest.approx(high if objective is LOSS else min(high, 1.0))
    assert first.median.value == sorted(winner)[1]


def test_a_setting_that_diverged_once_does_not_win() -> None:
    board = Leaderboard.of(LOSS, study([[0.1, None, 0.1], [0.5, 0.6, 0.7]]))
    assert board.chosen is not None
    assert board.chosen.setting.trial == 1
    assert board.best is not None
    assert board.best.value == 0.6


def test_where_all_diverged_or_the_search_goes_on_the_lowest_wins() -> None:
    settled = study([[0.5, 0.6, 0.7], [0.2, 0.3, 0.1]])
    diverged = Leaderboard.of(LOSS, study([[0.5, None], [None, 0.3]]))
    going_on = Leaderboard.of(LOSS, [*settled, record(8, 0.9, 9.0)])
    for board in (diverged, going_on):
        assert board.chosen is None
        assert board.best is not None
        assert (board.best.trial, board.best.phase) == (0, "search")


def test_the_interval_keeps_to_what_the_objective_can_be() -> None:
    wide = [[0.0, 0.9, 0.3], [0.9, 1.0, 0.2]]
    expected = standings(LOSS, study(wide))[0].expected
    assert expected is not None
    assert expected.low == 0.0
    expected = standings(ACCURACY, study(wide))[0].expected
    assert expected is not None
    assert expected.high == 1.0
