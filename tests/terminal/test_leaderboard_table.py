from __future__ import annotations

from datetime import UTC, datetime

import pytest
from rich.cells import cell_len

from hpt.terminal.page import RichPage
from hpt.view.leaderboard import companion, leaderboard_table
from hpt.view.page import Page, Table
from hpt.view.runs import RunRow, runs_table
from tests.terminal.samples import make_leaderboard, make_record, make_study

WIDTHS = (40, 80, 200)


def one(table: Table) -> RichPage:
    return RichPage(Page([[table]]))


@pytest.mark.parametrize("width", WIDTHS)
def test_one_line_a_trial_in_order(shown, width: int) -> None:
    leaderboard = make_study(60)
    lines = shown(one(leaderboard_table(leaderboard, 10)), width)
    assert len(lines) == 12
    assert all(cell_len(line) <= width for line in lines)
    assert [int(line.split()[1]) for line in lines[1:11]] == [record.trial for record in leaderboard.records[:10]]
    assert lines[-1] == "and 50 more"


def test_columns_by_width(shown) -> None:
    titles = {width: shown(one(leaderboard_table(make_study(60), 10)), width)[0].split() for width in WIDTHS}
    assert titles[40][:4] == ["#", "trial", "value", "optimizer"]
    assert titles[80][:7] == ["#", "trial", "value", "epochs", "state", "optimizer", "learning_rate"]
    assert titles[80][-1].startswith("+")
    assert set(titles[200]) >= {"batch_size", "activation", "momentum", "betas.0", "betas.1"}


def test_trials_without_a_value_are_shown(shown) -> None:
    leaderboard = make_leaderboard([make_record(0, None, "diverged", 3), make_record(1, None, "failed", 0)])
    lines = shown(one(leaderboard_table(leaderboard, 5)), 80)
    assert lines[1].split() == ["1", "0", "-", "3", "diverged"]
    assert lines[2].split() == ["2", "1", "-", "0", "failed"]
    assert shown(one(leaderboard_table(make_leaderboard([]), 5)), 80) == ["no trials yet"]


def test_an_asked_metric_gets_a_column(shown) -> None:
    lines = shown(one(leaderboard_table(make_leaderboard([make_record(4, 0.08)]), 5, ["validation_accuracy"])), 80)
    assert lines[0].split() == ["#", "trial", "value", "accuracy", "epochs", "state"]
    assert "0.9812" in lines[1]


def test_names_cannot_drive_the_terminal(shown) -> None:
    record = make_record(0, 0.1, **{"model.activation": "\x1b[2J[/]", "optimizer": "a\nb"})
    lines = shown(one(leaderboard_table(make_leaderboard([record]), 5)), 80)
    assert len(lines) == 2
    assert "[2J[/]" in lines[1]
    assert "\x1b" not in "".join(lines)


def test_the_companion_is_taken_on_the_same_rows() -> None:
    assert companion(make_record(0, 0.1).metrics, "validation_loss") == "validation_accuracy"
    assert companion(make_record(0, 0.1).metrics, "validation_accuracy") is None
    assert companion(make_record(0, 0.1).metrics, "train_loss") is None


@pytest.mark.parametrize("width", WIDTHS)
def test_one_line_a_run(shown, width: int) -> None:
    rows = [
        RunRow("digits", "tune", "completed", 200, 200, "validation_loss", 0.0812, datetime(2025, 3, 1, 12, 5, tzinfo=UTC)),
        RunRow("w" * 64, "compare", "interrupted", 20, 1152, "test_loss", None, datetime(2025, 3, 2, tzinfo=UTC)),
    ]
    lines = shown(one(runs_table(rows)), width)
    assert len(lines) == 3
    assert all(cell_len(line) <= width for line in lines)
    assert "digits" in lines[1]
    assert "0.08120" in lines[1]
    if width == 200:
        assert lines[1].split() == [
            "digits",
            "tune",
            "completed",
            "200/200",
            "validation_loss",
            "0.08120",
            "03-01",
            "12:05",
        ]
    assert shown(one(runs_table([])), width) == ["no runs yet"]
