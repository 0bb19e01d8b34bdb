"""The page of a run: whole, self-contained, every name escaped; and, where there is a browser, drawn without an error."""

from __future__ import annotations

import itertools
import math
import re
import shutil
import subprocess
from html.parser import HTMLParser
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest

from hpt.analysis.edges import edges, edges_of
from hpt.figures.figure import Axis, Captioned, Chapter, Intervals, Matrix, Parallel, Plot, Points, Report, Scatter
from hpt.report.axes import axis, limits
from hpt.report.html import html
from hpt.search.importance import importances
from hpt.study.leaderboard import Leaderboard
from hpt.study.selection import Standing
from hpt.view.curves import Series
from hpt.view.page import Column, Command, Facts, Sentence, Table
from tests.black_box.hpt_command import Hpt

HOSTILE = """<script>alert(1)</script>"' onload='x' &amp; \x1b[31m\u202e ]]> --> </style>"""
VOID = {"meta", "link", "br", "hr", "img", "input"}
CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")


class Whole(HTMLParser):
    """Follows the elements of a page: each that is opened must be closed; notes tags, attributes and scripts."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.open: list[str] = []
        self.attributes: list[tuple[str, str, str | None]] = []
        self.scripts: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.attributes += [(tag, name, value) for name, value in attrs]

    def handle_endtag(self, tag: str) -> None:
        assert self.open, tag
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        if self.open and self.open[-1] == "script":
            self.scripts.append(data)


def checked(page: str) -> Whole:
    """`page`, taken apart, once it is found whole and self-contained."""
    found = Whole()
    found.feed(page)
    found.close()
    assert found.open == []
    assert len(found.scripts) == 1
    assert not [a for a in found.attributes if a[1].startswith("on")]
    references = [value for _, name, value in found.attributes if name in ("href", "src", "srcset", "action", "data")]
    assert references == ["data:,"]
    assert "http://" not in page
    assert "https://" not in page
    assert "nan" not in re.findall(r'[ML]([^"]*)"', page)
    for picture in re.findall(r"<svg.*?</svg>", page, re.DOTALL):
        numbers = re.findall(r"-?\d+(?:\.\d+)?|nan|inf", "".join(ET.fromstring(picture).itertext()) + picture)  # noqa: S314  our own
        assert "nan" not in numbers
        assert "inf" not in numbers
    return found


def every_figure(name: str) -> list[Captioned]:
    """One of each kind, whose texts are all `name`."""
    points = [Points(name, [1e-4, 0.1, 1.0], [1.0, 2.0, math.inf], [name] * 3), Points(name, [0.5], [-1.0])]
    curves = [Series(name, [1, 2, 3], [0.1, None, 100.0]), Series(name, [], [])]
    figures = [
        Scatter(points, name, name, log_x=True, steps=Series(name, [1, 2], [None, 1.0])),
        Scatter([Points(name, [0.0, 1.0], [3.0, 3.0])], name, name, x_ticks=[name, name]),
        Scatter([], name, name),
        Plot(curves, name, name, bands=[([0.1, 0.1, 0.1], [1, 2, 3])]),
        Intervals([name, name], [0.1, -2.0], [(-1.0, 1.0), None], name, origin=0.0),
        Intervals([name], [0.0], [None], name, bars=True),
        Parallel([Axis(name, [0.0, None, 1.0], [(0.0, name)]), Axis(name, [0.5, 0.5, 0.5], [])], [0.0, 1.0, 0.5]),
        Matrix([name, name], [[3, 0], [1, 0]]),
    ]
    return [Captioned(name, figure, name, wide=bool(at % 2)) for at, figure in enumerate(figures)]


def hostile_report() -> Report:
    table = Table([Column(HOSTILE, [HOSTILE, None, 1.5]), Column("n", [2, None, math.nan], "right")], note=HOSTILE)
    blocks = [Sentence(HOSTILE), Facts([HOSTILE]), Command(f"{HOSTILE}\n{HOSTILE}"), table]
    return Report(HOSTILE, blocks, [Chapter(HOSTILE, [*blocks, *every_figure(HOSTILE)])])


def test_names_do_nothing_but_stand_there() -> None:
    page = html(hostile_report())
    found = checked(page)
    assert "alert(1)" not in found.scripts[0]
    assert "<script>alert" not in page
    assert "\x1b" not in page
    assert "\u202e" not in page


def test_every_kind_of_figure_is_a_picture() -> None:
    page = html(Report("r", [], [Chapter("c", every_figure("name"))]))
    checked(page)
    assert page.count('class="figure"') == 7
    assert page.count('class="matrix"') == 1
    assert page.count("logarithmic") >= 2


@pytest.mark.parametrize(
    ("values", "log"),
    [([0.0, 1.0], False), ([3.0, 3.0], False), ([1e-5, 1e3], True), ([0.2, 0.9], True), ([-1e9, 1e9], False), ([], None)],
)
def test_an_axis_has_ticks_in_order_inside_its_ends(values: list[float], log: bool | None) -> None:
    made = axis(values, 0.0, 100.0, log=log)
    ticks = [value for value, _ in made.ticks()]
    assert 2 <= len(ticks) <= 12
    assert ticks == sorted(set(ticks))
    assert all(made.scale.low <= tick <= made.scale.high for tick in ticks)
    assert all(0 <= made.at(value) <= 100 for value in values)


STUDY = """
name: {name}
data: iris
model: {{hidden: [{{min: 4, max: 16}}], activation: {{values: [relu, tanh]}}}}
optimizer: {{choose: {{sgd: {{learning_rate: {{min: 1e-6, max: 1e-4, scale: log}}}}, adam: default}}}}
training: {{epochs: 4}}
study: {{trials: {trials}, sampler: random}}
"""


@pytest.fixture(scope="module")
def runs(tmp_path_factory: pytest.TempPathFactory) -> Hpt:
    command = Hpt(tmp_path_factory.mktemp("report"))
    command.write("study.yaml", STUDY.format(name="study", trials=90))
    command("tune", "study.yaml", "--jobs", 1)
    command("compare", "study.yaml", "--jobs", 1, "--studies", 3, "--trials", 4)
    return command


def test_a_study_and_a_comparison_have_a_page(runs: Hpt) -> None:
    for run, heading in (("study", "Leaderboard"), ("study-compare", "Paired differences")):
        document = runs("report", run, "--json").document
        page = Path(runs.folder, document["file"]).read_text(encoding="utf-8")
        assert document["bytes"] == len(page.encode()) < 1_000_000
        checked(page)
        assert heading in page
    runs("report", "study", "-o", "elsewhere.html")
    assert (runs.folder / "elsewhere.html").exists()
    assert "no such run" in runs("report", "nothing", code=2).err


def test_comparisons_of_several_tasks_have_one_page(runs: Hpt) -> None:
    small = ("--jobs", 1, "--studies", 3, "--trials", 3, "--optimizers", "sgd,adam", "--set", "training.epochs=2", "--quiet")
    document = runs("compare", "iris", "wine", *small, "--json").document
    profiles = document["across"]["profiles"]
    assert profiles["thresholds"][0] == 0
    for shares in profiles["shares"].values():
        assert all(first >= second for first, second in itertools.pairwise(shares))
    runs("report", "iris-compare", "wine-compare", "--json")
    page = (runs.folder / "runs/report.html").read_text(encoding="utf-8")
    checked(page)
    assert "Performance profiles" in page
    assert 'class="band c1"' in page
    assert "hpt compare runs/iris-compare/config.yaml runs/wine-compare/config.yaml" in page
    assert "expected a comparison" in runs("report", "iris-compare", "study", code=2).err


def test_the_data_and_several_objectives_have_their_chapters(runs: Hpt) -> None:
    runs(
        "tune",
        "study.yaml",
        "--name",
        "two",
        "--jobs",
        1,
        "--trials",
        20,
        "--set",
        "study.objective=[validation_loss, parameters]",
    )
    runs("report", "two")
    page = (runs.folder / "runs/two/report.html").read_text(encoding="utf-8")
    checked(page)
    assert "validation loss and parameters" in page
    assert "petal_length" in page
    assert re.search(r"\d+ training rows", page)


def test_a_value_far_beyond_the_others_does_not_flatten_them() -> None:
    values = [1.0 + index / 100 for index in range(50)]
    low, high = limits([*values, 1e20])
    assert low == 1.0
    assert 1.5 < high < 100
    assert limits(values) == (1.0, 1.49)
    assert limits([-1e9, *values])[0] > -100
    figure = Scatter([Points("trials", [*range(51)], [*values, 1e20])], "x", "y")
    page = html(Report("r", [], [Chapter("c", [Captioned("t", figure)])]))
    assert "1 far beyond the others" in page
    assert "1e+20" not in page


def test_epochs_are_counted_in_whole_numbers() -> None:
    assert [value for value, _ in axis([1, 2, 3], 0.0, 1.0, log=False).ticks()] == [1, 2, 3]


def test_a_run_with_a_report_goes_on(runs: Hpt) -> None:
    runs("report", "study")
    runs("tune", "study.yaml", "--jobs", 1, "--resume", "--trials", 92)
    assert "92" in runs("report", "study", "--json", "-o", "again.html").out or (runs.folder / "again.html").exists()


def test_what_matters_and_what_is_too_narrow(runs: Hpt) -> None:
    from hpt.analysis.study_analysis import analysis
    from hpt.runs.finding import find

    found = analysis(find(runs.folder / "runs", "study"))
    adam = found.importances["adam"]
    assert adam is not None
    assert sum(share.value for share in adam) == pytest.approx(1)
    assert all(share.low <= share.high for share in adam)
    # A single one that decides everything is first: the value is made from it.
    made = [r for r in found.board.records if r.parameters["optimizer"] == "adam"]
    path = "optimizer.adam.learning_rate"
    from dataclasses import replace

    decided = [replace(r, value=abs(math.log10(r.parameters[path]) + 3)) for r in made]
    shares = importances(found.space, "adam", decided, "minimize")
    assert shares is not None
    assert shares[0].path == path
    assert shares[0].low > max(share.high for share in shares[1:])
    assert importances(found.space, "adam", decided[:29], "minimize") is None
    # The winner is the setting that was chosen, whatever had the lowest value.
    lowest, other = (
        replace(decided[at], value=float(at), parameters={**decided[at].parameters, path: rate})
        for at, rate in enumerate((1e-3, 1e-1))
    )
    board = Leaderboard(found.board.objective, (lowest, other))
    assert path not in [edge.path for edge in edges_of(found.space, board)]
    board = replace(board, chosen=Standing(other, (other,), None))
    assert [(e.path, e.end, e.value) for e in edges_of(found.space, board) if e.path == path] == [(path, "high", 1e-1)]
    slow = [r for r in found.board.records if r.parameters["optimizer"] == "sgd"]
    climbing = sorted(slow, key=lambda r: -r.parameters["optimizer.sgd.learning_rate"])
    (edge, *_) = [e for e in edges(found.space, climbing) if e.path == "optimizer.sgd.learning_rate"] or [None]
    assert edge is None or (edge.end == "high" and edge.wider.max == pytest.approx(1e-3) and edge.wider.min == 1e-6)


FLAGS = "--headless --no-sandbox --disable-gpu --no-first-run --disable-background-networking --disable-sync --disable-quic"


def browsed(page: str, folder: Path, *asked: str, width: int = 1400) -> subprocess.CompletedProcess[str]:
    """What a browser says of `page` in a window so wide; asked: what it is to do with it."""
    assert CHROMIUM is not None
    path = folder / "page.html"
    path.write_text(page, encoding="utf-8")
    window = [f"--window-size={width},2000", f"--user-data-dir={folder / 'profile'}", "--enable-logging=stderr", "--v=0"]
    command = [CHROMIUM, *FLAGS.split(), *window, *asked, path.as_uri()]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)
    assert "CONSOLE" not in ended.stderr
    return ended


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the page is parsed, not drawn")
@pytest.mark.parametrize("width", [400, 1400])
def test_a_browser_draws_it_without_an_error(width: int, tmp_path: Path) -> None:
    page = html(hostile_report())
    assert browsed(page, tmp_path, "--dump-dom", width=width).stdout.count("<figure") == 8
    picture = tmp_path / "page.png"
    browsed(page, tmp_path, f"--screenshot={picture}", width=width)
    assert picture.stat().st_size > 10_000


# Asked of the page in a browser: it must not be wider than the window, every picture must have a place, a click must sort.
PROBE = """
addEventListener("load", () => {
  const pictures = [...document.querySelectorAll("svg.figure")].map((each) => each.getBoundingClientRect());
  const head = document.querySelectorAll("table.sortable th")[1];
  const column = () => [...document.querySelectorAll("table.sortable")[0].tBodies[0].rows].map((row) => +row.cells[1].textContent);
  const click = () => { head.querySelector("button").click(); return column().join(); };
  const sorted = [...column()].sort((a, b) => a - b);
  const found = [document.documentElement.scrollWidth <= innerWidth, pictures.every((p) => p.width > 100 && p.height > 50),
    click() === sorted.join(), click() === sorted.reverse().join()];
  document.body.dataset.found = found.join(" ") + " " + pictures.length;
});
"""


@pytest.mark.skipif(CHROMIUM is None, reason="no Chromium here: the page is parsed, not drawn")
@pytest.mark.parametrize("width", [400, 1400])
def test_a_study_fits_its_window_and_is_sorted_by_a_click(runs: Hpt, width: int, tmp_path: Path) -> None:
    runs("report", "study", "-o", tmp_path / "study.html")
    page = (tmp_path / "study.html").read_text(encoding="utf-8")
    # The page's own policy would not run it.
    probed = re.sub(r"<meta http-equiv[^>]*>", "", page).replace("</body>", f"<script>{PROBE}</script></body>")
    shown = browsed(probed, tmp_path, "--dump-dom", width=width).stdout
    found = re.search(r'data-found="([^"]*)"', shown)
    assert found is not None
    pictures = len(re.findall('class="figure"', page))
    assert found[1] == f"true true true true {pictures}"
