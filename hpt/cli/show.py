"""`hpt show`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.flags import Json, Quiet, Runs, Version
from hpt.cli.output import show_result

COMPARISON = "compare"


def show(
    run: Annotated[str | None, typer.Argument(metavar="RUN", help="A run, by name or path.")] = None,
    trial: Annotated[int | None, typer.Argument(metavar="TRIAL", help="A trial, by number.")] = None,
    top: Annotated[int, typer.Option(metavar="N", min=1, help="Rows of the leaderboard.")] = 10,
    sort: Annotated[str | None, typer.Option(metavar="METRIC", help="Order by this metric, best first.")] = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
    version: Version = False,
) -> None:
    """List the runs, show the leaderboard of one, or one trial in full."""
    from hpt.compare.document import compare_document
    from hpt.compare.showing import load
    from hpt.runs.finding import find
    from hpt.study import showing
    from hpt.study.document import runs_document, trial_document, tune_document
    from hpt.terminal.closing import run_rows, run_view
    from hpt.terminal.comparison import comparison_view
    from hpt.terminal.stderr import tell
    from hpt.terminal.tables import runs_table
    from hpt.terminal.trial import trial_view

    if run is None:
        found, refused = showing.listing(runs)
        for reason in () if quiet else refused:
            tell(f"warning: {reason}")
        show_result(as_json, runs_document(found), lambda: runs_table(run_rows([entry.facts for entry in found])))
        return
    found_run = showing.as_it_stands(find(runs, run))
    if found_run.facts["kind"] == COMPARISON and trial is None and sort is None:
        comparison = load(found_run).comparison
        show_result(
            as_json, compare_document(comparison, found_run.facts.get("seconds")), lambda: comparison_view(comparison)
        )
        return
    shown = showing.load(runs, run, sort)
    folder = str(shown.run.folder)
    if trial is None:
        document = tune_document(folder, shown.facts["status"], shown.board, shown.facts.get("seconds"))
        view = run_view(shown.run.name, document["status"], shown.board, top, [sort] if sort else [], shown.facts["trials"])
        show_result(as_json, document, lambda: view)
    else:
        record = showing.trial_of(shown, trial)
        show_result(as_json, trial_document(folder, shown.board, record), lambda: trial_view(record, shown.board))
