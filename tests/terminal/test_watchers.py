from __future__ import annotations

import io
import re
from dataclasses import replace

import pytest
from rich.cells import cell_len
from rich.console import Console, Group

from hpt.study.watching import Progress
from hpt.terminal.plain_lines import StudyLines, TrainingLines
from hpt.terminal.study_board import StudyBoard, footprint_of, frame
from hpt.terminal.watchers import Silent, study_watcher
from hpt.view.leaderboard import best_so_far
from hpt.view.study_progress import StudyProgress
from tests.terminal.samples import PLAN, make_leaderboard, make_record, make_study


def console(width: int = 80, *, terminal: bool = True, **options: object) -> Console:
    return Console(file=io.StringIO(), width=width, height=24, force_terminal=terminal, **options)  # type: ignore[arg-type]


def written(console: Console) -> str:
    assert isinstance(console.file, io.StringIO)
    return console.file.getvalue()


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize("final", [False, True])
@pytest.mark.parametrize("width", [20, 40, 80, 200])
@pytest.mark.parametrize("trials", [0, 1, 75, 200])
def test_the_board_keeps_to_its_lines_and_width(shown, width: int, trials: int, final: bool) -> None:
    progress = StudyProgress(PLAN, make_study(trials), Progress(2, 9, 16, 6), 0, 0.0, 10.0)
    for height in (5, 20):
        lines = frame(progress, 10.0, width, height, footprint_of(PLAN), final=final)
        assert len(lines) <= height
        printed = shown(Group(*lines), width)
        assert len(printed) == len(lines)
        assert all(cell_len(line) <= width for line in printed)


def test_the_board_shows_winner_progress_and_counts() -> None:
    records = [
        make_record(3, 0.5, optimizer="sgd"),
        make_record(17, 0.0812, optimizer="adam", **{"optimizer.adam.learning_rate": 0.003214}),
        make_record(4, 0.7, "pruned", 6, optimizer="sgd"),
        make_record(5, None, "diverged", 2, optimizer="sgd"),
    ]
    progress = StudyProgress(PLAN, make_leaderboard(records), Progress(2, 9, 16, 6), 0, 0.0, 10.0)
    text = "\n".join(line.plain for line in frame(progress, 10.0, 80, 20, footprint_of(PLAN), final=False))
    for part in (
        "digits-2  digits: 1797 rows, 64 features [/]",
        "200 trials x 20 epochs · population 25 · 2 jobs",
        "best validation_loss  0.08120  trial 17 · validation_accuracy 0.9812",
        "optimizer=adam  learning_rate=0.00321",
        "20/200 trials",
        "generation 3 · 9 training, at epoch 6/20",
        "2 completed · 1 pruned · 1 diverged",
    ):
        assert part in text
    assert [line.split()[:4] for line in text.splitlines()[-4:]] == [
        ["1", "17", "0.08120", "20"],
        ["2", "3", "0.5000", "20"],
        ["3", "4", "0.7000", "6"],
        ["4", "5", "-", "2"],
    ]


def test_time_left_is_told_from_the_pace_of_this_command() -> None:
    plan = replace(PLAN, trials=100)

    def left(seen: float, trials: int = 60) -> float | None:
        return StudyProgress(plan, make_study(trials), None, 40, 100.0, seen).seconds_left(seen)

    assert left(100.5) is None
    assert left(130.0) == pytest.approx(60.0)
    assert left(130.0, trials=40) is None
    assert StudyProgress(plan, make_study(40), Progress(1, 10, 5, 10), 40, 0.0, 0.0).share == pytest.approx(0.5)


def test_best_so_far_follows_the_order_of_trials() -> None:
    leaderboard = make_leaderboard(
        [make_record(1, 0.5), make_record(2, 0.1, "pruned"), make_record(0, None, "diverged"), make_record(3, 0.4)]
    )
    assert best_so_far(leaderboard) == [None, 0.5, 0.5, 0.4]


def test_redraws_are_a_quarter_of_a_second_apart_and_the_last_state_is_drawn() -> None:
    clock, screen = Clock(), console()
    board = StudyBoard(screen, clock)
    board.began(PLAN, make_study(0))
    for step in range(1, 1001):
        clock.now = step / 1000
        board.moved(Progress(0, 25, 0, 1))
    assert written(screen).count("digits-2") == 5
    board.recorded(Progress(0, 0, 25, 20), make_study(25))
    assert "25/200 trials" not in written(screen)
    board.close()
    assert written(screen).count("digits-2") == 6
    assert "25/200 trials" in written(screen)
    assert written(screen).endswith("\x1b[?25h")
    board.close()
    assert written(screen).count("digits-2") == 6


def test_recorded_trials_are_not_counted_twice() -> None:
    clock, screen = Clock(), console(no_color=True, color_system=None)
    board = StudyBoard(screen, clock)
    board.began(PLAN, make_study(0))
    clock.now = 1.0
    board.moved(Progress(0, 0, 25, 20))
    assert "25/200 trials" in written(screen)
    board.recorded(Progress(0, 0, 25, 20), make_study(25))
    board.close()
    assert "50/200" not in written(screen)


def test_trials_of_a_generation_given_up_are_not_counted() -> None:
    screen = console(no_color=True, color_system=None)
    board = StudyBoard(screen)
    board.began(PLAN, make_study(25))
    board.moved(Progress(1, 9, 16, 6))
    board.close()
    assert re.findall(r"(\d+)/200 trials  ", written(screen))[-1] == "25"


def test_a_board_that_never_began_can_be_closed() -> None:
    screen = console()
    StudyBoard(screen).close()
    assert written(screen) == ""


def test_messages_stand_above_the_board_without_their_escapes() -> None:
    screen = console()
    board = StudyBoard(screen)
    board.began(PLAN, make_study(0))
    board.warned("trial 3 [/red] \x1b[2J diverged")
    board.close()
    text = re.sub(r"\x1b\[[0-9;?]*[a-zA-Z]", "", written(screen))
    assert "note: 10 classes: [2Jclassification" in text
    assert "warning: trial 3 [/red] [2J diverged" in text
    assert "\x1b[2J" not in written(screen)


def test_no_color_is_honoured(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", "1")
    screen = console(color_system="standard")
    board = StudyBoard(screen)
    board.began(PLAN, make_study(30))
    board.close()
    assert not re.search(r"\x1b\[(\d+;)*(3[0-7]|9[0-7])m", written(screen))


def test_off_a_terminal_a_generation_is_a_plain_line() -> None:
    screen = console(40, terminal=False)
    lines = StudyLines(screen)
    lines.began(PLAN, make_study(0))
    lines.moved(Progress(0, 25, 0, 1))
    lines.recorded(Progress(0, 0, 25, 20), make_leaderboard([make_record(0, None, "diverged", 3)]))
    records = [make_record(17, 0.0812), make_record(1, 0.7, "pruned", 6), make_record(0, None, "diverged", 3)]
    lines.recorded(Progress(2, 0, 25, 20), make_leaderboard(records))
    lines.warned("[/] \x1b[0m")
    lines.close()
    assert written(screen).splitlines() == [
        "digits-2: 200 trials x 20 epochs, population 25, 2 jobs, digits: 1797 rows, 64 features [/]",
        "note: 10 classes: [2Jclassification",
        "generation 1: 1/200 trials, no trial was completed yet, 1 diverged",
        "generation 3: 3/200 trials, best validation_loss 0.08120 (trial 17), 1 pruned, 1 diverged",
        "warning: [/] [0m",
    ]


def test_the_watcher_suits_where_the_output_goes(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TERM", "xterm-256color")
    assert isinstance(study_watcher(console(), quiet=True), Silent)
    assert isinstance(study_watcher(console(), quiet=False), StudyBoard)
    assert isinstance(study_watcher(console(terminal=False), quiet=False), StudyLines)
    monkeypatch.setenv("TERM", "dumb")
    assert isinstance(study_watcher(console(), quiet=False), StudyLines)


@pytest.mark.parametrize("width", [40, 60, 80, 120])
def test_a_line_of_an_epoch_breaks_no_number(width: int) -> None:
    console = Console(file=io.StringIO(), width=width, force_terminal=True, color_system=None)
    lines = TrainingLines(console, 1, quiet=False)
    lines.moved(1, {"train_loss": 1.25613, "validation_loss": 0.467512, "validation_accuracy": 0.891423}, None)
    (line,) = console.file.getvalue().splitlines()
    assert len(line) <= width
    assert line.startswith("epoch 1/1: train_loss 1.256")
    assert line.endswith(("1.256", "0.4675", "0.8914"))
