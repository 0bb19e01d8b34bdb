"""`hpt show`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli.options import Folder, Output
from hpt.cli.output import show_result

if TYPE_CHECKING:
    from hpt.runs.finding import Run
    from hpt.runs.trial_record import TrialRecord

COMPARISON = "compare"


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """How much of a leaderboard is shown, and in which order."""

    top: Annotated[int, typer.Option(metavar="N", min=1, help="Rows of the leaderboard.")] = 10
    sort: Annotated[str | None, typer.Option(metavar="METRIC", help="Order by this metric, best first.")] = None


def command(
    leaderboard: Leaderboard,
    folder: Folder,
    output: Output,
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="A run, by name or path.")] = None,
    trial: Annotated[int | None, typer.Argument(metavar="TRIAL", help="A trial, by number.")] = None,
) -> None:
    """List the runs, show the leaderboard of one, or one trial in full."""
    from hpt.analysis import showing
    from hpt.runs.finding import find

    if run is None:
        _show_runs(folder, output)
        return
    found = showing.as_it_stands(find(folder.runs, run))
    if found.metadata.kind == COMPARISON and trial is None and leaderboard.sort is None:
        _show_comparison(found, output)
    elif trial is None:
        _show_leaderboard(run, folder, leaderboard, output)
    else:
        _show_trial(run, trial, folder, leaderboard, output)


def _show_runs(folder: Folder, output: Output) -> None:
    from hpt.analysis import showing
    from hpt.documents.study import runs_document
    from hpt.terminal.stderr import tell
    from hpt.view.runs import runs_page

    found, refused = showing.listing(folder.runs)
    for reason in () if output.quiet else refused:
        tell(f"warning: {reason}")
    show_result(output, runs_document(found), lambda: runs_page([entry.metadata for entry in found]))


def _show_comparison(run: Run, output: Output) -> None:
    from hpt.compare.stored_comparison import load
    from hpt.documents.comparison import compare_document
    from hpt.view.comparison import comparison_page

    comparison = load(run).comparison
    show_result(output, compare_document(comparison, run.metadata.seconds), lambda: comparison_page(comparison))


def _show_leaderboard(run: str, folder: Folder, leaderboard: Leaderboard, output: Output) -> None:
    from hpt.analysis import showing
    from hpt.documents.study import tune_document
    from hpt.study.findings import Findings
    from hpt.terminal.stderr import tell
    from hpt.view.study import run_page

    shown = showing.load(folder.runs, run, leaderboard.sort, _lines(run, folder))
    findings = Findings.of(shown.run.metadata)
    if not output.quiet:
        for said in showing.damage(shown.run):
            tell(f"warning: {said}")
    metadata, board, metrics = shown.run.metadata, shown.board, [leaderboard.sort] if leaderboard.sort else []
    document = tune_document(str(shown.run.folder), metadata.status, board, findings, metadata.seconds)
    page = run_page(shown.run.name, metadata.status, board, findings, leaderboard.top, metrics, metadata.trials)
    show_result(output, document, lambda: page)


def _show_trial(run: str, trial: int, folder: Folder, leaderboard: Leaderboard, output: Output) -> None:
    from hpt.analysis import showing
    from hpt.documents.study import trial_document
    from hpt.view.trial import trial_page

    shown = showing.load(folder.runs, run, leaderboard.sort, _lines(run, folder))
    record = showing.trial_of(shown, trial)
    document = trial_document(str(shown.run.folder), shown.board, record)
    show_result(output, document, lambda: trial_page(record, shown.board))


def _lines(run: str, folder: Folder) -> type[TrialRecord]:
    """What the lines of its records are."""
    from hpt.compare.records import COMPARE_RUNS
    from hpt.runs.finding import find
    from hpt.runs.trial_record import TrialRecord

    return COMPARE_RUNS.record if find(folder.runs, run).metadata.kind == COMPARE_RUNS.name else TrialRecord
