"""`hpt report`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli.completing import runs
from hpt.cli.options import Folder, Output
from hpt.cli.output import STREAM, show_result, write_result
from hpt.foundation.errors import InputError

if TYPE_CHECKING:
    from hpt.figures.figure import Report
    from hpt.runs.finding import Run

REPORT_FILE = "report.html"


@dataclass(frozen=True, slots=True)
class Target:
    """Where the page goes."""

    out: Annotated[
        Path | None,
        typer.Option(
            "-o", "--output", metavar="FILE", help="Where the page is written, - is stdout; report.html in the run."
        ),
    ] = None


def command(
    compared: Annotated[
        list[str],
        typer.Argument(metavar="RUN...", autocompletion=runs, help="A run, by name or path; or comparisons of tasks."),
    ],
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

    found = [as_it_stands(find(folder.runs, run)) for run in dict.fromkeys(compared)]
    path = target.out or (found[0].folder if len(found) == 1 else folder.runs) / REPORT_FILE
    page = html(_report(found[0]) if len(found) == 1 else _tasks_report(found))
    if target.out is None:
        # In a run folder, which may be anybody's, no link is followed.
        write_text(path, page)
    else:
        write_result(path, page)
    if target.out == STREAM:
        return
    size = len(page.encode())
    said = report_document(", ".join(str(run.folder) for run in found), str(path), size)
    show_result(output, said, lambda: report_page(str(path), size))


def _report(run: Run) -> Report:
    from hpt.compare.run_kind import COMPARE_RUNS
    from hpt.runs.finding import CONFIG_FILE

    if run.metadata.kind == COMPARE_RUNS.name:
        from hpt.compare.stored_comparison import load
        from hpt.figures.comparison_report import comparison_report

        stored = load(run)  # which refuses what is not text
        config = (run.folder / CONFIG_FILE).read_text(encoding="utf-8")
        return comparison_report(run.name, run.metadata, stored, config)
    from hpt.analysis.study_analysis import analysis
    from hpt.figures.study_report import study_report

    return study_report(analysis(run))


def _tasks_report(runs: Sequence[Run]) -> Report:
    """The report across `runs`, which must be comparisons of the same optimizers."""
    from hpt.compare.run_kind import COMPARE_RUNS
    from hpt.compare.stored_comparison import load
    from hpt.compare.suite import across
    from hpt.figures.tasks_report import tasks_report

    for run in runs:
        if run.metadata.kind != COMPARE_RUNS.name:
            raise InputError(f"{run.name}: expected a comparison beside others, found a study. Try hpt show RUN RUN.")
    comparisons = [load(run).comparison for run in runs]
    compared = [set(comparison.setup.protocol.names) for comparison in comparisons]
    for run, names in zip(runs, compared, strict=True):
        if names != compared[0]:
            first = f"the optimizers of {runs[0].name}, {', '.join(sorted(compared[0]))}"
            raise InputError(f"{run.name}: expected {first}; found {', '.join(sorted(names))}.")
    return tasks_report(across(comparisons, comparisons[0].setup.protocol.seed), runs[0].metadata.versions)
