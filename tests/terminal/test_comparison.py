import io
import json
import math
from pathlib import Path

import numpy as np
import pytest
from rich.cells import cell_len
from rich.console import Console

from hpt.compare.report import Comparison, report
from hpt.compare.suite import across
from hpt.compare.watching import Outline, Stage
from hpt.terminal.comparison_board import ComparisonBoard, frame
from hpt.terminal.footprint import Footprint
from hpt.terminal.page import RichPage
from hpt.terminal.plain_lines import ComparisonLines
from hpt.terminal.table_layout import table_lines
from hpt.terminal.watchers import Silent, comparison_watcher
from hpt.view.comparison import comparison_page, standings
from hpt.view.comparison_progress import ComparisonProgress
from hpt.view.comparison_sentences import summary
from hpt.view.comparison_tasks import tasks_page
from hpt.view.formats import p_value
from tests.compare.made_up import CONFIG, study_of, terms_for
from tests.compare.test_report import loss

WIDTHS = (40, 80, 200)
OUTLINE = Outline(
    run="digits-compare",
    folder="runs/digits-compare",
    optimizers=("sgd", "adam"),
    studies=4,
    scores=({"sgd": 0.2, "adam": 0.1},),
    trials=8,
    runs=37,
    seeds=3,
    epochs=20,
    jobs=2,
    metric="test_loss",
    margin=0.046,
    data="digits: classification",
    notices=("inferred",),
)
STAGE = Stage(1, 2, "rerun", {"sgd": 3, "adam": 12}, {"sgd": 12, "adam": 12})


def made(folder: Path, studies: int = 12, of=loss, text: str = CONFIG) -> Comparison:
    setup = terms_for(folder, text)
    records = [record for study in range(studies) for record in study_of(setup.protocol, study, of)]
    return report(setup, records, run="runs/r", status="completed", planned=12, extended=())


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("studies", [0, 1, 12])
def test_no_line_is_wider_than_the_screen(tmp_path, shown, width, studies):
    lines = shown(RichPage(comparison_page(made(tmp_path, studies), "hpt compare x --resume")), width)
    assert max(map(cell_len, lines)) <= width


def test_the_first_lines_say_who_may_be_best_who_is_not_and_for_what_it_holds(tmp_path):
    first, *rest = summary(made(tmp_path))
    assert first in ("May be best on iris: adam, rmsprop (95%).", "May be best on iris: rmsprop, adam (95%).")
    assert rest[0].startswith("Not the best: sgd. Than ")
    assert "test loss 0.30 higher [0." in rest[0]
    assert "adjusted p .001." in rest[0]
    assert "are equivalent: they differ by less than 0.040" in rest[1]
    assert rest[-1] == "Holds for: linear, 8 epochs, 8 settings each, new splits of this file (12 studies, 3 runs each)."


def test_what_is_not_decided_is_not_called_equal(tmp_path):
    first, *rest = summary(made(tmp_path, studies=3))
    assert first.endswith("Nothing is ruled out.")
    assert all(line.endswith('That is not "equal".') for line in rest[:-1])


def test_bars_grow_with_the_difference_to_the_first(tmp_path):
    by_name = {"sgd": 0.9, "adam": 0.3, "rmsprop": 0.6}
    rows = table_lines(standings(made(tmp_path, of=lambda study, run: by_name[run.branch] + 0.01 * study)), 100)
    bars = [row.plain.count("█") for row in rows]
    assert bars[:2] == [0, 0]
    assert bars[3] == 2 * bars[2] > 0


def test_maximised_metrics_are_lower_where_they_are_worse(tmp_path):
    lines = list(summary(made(tmp_path, text=CONFIG + "study: {objective: validation_accuracy}\n")))
    assert lines[0].startswith("May be best")


def test_warnings_name_their_optimizer(tmp_path, shown):
    def at_an_edge(study, run):
        return 1 / (1 + run.parameters.get("optimizer.sgd.learning_rate", 1.0))

    text = CONFIG.replace("trials: 8", "trials: 40")
    lines = shown(RichPage(comparison_page(made(tmp_path, of=at_an_edge, text=text))), 300)
    assert any(line.startswith("warning: sgd: optimizer.sgd.learning_rate: ") for line in lines)


def test_a_comparison_cut_short_says_how_to_go_on(tmp_path, shown):
    setup = terms_for(tmp_path)
    cut = report(setup, study_of(setup.protocol, 0, loss), run="r", status="interrupted", planned=12, extended=())
    assert shown(RichPage(comparison_page(cut, "hpt compare x --resume")), 200)[-1] == (
        "Interrupted after 1 of 12 studies. Go on: hpt compare x --resume"
    )


@pytest.mark.parametrize("width", WIDTHS)
def test_tasks(tmp_path, shown, width):
    def noisy(study, run):
        return loss(study, run) + np.random.default_rng([study, len(run.branch)]).uniform(0, 0.1)

    one = made(tmp_path, of=noisy)
    for count in (1, 2, 5):
        lines = shown(RichPage(tasks_page(across([one] * count, 0))), width)
        assert max(map(cell_len, lines)) <= width
    text = "\n".join(shown(RichPage(tasks_page(across([one] * 5, 0))), 200))
    assert text.startswith("Start with ")
    assert "Not decided against" in text
    assert "no verdict" in "\n".join(shown(RichPage(tasks_page(across([one] * 2, 0))), 200))


@pytest.mark.parametrize(("p", "expected"), [(0.0004, "< .001"), (0.0042, ".004"), (0.5, ".500"), (1.0, "1"), (None, "-")])
def test_p_values_are_spelled_as_in_papers(p, expected):
    assert p_value(p) == expected


def progress(stage: Stage | None, recorded: int = 1) -> ComparisonProgress:
    return ComparisonProgress(OUTLINE, OUTLINE.scores * recorded, stage, 0.0, 10.0)


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("stage", [None, STAGE])
@pytest.mark.parametrize("final", [False, True])
def test_the_board_fits(width, stage, final):
    lines = frame(progress(stage), 10.0, width, Footprint(), final=final)
    assert all(cell_len(line.plain) <= width or line.no_wrap for line in lines)


def test_the_board_shows_each_optimizer_and_step():
    text = "\n".join(line.plain for line in frame(progress(STAGE), 10.0, 80, Footprint(), final=False))
    assert "studies 2-3: rerun" in text
    assert "sgd" in text
    assert "3/12" in text
    assert "1/4 studies" in text


def test_the_share_done_never_falls_from_step_to_step():
    full = {"sgd": 16, "adam": 16}, {"sgd": 12, "adam": 12}, {"sgd": 8, "adam": 8}
    course = [progress(None).share]
    for step, of in zip(("search", "rerun", "test"), full, strict=True):
        course += [progress(Stage(1, 2, step, dict.fromkeys(of, 0), of)).share, progress(Stage(1, 2, step, of, of)).share]
    course += [progress(Stage(1, 2, "test", full[-1], full[-1]), recorded).share for recorded in (2, 3)]
    course.append(progress(None, 3).share)
    assert course == sorted(course)
    assert (course[0], course[-1]) == (0.25, 0.75)


def test_the_live_board_draws_and_leaves_its_last_state():
    console = Console(file=io.StringIO(), width=80, height=24, force_terminal=True)
    times = iter(float(second) for second in range(100))
    board = ComparisonBoard(console, lambda: next(times))
    board.began(OUTLINE)
    board.moved(STAGE)
    board.recorded({"sgd": 0.3, "adam": 0.2})
    board.warned("[red]odd[/red]")
    board.close()
    text = console.file.getvalue()
    assert "2/4 studies" in text
    assert "[red]odd[/red]" in text


def test_plain_lines_say_the_scores_so_far():
    console = Console(file=io.StringIO(), width=40)
    lines = ComparisonLines(console)
    lines.began(OUTLINE)
    lines.moved(STAGE)
    lines.recorded({"sgd": 0.3, "adam": 0.2})
    lines.close()
    assert console.file.getvalue().splitlines() == [
        (
            "digits-compare: sgd, adam: 4 studies x 36 runs x 20 epochs, 8 settings each, "
            "margin 0.046 in test loss, 2 jobs, digits: classification"
        ),
        "note: inferred",
        "study 2/4 recorded: test loss so far: sgd 0.2500, adam 0.1500",
    ]


def test_silence_where_it_was_asked_for():
    assert isinstance(comparison_watcher(Console(file=io.StringIO()), quiet=True), Silent)
    assert isinstance(comparison_watcher(Console(file=io.StringIO()), quiet=False), ComparisonLines)


def test_a_run_that_diverged_everywhere_is_shown(tmp_path, shown):
    found = made(tmp_path, of=lambda study, run: math.inf)
    assert json.dumps(shown(RichPage(comparison_page(found)), 80))


def test_the_verdict_stands_last_and_a_legend_only_below_its_column(shown, tmp_path: Path) -> None:
    found = made(tmp_path)
    for width in (60, 200):
        lines = shown(RichPage(comparison_page(found)), width)
        text = " ".join(lines)
        assert ("new data" in text) == ("New data:" in text)
        below = " ".join(lines[max(at for at, line in enumerate(lines) if line.startswith("optimizer ")) :])
        assert next(iter(summary(found))).split()[0] in below
