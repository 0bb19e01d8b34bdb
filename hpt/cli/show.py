"""`hpt show`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli.completing import curves, metrics, runs
from hpt.cli.options import Folder, Output
from hpt.cli.output import show_result
from hpt.foundation.errors import InputError

if TYPE_CHECKING:
    from hpt.runs.finding import Run

COMPARISON = "compare"
_TOP = 10
_OTHER_PICTURES = frozenset({".png", ".jpg", ".jpeg", ".gif", ".webp", ".pdf"})


@dataclass(frozen=True, slots=True)
class Leaderboard:
    """How much of a leaderboard is shown, and in which order."""

    top: Annotated[int | None, typer.Option(metavar="N", min=1, help="Rows of the leaderboard; 10, with --json all.")] = None
    sort: Annotated[
        str | None, typer.Option(metavar="METRIC", autocompletion=metrics, help="Order by this metric, best first.")
    ] = None


@dataclass(frozen=True, slots=True)
class Picture:
    """Which curves are drawn, and where the picture goes."""

    curves: Annotated[
        str | None,
        typer.Option(metavar="TRIALS", autocompletion=curves, help="Curves of these trials, as 0,3,7; or best-per-branch."),
    ] = None
    metric: Annotated[
        str | None, typer.Option(metavar="METRIC", autocompletion=metrics, help="What the curves show; the objective.")
    ] = None
    svg: Annotated[Path | None, typer.Option(metavar="FILE", help="Write the curves as an SVG picture.")] = None


def command(
    leaderboard: Leaderboard,
    picture: Picture,
    folder: Folder,
    output: Output,
    run: Annotated[str | None, typer.Argument(metavar="RUN", autocompletion=runs, help="A run, by name or path.")] = None,
    others: Annotated[
        list[str] | None,
        typer.Argument(
            metavar="TRIAL|RUN...", autocompletion=runs, help="A trial of it, by number; or more runs, side by side."
        ),
    ] = None,
) -> None:
    """List the runs; show the leaderboard of one, a trial in full, curves of several trials, or several runs side by side."""
    from hpt.cli.show_curves import show_curves, show_side_by_side

    if run is None:
        _show_runs(folder, output)
        return
    beside = others or []
    trial = int(beside[0]) if beside and _is_number(beside[0]) else None
    _check(picture, beside, trial)
    if trial is not None:
        _show_trial(run, trial, folder, output)
    elif beside:
        show_side_by_side([run, *beside], picture.metric, picture.svg, folder, output)
    elif picture.curves is not None:
        show_curves(run, picture.curves, picture.metric, picture.svg, folder, output)
    else:
        _show_run(run, folder, leaderboard, output)


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _check(picture: Picture, beside: Sequence[str], trial: int | None) -> None:
    """Raises InputError where arguments and options do not go together."""
    if trial is not None and len(beside) > 1:
        raise InputError(f"{beside[1]}: expected one trial of one run. Several trials are --curves {beside[0]},{beside[1]}.")
    if picture.curves is not None and beside:
        raise InputError(
            "--curves: expected one run and no trial beside it. Runs side by side show the curves of their winners."
        )
    if picture.svg is not None and picture.svg.suffix.lower() in _OTHER_PICTURES:
        made = picture.svg.with_suffix(".svg")
        raise InputError(
            f"--svg: {picture.svg}: expected a file of SVG, found {picture.svg.suffix}. Write {made}, which a browser shows."
        )
    drawn = picture.curves is not None or (bool(beside) and trial is None)
    for name, value in (("--metric", picture.metric), ("--svg", picture.svg)):
        if value is not None and not drawn:
            raise InputError(f"{name}: expected curves to draw. Add --curves best-per-branch, or --curves 0,3,7.")


def _show_run(run: str, folder: Folder, leaderboard: Leaderboard, output: Output) -> None:
    from hpt.analysis import showing
    from hpt.runs.finding import find

    found = showing.as_it_stands(find(folder.runs, run))
    if found.metadata.kind == COMPARISON and leaderboard.sort is None:
        _show_comparison(found, output)
    else:
        _show_leaderboard(run, folder, leaderboard, output)


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
    from hpt.cli.show_curves import lines
    from hpt.documents.study import tune_document
    from hpt.study.findings import Findings
    from hpt.terminal.stderr import tell
    from hpt.view.study import run_page

    shown = showing.load(folder.runs, run, leaderboard.sort, lines(run, folder))
    findings = Findings.of(shown.run.metadata)
    if not output.quiet:
        for said in showing.damage(shown.run):
            tell(f"warning: {said}")
    metadata, board, metrics = shown.run.metadata, shown.board, [shown.order.objective.metric] if shown.order else []
    document = tune_document(str(shown.run.folder), metadata.status, board, findings, metadata.seconds)
    rows = {row["trial"]: row for row in document["leaderboard"]}
    ordered = (shown.order or board).records[: leaderboard.top]
    document["leaderboard"] = [rows[record.trial] | {"rank": rank} for rank, record in enumerate(ordered, 1)]
    top, total = leaderboard.top or _TOP, metadata.trials
    page = run_page(shown.run.name, metadata.status, board, findings, top, metrics, total, shown.order)
    show_result(output, document, lambda: page)


def _show_trial(run: str, trial: int, folder: Folder, output: Output) -> None:
    from hpt.analysis import showing
    from hpt.cli.show_curves import lines
    from hpt.documents.study import trial_document
    from hpt.view.trial import trial_page

    shown = showing.load(folder.runs, run, None, lines(run, folder))
    record = showing.trial_of(shown, trial)
    document = trial_document(str(shown.run.folder), shown.board, record)
    show_result(output, document, lambda: trial_page(record, shown.board))
