"""Trials that the rows behind them cannot tell apart."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hpt.configuration.config import read
from hpt.runs.trial_record import TrialRecord
from hpt.study.leaderboard import Leaderboard
from hpt.study.ranking_certainty import _ERRORS, doubtful_ranking
from hpt.study.study_data import StudyData, study_data
from hpt.training.objective import Objective


def a_study(folder: Path, source: str, *changes: str) -> StudyData:
    path = folder / "study.yaml"
    path.write_text("\n".join([f"data: {{source: {source}, {', '.join(changes)}}}", "optimizer: {choose: [adam]}"]))
    return study_data(read(path, mode="tune"), settle=True)


def board(data: StudyData, values: list[float], errors: float | None = None, metric: str = "validation_loss") -> Leaderboard:
    records = [
        TrialRecord(i, 0, len(values), "completed", 3, "epochs", None, value, {}, {"x": i}, {}, value_error=errors)
        for i, value in enumerate(values)
    ]
    return Leaderboard.of(Objective.parse(metric), records)


def test_the_spread_of_the_first_ten_is_held_against_the_error_over_folds(tmp_path: Path) -> None:
    data = a_study(tmp_path, "iris", "folds: 4")
    close = [0.5 + 0.001 * i for i in range(10)]
    said = doubtful_ranking(board(data, [*close, 9.0], 0.02), data)
    assert said is not None
    assert said.startswith("the first 10 settings cannot be told apart: they differ by 0.009 in validation_loss")
    assert "over 120 validation rows in 4 folds is about 0.02" in said
    assert doubtful_ranking(board(data, [*close[:9], 0.6, 9.0], 0.02), data) is None
    assert doubtful_ranking(board(data, [0.5], 0.02), data) is None


def test_a_part_of_the_rows_has_an_estimated_error(tmp_path: Path) -> None:
    data = a_study(tmp_path, "digits")
    accuracies = [0.97 - 0.0005 * i for i in range(10)]
    said = doubtful_ranking(board(data, accuracies, metric="validation_accuracy"), data)
    assert said is not None
    assert f"about {(0.97 * 0.03 / 359) ** 0.5:.2g}" in said
    assert doubtful_ranking(board(data, [0.97, 0.9], metric="validation_accuracy"), data) is None
    assert doubtful_ranking(board(data, accuracies, metric="train_accuracy"), data) is None


def test_settings_that_were_trained_again_count_once(tmp_path: Path) -> None:
    data = a_study(tmp_path, "iris", "folds: 4")
    first = board(data, [0.5, 0.6, 0.9], 0.2)
    again = replace(first.records[0], trial=9, phase="refit", setting=0, value=0.1)
    assert doubtful_ranking(first.extended([again]), data) is None
    same = replace(first.records[0], trial=8)
    said = doubtful_ranking(Leaderboard.of(first.objective, [first.records[0], first.records[1], same]), data)
    assert said is not None
    assert "the first 2 settings" in said


def test_very_few_rows_say_little_whatever_they_show(tmp_path: Path) -> None:
    data = a_study(tmp_path, "iris", "validation: 0.1")
    said = doubtful_ranking(board(data, [0.1, 5.0]), data)
    assert said == (
        "trials are ranked by 15 validation rows: too few to tell which settings are better. Look for more rows."
    )


@pytest.mark.parametrize(
    ("metric", "value"),
    [("rmse", lambda e: np.sqrt((e**2).mean(1))), ("mae", lambda e: np.abs(e).mean(1)), ("loss", lambda e: (e**2).mean(1))],
)
def test_errors_of_a_regression_are_those_of_normal_errors(metric: str, value) -> None:  # type: ignore[no-untyped-def]
    drawn = value(np.random.default_rng(0).normal(0, 3, (20_000, 40)))
    assert _ERRORS["regression", metric](float(drawn.mean()), 40) == pytest.approx(drawn.std(), rel=0.03)
