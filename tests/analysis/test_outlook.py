"""Whether a study is enough: against the curve of the best after k trials, and on a space where one axis matters."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hpt.analysis.outlook import outlook
from hpt.compare.best_after import best_of
from hpt.configuration.space import SearchSpace
from hpt.foundation.catalogue import Range
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import what_matters
from hpt.training.objective import Objective

LOSS = Objective.parse("validation_loss")


def record(trial: int, value: float | None, setting: int | None = None, **at: float) -> TrialRecord:
    state, phase = ("completed" if value is not None else "diverged"), ("search" if setting is None else "refit")
    return TrialRecord(trial, 0, 1, state, 3, "epochs", None, value, at, at, {}, {}, phase, setting)  # type: ignore[arg-type]


@given(
    st.lists(st.floats(0, 9) | st.sampled_from([1e21]), min_size=10, max_size=40).filter(
        lambda v: sorted(v)[len(v) // 2] < 10
    )
)
def test_more_trials_bring_what_the_second_half_brought(values: list[float]) -> None:
    found = outlook(Leaderboard.of(LOSS, [record(i, value, x=i) for i, value in enumerate(values)])).more
    assert found is not None
    assert found.trials == len(values)
    worst = sorted(values)[len(values) // 2]
    clipped = [min(value, worst) for value in values]
    assert found.gain == pytest.approx(float(best_of(clipped, len(values) // 2)) - min(values), abs=1e-9)
    assert 0 <= found.high <= worst - min(values)


def test_the_interval_holds_the_best_of_half_of_the_trials() -> None:
    random = np.random.default_rng(0)
    values = random.random(60)
    found = outlook(Leaderboard.of(LOSS, [record(i, float(v), x=i) for i, v in enumerate(values)])).more
    assert found is not None
    halves = np.array([random.permutation(values)[:30].min() - values.min() for _ in range(4000)])
    assert np.mean(halves) == pytest.approx(found.gain, rel=0.1)
    assert np.mean(halves <= found.high) >= 0.94
    assert np.mean(halves < found.high) < 0.98


def test_few_trials_say_nothing() -> None:
    assert outlook(Leaderboard.of(LOSS, [record(i, 0.1 * i, x=i) for i in range(9)])).more is None


def test_settings_whose_means_differ_by_chance_are_alike() -> None:
    searched = [record(setting, 0.1, x=setting) for setting in range(4)]
    centers = (0.50, 0.51, 0.52, 0.90)
    again = [
        record(4 + 3 * setting + run, centers[setting] + noise, setting, x=setting)
        for setting in range(4)
        for run, noise in enumerate((-0.02, 0.0, 0.02))
    ]
    board = Leaderboard.of(LOSS, [*searched, *again])
    assert outlook(board).alike == (0, 1, 2)
    assert outlook(Leaderboard.of(LOSS, searched)).alike == ()


def test_where_all_runs_came_to_the_same_nothing_is_known_of_what_is_unsure() -> None:
    searched = [record(trial, 0.1 + 0.01 * trial, x=trial) for trial in range(12)]
    again = [record(12 + run, 0.2 + 0.1 * (run % 2), run % 2, x=run % 2) for run in range(4)]
    found = outlook(Leaderboard.of(LOSS, [*searched, *again]))
    assert found.more is not None
    assert (found.unsure, found.enough) == (0.0, None)


def test_the_axis_along_which_costs_move_matters() -> None:
    space = SearchSpace(
        {"type": "mlp", "dropout": Range(0.0, 0.5)},
        {"sgd": {"name": "sgd", "learning_rate": Range(1e-4, 1.0, "log")}},
        {"epochs": 1},
        chosen=False,
    )
    random = np.random.default_rng(1)
    rates, dropouts = 10 ** random.uniform(-4, 0, 50), random.uniform(0, 0.5, 50)
    values = np.log10(rates) ** 2 + random.normal(0, 0.05, 50)
    records = [
        record(i, float(v), **{"optimizer.learning_rate": float(r), "model.dropout": float(d)})
        for i, (v, r, d) in enumerate(zip(values, rates, dropouts, strict=True))
    ]
    ranked = Leaderboard.of(LOSS, records).records
    assert what_matters(space, LOSS, ranked, ranked[0]) == "optimizer.learning_rate"
    assert what_matters(space, LOSS, ranked[:3], ranked[0]) is None
