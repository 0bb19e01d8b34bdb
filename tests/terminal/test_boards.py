"""The boards as a terminal shows them: what stands still, what moves, what is left at the end."""

from __future__ import annotations

import io
import threading
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from rich.color import Color, ColorSystem
from rich.console import Console

from hpt.study.leaderboard import Leaderboard
from hpt.study.watching import Progress
from hpt.terminal import live_display
from hpt.terminal.charts import _STROKES
from hpt.terminal.comparison_board import ComparisonBoard
from hpt.terminal.page import RichPage
from hpt.terminal.study_board import StudyBoard, footprint_of, frame
from hpt.terminal.styles import STYLES
from hpt.view.comparison import comparison_page
from hpt.view.comparison_sentences import summary
from hpt.view.study_progress import StudyProgress
from tests.terminal.samples import PLAN, make_study
from tests.terminal.screen import Screen
from tests.terminal.test_comparison import OUTLINE, STAGE, made

PATIENCE = 10.0


class Clock:
    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class Terminal:
    """A console and the screen it writes to."""

    def __init__(self, width: int = 80, height: int = 24) -> None:
        self.console = Console(file=io.StringIO(), width=width, height=height, force_terminal=True)

    @property
    def screen(self) -> Screen:
        assert isinstance(self.console.file, io.StringIO)
        return Screen(self.console.width, self.console.height).feed(self.console.file.getvalue())


def until(seen: Callable[[], bool]) -> bool:
    end = time.monotonic() + PATIENCE
    while not seen() and time.monotonic() < end:
        time.sleep(0.005)
    return seen()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(live_display, "_TICK", 0.005)


@pytest.mark.usefixtures("quick")
def test_the_clock_of_a_study_moves_while_nothing_happens() -> None:
    threads, clock, terminal = threading.active_count(), Clock(), Terminal()
    board = StudyBoard(terminal.console, clock)
    board.began(PLAN, make_study(0))
    board.moved(Progress(0, 25, 0, 2))
    assert "0/200 trials  0s" in terminal.screen.text
    clock.now = 42.0
    assert until(lambda: "0/200 trials  42s" in terminal.screen.text)
    board.close()
    assert threading.active_count() == threads


@pytest.mark.usefixtures("quick")
def test_the_clock_of_a_comparison_moves_while_nothing_happens() -> None:
    clock, terminal = Clock(), Terminal()
    board = ComparisonBoard(terminal.console, clock)
    board.began(OUTLINE)
    board.moved(STAGE)
    clock.now = 42.0
    assert until(lambda: "1/4 studies  42s" in terminal.screen.text)
    board.close()


def test_a_board_is_shown_where_the_system_has_no_thread_left(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    terminal = Terminal()
    board = StudyBoard(terminal.console)
    board.began(PLAN, make_study(0))
    board.recorded(Progress(0, 0, 25, 20), make_study(25))
    board.close()
    assert "25/200 trials" in terminal.screen.text


def test_the_time_left_falls_until_the_next_event_and_is_not_told_once_it_is_over() -> None:
    progress = StudyProgress(replace(PLAN, trials=100), make_study(50), None, 0, 0.0, seen=100.0)
    assert progress.seconds_left(100.0) == pytest.approx(100.0)
    assert progress.seconds_left(160.0) == pytest.approx(40.0)
    assert progress.seconds_left(200.0) is None


def _titles(lines: list[str]) -> str:
    return next((line for line in lines if line.lstrip().startswith("#")), "")


@pytest.mark.parametrize("width", [40, 60, 80, 120, 200])
def test_columns_and_lines_stand_still_from_frame_to_frame(width: int) -> None:
    footprint = footprint_of(PLAN)
    titles, bars, points = set(), set(), set()
    for trials in range(12, 200):
        progress = StudyProgress(PLAN, make_study(trials), Progress(2, 9, 16, 6), 0, 0.0, float(trials))
        lines = [line.plain for line in frame(progress, trials * 1.7, width, 30, footprint, final=False)]
        titles.add(_titles(lines))
        bars.add(next((at, line.index("/200 trials")) for at, line in enumerate(lines) if "/200 trials" in line))
        first = lines.index(_titles(lines)) + 1
        points.add(lines[first].index("."))
    assert len(titles) == 1
    assert len(points) == 1
    assert len(bars) == 1


def test_the_height_of_the_screen_is_used() -> None:
    def rows(height: int) -> int:
        terminal = Terminal(120, height)
        board = StudyBoard(terminal.console)
        board.began(PLAN, make_study(150))
        lines = terminal.screen.lines
        board.close()
        return len(lines) - lines.index(_titles(lines)) - 1

    assert rows(24) >= 3
    assert rows(50) == rows(24) + 26
    assert rows(90) == rows(50) + 40


def test_the_front_of_several_objectives_is_seen_while_the_study_runs() -> None:
    """Of trials that cost the more the better they are all are the front; of those that cost the same the best."""
    board = make_study(40)
    plan = replace(PLAN, objectives=(board.objective.metric, "parameters"))

    def shown(costs: Callable[[int], float]) -> list[str]:
        records = [replace(r, values=(r.value, costs(i))) for i, r in enumerate(board.records)]
        ranked = Leaderboard.of(board.objective, records)
        progress = StudyProgress(plan, ranked, Progress(2, 9, 16, 6), 0, 0.0, 40.0)
        lines = [line.plain for line in frame(progress, 68.0, 80, 40, footprint_of(plan), final=False)]
        assert len(lines) <= 40
        assert sum(line.lstrip().startswith("#") for line in lines) == 2
        return lines[lines.index("The front:") + 2 :]

    completed = sum(record.state == "completed" for record in board.records)
    *trials, more = shown(lambda place: 1000 - place)
    assert len(trials) >= 5
    assert more.strip() == f"and {completed - len(trials)} more"
    assert [line.split()[:2] for line in shown(lambda place: 1000)] == [["1", str(board.records[0].trial)]]


def test_the_scores_of_a_comparison_are_seen_while_it_runs() -> None:
    terminal = Terminal()
    board = ComparisonBoard(terminal.console)
    board.began(replace(OUTLINE, scores=({"sgd": 0.3, "adam": 0.1},)))
    assert "median of 1 so far" in terminal.screen.text
    time.sleep(0.3)
    board.recorded({"sgd": 0.2, "adam": 0.4})
    (sgd,) = (line.split() for line in terminal.screen.lines if line.startswith("sgd"))
    (adam,) = (line.split() for line in terminal.screen.lines if line.startswith("adam"))
    assert sgd[-2:] == ["0.2500", "1"]
    assert adam[-2:] == ["0.2500", "1"]
    board.close()
    assert "first in" not in terminal.screen.text


@pytest.mark.parametrize(("width", "height"), [(60, 24), (80, 24), (120, 24), (200, 50)])
def test_what_is_left_on_the_screen_of_a_comparison_is_its_verdict(tmp_path: Path, width: int, height: int) -> None:
    terminal = Terminal(width, height)
    board = ComparisonBoard(terminal.console)
    board.began(OUTLINE)
    board.recorded({"sgd": 0.2, "adam": 0.4})
    board.close()
    found = made(tmp_path)
    terminal.console.print(RichPage(comparison_page(found)), crop=False)
    seen = " ".join(terminal.screen.text.split())
    for sentence in summary(found):
        assert " ".join(sentence.split()) in seen
    assert "optimizer rank" in seen


def _luminance(name: str) -> float:
    def linear(value: float) -> float:
        return value / 12.92 if value <= 0.03928 else ((value + 0.055) / 1.055) ** 2.4

    red, green, blue = (linear(part / 255) for part in Color.parse(name).get_truecolor())
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


@pytest.mark.parametrize(
    "colour", [*(s for s in STYLES.values() if s not in ("", "bold", "dim", "red")), *(s[2] for s in _STROKES)]
)
def test_a_colour_is_read_on_white_and_on_black(colour: str) -> None:
    """By the contrast of WCAG, 3.5 of text that is more than fine print; with sixteen colours by name: yellow and white are not."""
    luminance = _luminance(colour)
    assert 1.05 / (luminance + 0.05) >= 3.5
    assert (luminance + 0.05) / 0.05 >= 3.5
    assert Color.parse(colour).downgrade(ColorSystem.STANDARD).number not in (0, 3, 7, 11, 15)
