"""A winner that was better before it ended is told of, noise is not."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pytest

from hpt.study.leaderboard import Leaderboard
from hpt.training.objective import Objective
from hpt.view.selection import turned
from tests.terminal.samples import make_record

NOISE = np.random.default_rng(1).normal(0, 0.01, 40)
EPOCHS = np.arange(40)


def board(curve: Sequence[float], value: float | None = None, metric: str = "validation_loss") -> Leaderboard:
    curve = tuple(map(float, curve))
    record = replace(make_record(0, curve[-1] if value is None else value), history={metric: curve}, epochs=len(curve))
    return Leaderboard.of(Objective.parse(metric), [record])


def test_a_curve_that_turned_up() -> None:
    curve = 0.5 + 0.02 * np.abs(EPOCHS - 5) + NOISE
    said = turned(board(curve))
    assert said is not None
    assert f"at epoch {int(np.argmin(curve)) + 1}," in said
    assert "checkpoint: best_validation" in said
    assert turned(board(1 - curve, metric="validation_accuracy")) is not None
    assert turned(board(curve, value=float(min(curve)))) is None


@pytest.mark.parametrize("curve", [np.exp(-EPOCHS / 10), 0.5 + NOISE, np.exp(-EPOCHS / 5) + 0.3 + NOISE, np.full(40, 0.5)])
def test_a_curve_that_did_not(curve: np.ndarray) -> None:
    assert turned(board(curve)) is None


def test_no_winner_and_a_short_curve_have_no_turn() -> None:
    assert turned(Leaderboard.of(Objective.parse("validation_loss"), [])) is None
    assert turned(board([0.1, 0.2, 0.9])) is None
