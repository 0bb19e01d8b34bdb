"""The winner where settings were trained again: who is, what they are worth, who comes first."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.configuration.options import SELECTIONS, refit_settings
from hpt.configuration.space import SearchSpace
from hpt.foundation.catalogue import Range
from hpt.numerics.partial_pooling import pooled
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import contenders, modelled, standings
from hpt.training.objective import Objective

SPACE = SearchSpace(
    {"type": "mlp"}, {"sgd": {"name": "sgd", "learning_rate": Range(1e-4, 1.0, "log")}}, {"epochs": 1}, chosen=False
)
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
def test_a_quarter_of_the_trials_at_most_is_kept_back(trials: int, select: str) -> None:
    kept = SELECTIONS[select].function(trials)
    assert 0 <= kept <= min(30, trials / 4)
    assert (kept > 0) == (select == "refit" and trials >= 25)
    if kept:
        settings = refit_settings(kept)
        assert kept == settings * (2 if trials < 100 else 3)
        assert 2 <= settings <= 10


def test_distinct_settings_are_trained_again_the_best_first() -> None:
    ranked = [record(4, 0.1, 0.1), record(7, 0.2, 0.1), record(1, None, 0.2), record(2, 0.3, 0.3), record(3, 0.4, 0.4)]
    assert [(r.trial, expected) for r, expected in contenders(SPACE, LOSS, ranked, 6)] == [
        (4, None),
        (2, None),
        (3, None),
    ] * 2
    assert [r.trial for r, _ in contenders(SPACE, LOSS, ranked[:2], 6)] == [4] * 6
    assert contenders(SPACE, LOSS, ranked[2:3], 6) == []


def test_beside_the_first_the_model_says_who_is_promising() -> None:
    """A value that is low among high ones is luck: the setting is trained again since it is the first, its neighbours are not."""
    random = np.random.default_rng(0)
    rates = np.sort(10 ** random.uniform(-4, 0, 60))
    noise = random.normal(0, 0.05, 60)
    values = 0.2 * (np.log10(rates) + 3) ** 2 + noise + 0.3
    values[-3] = 0.0
    ranked = Leaderboard.of(
        LOSS, [record(i, float(v), float(r)) for i, (v, r) in enumerate(zip(values, rates, strict=True))]
    )
    found = contenders(SPACE, LOSS, ranked.records, 30)[:10]
    again = [r for r, _ in found]
    assert all(expected is not None and 0.25 < expected < 0.4 for _, expected in found[1:])
    assert again[0].trial == 57
    assert all(-3.6 < math.log10(r.coordinates["optimizer.learning_rate"]) < -2.4 for r in again[1:])
    by_model = modelled(SPACE, LOSS, ranked.records)
    assert by_model is not None
    assert by_model.setting in again[1:]
    assert by_model.expected is not None
    assert by_model.expected.low < 0.3 < by_model.expected.high


@pytest.mark.parametrize("objective", [LOSS, ACCURACY])
def test_the_best_mean_wins_and_is_worth_less_than_it_came_to(objective: Objective) -> None:
    runs = [[0.5, 0.9, 0.7], [0.6, 0.62, 0.58], [0.8, 0.82, 0.78]]
    first, *_ = standings(objective, study(runs))
    best = 1 if objective is LOSS else 2
    value, half = pooled(runs)[best]
    assert first.expected is not None
    assert first.expected.value == value
    assert 0.6 < value < 0.7 if objective is LOSS else 0.7 < value < 0.8
    assert (first.expected.low, first.expected.runs) == (pytest.approx(value - half), 3)
    assert first.expected.high == pytest.approx(min(value + half, 1.0))
    assert first.median.value == sorted(runs[best])[1]


def test_a_mean_is_drawn_towards_what_the_model_expected_of_its_setting() -> None:
    """Where settings come to what was expected, all off by the same, a mean of noisy runs that is lower by chance does not win."""
    random = np.random.default_rng(2)
    worth = np.linspace(0.5, 0.7, 10)
    wins = {True: 0, False: 0}
    for _ in range(60):
        runs = (worth[:, None] + random.normal(0, 0.1, (10, 3))).tolist()
        for informed in wins:
            records = [
                replace(r, forecast=worth[r.setting] + 0.3) if informed and r.setting is not None else r for r in study(runs)
            ]
            wins[informed] += standings(LOSS, records)[0].setting.trial == 0
    assert wins[True] > 40
    assert wins[False] < 30


def test_what_is_known_of_the_runs_outweighs_a_model_that_was_wrong() -> None:
    records = [
        replace(r, forecast=0.1 * (r.setting or 0)) if r.setting is not None else r
        for r in study([[0.7, 0.71, 0.69], [0.6, 0.61, 0.59], [0.5, 0.51, 0.49]])
    ]
    first = standings(LOSS, records)[0]
    assert first.setting.trial == 2
    assert first.expected is not None
    assert first.expected.value == pytest.approx(0.5, abs=0.01)


def test_where_one_setting_has_no_forecast_none_counts() -> None:
    """A study of few completed trials has no model; it may go on until it has one."""
    runs = [[0.30, 0.34], [0.31, 0.30], [0.36, 0.35]]
    plain = study(runs)
    mixed = [replace(r, forecast=0.33) if r.setting in (0, 2) else r for r in plain]
    for objective in (LOSS, ACCURACY):
        assert [s.expected for s in standings(objective, mixed)] == [s.expected for s in standings(objective, plain)]


def test_what_is_expected_lies_within_what_was_seen() -> None:
    forecasts = (0.995, 0.96, 0.97)
    records = [
        replace(r, forecast=forecasts[r.setting]) if r.setting is not None else r
        for r in study([[1.0, 1.0], [0.99, 0.98], [1.0, 0.99]])
    ]
    for standing in standings(ACCURACY, records):
        assert standing.expected is not None
        assert 0.98 <= standing.expected.value <= standing.expected.high <= 1.0


@pytest.mark.parametrize("objective", [LOSS, ACCURACY])
def test_of_two_runs_the_one_nearer_to_what_the_setting_is_worth_is_kept(objective: Objective) -> None:
    for standing in standings(objective, study([[0.5, 0.6], [0.9, 0.8], [0.7, 0.65]])):
        assert standing.expected is not None
        worth, kept = standing.expected.value, standing.median.value
        assert kept is not None
        assert abs(kept - worth) == min(abs(run.value - worth) for run in standing.runs if run.value is not None)


def test_too_few_runs_choose_nothing() -> None:
    ranked = [record(trial, 0.1 * trial, 0.1 * trial) for trial in range(1, 9)]
    assert [len(contenders(SPACE, LOSS, ranked, runs)) for runs in (1, 3, 4, 5)] == [0, 0, 4, 5]


def test_a_setting_that_diverged_once_does_not_win() -> None:
    board = Leaderboard.of(LOSS, study([[0.1, None, 0.1], [0.5, 0.6, 0.7]]))
    assert board.chosen is not None
    assert board.chosen.setting.trial == 1
    assert board.best is not None
    assert board.best.value == 0.6


def test_where_all_diverged_or_the_search_goes_on_the_lowest_wins() -> None:
    settled = study([[0.5, 0.6, 0.7], [0.2, 0.3, 0.1]])
    diverged = Leaderboard.of(LOSS, study([[0.5, None], [None, 0.3]]))
    going_on = Leaderboard.of(LOSS, [*settled, *(record(trial, 0.9, 9.0) for trial in range(8, 12))])
    # So few more that no other could be chosen leave the choice.
    assert Leaderboard.of(LOSS, [*settled, record(8, 0.9, 9.0)]).chosen == Leaderboard.of(LOSS, settled).chosen is not None
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
