"""Draws the pictures of the README and the tutorial: `python docs/pictures.py`. A test fails where one shows what hpt no longer does.

Each is made by hpt's own means from studies that are run for it: the board as a terminal shows it, the page of `hpt report` as a
browser does, curves as `hpt show --svg` writes them. Numbers may differ in their last digits from machine to machine.
"""

from __future__ import annotations

import io
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from tempfile import TemporaryDirectory
from xml.etree import ElementTree as ET

import typer
from rich.console import Console

from hpt.analysis.study_analysis import StudyAnalysis, analysis
from hpt.configuration.resolution import Override
from hpt.figures.figure import Report
from hpt.figures.study_report import best_of_branches, study_report
from hpt.figures.trial_curves import curves_plot
from hpt.numerics.activations import ACTIVATIONS
from hpt.numerics.optimizers import OPTIMIZERS
from hpt.report.html import html
from hpt.report.picture import picture
from hpt.runs.finding import find
from hpt.study import session
from hpt.study.clock import Clock
from hpt.study.leaderboard import Leaderboard
from hpt.study.lifecycle import RunRequest
from hpt.study.watching import Plan, Progress
from hpt.terminal.study_board import footprint_of, frame
from hpt.view.study_progress import StudyProgress

ROOT = Path(__file__).parent.parent
PICTURES = ROOT / "docs" / "pictures"
BOARD_SIZE = (100, 26)
"""Columns and lines of the terminal."""
PAGE_SIZE = (1120, 1420)
"""Width and height of the piece of the page, in its own pixels."""
SHOWN = ("Leaderboard", "The search", "Learning curves")


class Seen:
    """A watcher that keeps what a study had come to when more than half of its trials were recorded."""

    def __init__(self) -> None:
        self.plan: Plan | None = None
        self.half: tuple[Progress, Leaderboard] | None = None

    def began(self, plan: Plan, leaderboard: Leaderboard) -> None:
        self.plan = plan

    def moved(self, progress: Progress) -> None:
        """Not kept."""

    def recorded(self, progress: Progress, leaderboard: Leaderboard) -> None:
        assert self.plan is not None
        if self.half is None and len(leaderboard.records) * 2 > self.plan.trials:
            self.half = (progress, leaderboard)

    def warned(self, message: str) -> None:
        """Not kept."""

    def close(self) -> None:
        """Nothing to close."""


def study(config: str, **settings: str) -> tuple[Seen, StudyAnalysis]:
    """What was seen of a study, and what is known of it at its end."""
    seen = Seen()
    overrides = [Override(path.replace("__", "."), value, path) for path, value in settings.items()]
    with TemporaryDirectory() as folder:
        request = RunRequest(ROOT / "configs" / config, overrides, Path(folder), 1)
        finished = session.tune(request, seen, Clock())
        return seen, analysis(find(Path(folder), finished.folder.name))


def board_svg(seen: Seen) -> str:
    """The board half way through, as a terminal of 100 columns shows it."""
    assert seen.plan is not None
    assert seen.half is not None
    width, height = BOARD_SIZE
    console = Console(record=True, width=width, file=io.StringIO(), force_terminal=True, color_system="truecolor")
    now = 4.0
    progress = StudyProgress(seen.plan, seen.half[1], seen.half[0], 0, 0.0, now).recorded()
    for line in frame(progress, now, width, height, footprint_of(seen.plan), final=False):
        console.print(line)
    made = console.export_svg(title="hpt tune configs/digits.yaml", unique_id="board")
    # Fonts from elsewhere, which a picture in a page may not load.
    return re.sub(r"@font-face \{.*?\}|<!--.*?-->", "", made, flags=re.DOTALL)


def report_svg(found: StudyAnalysis) -> str:
    """The upper part of the study's page, with the style it has in a browser."""
    whole = study_report(found)
    page = html(Report(whole.title, whole.findings, [chapter for chapter in whole.chapters if chapter.title in SHOWN]))
    style = re.search(r"<style>(.*?)</style>", page, re.DOTALL)
    main = re.search(r"<main>.*</main>", page, re.DOTALL)
    assert style is not None
    assert main is not None
    width, height = PAGE_SIZE
    body = main[0].replace("&nbsp;", " ").replace("<svg viewBox", '<svg xmlns="http://www.w3.org/2000/svg" viewBox')
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" height="{height}">'
        f'<foreignObject width="{width}" height="{height}"><body xmlns="http://www.w3.org/1999/xhtml">'
        f"<style>{style[1].replace('&', '&amp;').replace('<', '&lt;')}\nbody {{ height: {height}px; overflow: hidden; }}</style>"
        f"{body}</body></foreignObject></svg>\n"
    )


def curves_svg(found: StudyAnalysis) -> str:
    """The curves of the best trial of each optimizer."""
    records = list(best_of_branches(found).values())
    return picture(curves_plot(records, "train_loss"), "optimizers: train_loss")


def drawn() -> dict[str, str]:
    """Every picture by its file."""
    seen, digits = study("digits.yaml", study__trials="80")
    _, line = study("optimizers.yaml")
    makers: dict[str, Callable[[], str]] = {
        "board.svg": lambda: board_svg(seen),
        "report.svg": lambda: report_svg(digits),
        "curves.svg": lambda: curves_svg(line),
    }
    return {name: make() for name, make in makers.items()}


def words(svg: str) -> set[str]:
    """The words that a picture shows but for those that depend on how its study ended, which may differ from machine to machine."""
    shown = " ".join(text for text in _texts(ET.fromstring(svg)) if not re.search(r"[{}#;]", text))  # noqa: S314  our own
    names = {name for row in OPTIMIZERS.values() for name in (row.name, *row.defaults())}
    return (
        set(re.findall(r"[a-z_]{3,}", shown)) - names - set(ACTIVATIONS) - {"pruned", "diverged", "completed", "activation"}
    )


def _texts(element: ET.Element) -> Iterator[str]:
    """The text in `element` that is neither a sentence on what was found nor a cell of a table."""
    if element.tag.rpartition("}")[2] not in ("p", "td"):
        yield element.text or ""
        for child in element:
            yield from _texts(child)
            yield child.tail or ""


def main() -> None:
    """Writes all of them."""
    PICTURES.mkdir(exist_ok=True)
    for name, content in drawn().items():
        (PICTURES / name).write_text(content, encoding="utf-8")
        sys.stdout.write(f"written: docs/pictures/{name} ({len(content) // 1000} kB)\n")


if __name__ == "__main__":
    typer.run(main)
