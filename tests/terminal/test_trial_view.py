from __future__ import annotations

import math

import pytest
from rich.cells import cell_len

from hpt.terminal.page import RichPage
from hpt.training.result import TrainingResult
from hpt.view.trial import training_page, trial_page
from tests.terminal.samples import make_study


@pytest.mark.parametrize("width", [40, 80, 200])
@pytest.mark.parametrize("place", [0, -1])
def test_a_trial_in_full(shown, width: int, place: int) -> None:
    leaderboard = make_study(12)
    record = leaderboard.records[place]
    lines = shown(RichPage(trial_page(record, leaderboard)), width)
    assert all(cell_len(line) <= width for line in lines)
    assert lines[0].startswith(f"trial {record.trial} · validation_loss")
    assert lines[1].startswith(f"{record.state} at epoch {record.epochs}")
    shown_paths = {line.split()[0] for line in lines if line}
    assert shown_paths >= set(record.parameters)
    assert any(line.split()[:2] == ["accuracy", "0.9812"] for line in lines if line)
    assert "validation" in "".join(lines[-8:])


def test_the_rank_is_that_of_the_leaderboard(shown) -> None:
    leaderboard = make_study(12)
    assert "rank 3 of 12" in shown(RichPage(trial_page(leaderboard.records[2], leaderboard)), 80)[0]


def test_a_training_run_says_how_it_ended(shown) -> None:
    history = {"train_loss": (2.0, 1.0), "validation_accuracy": (0.5, 0.75), "learning_rate": (0.1, 0.1)}
    metrics = {"train_loss": 1.0, "validation_accuracy": 0.75, "validation_roc_auc": math.nan}
    result = TrainingResult(0, 2, "converged", "train_loss_below", history, metrics, {})
    lines = shown(RichPage(training_page(result, "validation_loss")), 80)
    assert lines[0] == "completed at epoch 2: converged, train_loss_below"
    assert any(line.split() == ["loss", "1.000"] for line in lines)
    assert any(line.split() == ["roc_auc", "nan"] for line in lines)
    assert lines[-1].split() == ["validation_accuracy", "▁█", "0.5000", "to", "0.7500"]
    assert not any(line.startswith("learning_rate") for line in lines)


def test_a_run_that_diverged_at_once_is_shown(shown) -> None:
    result = TrainingResult(0, 1, "diverged", None, {"train_loss": (math.nan,)}, {"train_loss": math.nan}, {})
    assert shown(RichPage(training_page(result, "validation_loss")), 40)[0] == "diverged at epoch 1"
