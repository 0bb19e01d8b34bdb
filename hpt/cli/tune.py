"""`hpt tune`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from hpt.cli import STARTED
from hpt.cli.groups import Sets
from hpt.cli.options import ConfigFile, Execution, Folder, Identity, Output, Overrides
from hpt.cli.output import complain, end, show_result
from hpt.cli.request import expect_workers, request_of, resume_command
from hpt.foundation.interrupts import defer


@dataclass(frozen=True, slots=True)
class Limits:
    """How far the search goes."""

    trials: Annotated[int | None, typer.Option(metavar="N", help="Trials in all."), Sets("study.trials")] = None
    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Start no generation after this."), Sets("study.timeout")
    ] = None


def command(
    config: ConfigFile,
    overrides: Overrides,
    limits: Limits,
    execution: Execution,
    identity: Identity,
    folder: Folder,
    output: Output,
) -> None:
    """Search the ranges of CONFIG; live leaderboard; run folder."""
    defer()
    start = expect_workers(execution.jobs)
    from hpt.study import session
    from hpt.study.clock import Clock
    from hpt.terminal.stderr import stderr_console, tell
    from hpt.terminal.watchers import study_watcher
    from hpt.view.study import study_page
    from hpt.view.study_document import tune_document

    request = request_of(config, overrides, folder, identity, limits, execution=execution, start=start)
    finished = session.tune(request, study_watcher(stderr_console(), output.quiet), Clock(STARTED))
    path, status, board = str(finished.folder), finished.status, finished.leaderboard
    again = resume_command()
    document = tune_document(path, status, board, finished.seconds)
    show_result(output, document, lambda: study_page(path, status, board, again, test=finished.test))
    if finished.advice:
        complain(finished.advice)
    if status in ("interrupted", "timeout") and output.as_json and not output.quiet:
        tell(f"Go on: {again}")
    end(status)
