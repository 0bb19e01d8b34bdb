"""`hpt report`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli.completing import runs
from hpt.cli.options import Folder, Output
from hpt.cli.output import show_result

if TYPE_CHECKING:
    from hpt.figures.figure import Report
    from hpt.runs.finding import Run

REPORT_FILE = "report.html"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the page goes."""

    out: Annotated[
        Path | None,
        typer.Option("-o", "--output", metavar="FILE", help="Where the page is written; report.html in the run."),
    ] = None


def command(
    run: Annotated[str, typer.Argument(metavar="RUN", autocompletion=runs, help="A run, by name or path.")],
    target: Target,
    folder: Folder,
    output: Output,
) -> None:
    """Write one HTML page about a run: what was found, and the pictures that show why."""
    from hpt.analysis.showing import as_it_stands
    from hpt.documents.report import report_document, report_page
    from hpt.report.html import html
    from hpt.runs.files import write_text
    from hpt.runs.finding import find

    found = as_it_stands(find(folder.runs, run))
    path = target.out or found.folder / REPORT_FILE
    page = html(_report(found))
    write_text(path, page)
    size = len(page.encode())
    show_result(output, report_document(str(found.folder), str(path), size), lambda: report_page(str(path), size))


def _report(run: Run) -> Report:
    from hpt.compare.records import COMPARE_RUNS

    if run.metadata.kind == COMPARE_RUNS.name:
        from hpt.compare.stored_comparison import load
        from hpt.figures.comparison_report import comparison_report

        stored = load(run)
        return comparison_report(run.name, run.metadata, stored)
    from hpt.analysis.study_analysis import analysis
    from hpt.figures.study_report import study_report

    return study_report(analysis(run))
