"""The curves that `hpt show` draws: of several trials, or of the winners of several runs."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from hpt.cli.options import Folder, Output
from hpt.cli.output import show_result, write_result

if TYPE_CHECKING:
    from hpt.figures.figure import Plot
    from hpt.runs.trial_record import TrialRecord


def show_curves(run: str, wanted: str, metric: str | None, svg: Path | None, folder: Folder, output: Output) -> None:
    """The curves of the trials `wanted` of one run in one picture."""
    from hpt.analysis import showing
    from hpt.analysis.curves import chosen, followed
    from hpt.documents.curves import curves_document
    from hpt.figures.trial_curves import curves_page, curves_plot

    shown = showing.load(folder.runs, run, None, lines(run, folder))
    drawn = followed(shown.board.records, [shown.board.objective], metric)
    picked = chosen(shown, wanted, drawn)
    if svg is not None:
        _write(svg, curves_plot(picked.records, drawn), f"{shown.run.name}: {drawn}")
    document = curves_document(str(shown.run.folder), picked.records, drawn, picked.left_out)
    show_result(output, document, lambda: curves_page(shown.run.name, picked.records, drawn, picked.left_out))


def show_side_by_side(names: Sequence[str], metric: str | None, svg: Path | None, folder: Folder, output: Output) -> None:
    """Several runs: how each stands, its winner, and how the winners learned."""
    from hpt.analysis import showing
    from hpt.analysis.curves import followed
    from hpt.documents.curves import side_by_side_document
    from hpt.documents.study import tune_document
    from hpt.figures.side_by_side import Beside, incomparable, side_by_side_page, winners_plot
    from hpt.study.findings import Findings

    shown = [showing.load(folder.runs, name, None, lines(name, folder)) for name in names]
    runs = [Beside(each.run.name, each.run.metadata, each.board) for each in shown]
    winners = [run.board.best for run in runs if run.board.best is not None]
    # Runs that are young have no winner yet: they are shown without curves, unless these were asked for.
    asked = metric is not None or svg is not None
    drawn = followed(winners, [run.board.objective for run in runs], metric) if winners or asked else None
    plot = None if drawn is None else winners_plot(runs, drawn)
    if svg is not None and plot is not None:
        _write(svg, plot, f"The winners of {', '.join(run.name for run in runs)}")
    documents = [
        tune_document(
            str(each.run.folder),
            each.run.metadata.status,
            each.board,
            Findings.of(each.run.metadata),
            each.run.metadata.seconds,
        )
        for each in shown
    ]
    show_result(output, side_by_side_document(documents, drawn, incomparable(runs)), lambda: side_by_side_page(runs, plot))


def _write(path: Path, plot: Plot, title: str) -> None:
    from hpt.report.picture import picture

    write_result(path, picture(plot, title))


def lines(run: str, folder: Folder) -> type[TrialRecord]:
    """What the lines of its records are."""
    from hpt.compare.run_kind import COMPARE_RUNS
    from hpt.runs.finding import find
    from hpt.runs.trial_record import TrialRecord

    return COMPARE_RUNS.record if find(folder.runs, run).metadata.kind == COMPARE_RUNS.name else TrialRecord
