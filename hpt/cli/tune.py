"""`hpt tune`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli import STARTED
from hpt.cli.cluster import joined
from hpt.cli.gate import Gate, Told, add_verdicts, enforce, judge, requirements_of
from hpt.cli.groups import Sets
from hpt.cli.options import ConfigFile, Execution, Folder, Identity, Output, Overrides
from hpt.cli.output import complain, end, show_result
from hpt.cli.request import expect_workers, request_of, resume_command, run_of

if TYPE_CHECKING:
    from hpt.view.page import Page


_AT_END = ("hpt.documents.study", "hpt.view.study", "hpt.terminal.page")


@dataclass(frozen=True, slots=True)
class Ending:
    """What happens after the last trial."""

    test: Annotated[bool, typer.Option("--test", help="Open the test rows at the end, for the winner.")] = False


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
    ending: Ending,
    execution: Execution,
    gate: Gate,
    identity: Identity,
    folder: Folder,
    output: Output,
) -> None:
    """Search the ranges of CONFIG; live leaderboard; run folder."""
    start = expect_workers(execution, "hpt.evaluate.baselines")
    from hpt.study import session
    from hpt.study.clock import Clock
    from hpt.terminal.stderr import stderr_console, tell
    from hpt.terminal.watchers import study_watcher

    requirements = requirements_of(gate)
    config, folder, identity = run_of(config, folder, identity)
    with joined(execution.cluster) as cluster:
        request = request_of(
            *(config, overrides, folder, identity, limits), execution=execution, start=start, cluster=cluster, at_end=_AT_END
        )
        finished = session.tune(request, study_watcher(stderr_console(), output.quiet), Clock(STARTED), test=ending.test)
    from hpt.documents.study import tune_document
    from hpt.view.study import study_page

    path, status, board = str(finished.folder), finished.status, finished.leaderboard
    again = resume_command()
    tested = {name: value for name, value in (finished.findings.test or {}).items() if name.startswith("test_")}
    metrics = {**board.best.metrics, **tested} if board.best is not None else {}

    def page() -> Page:
        return study_page(path, status, board, finished.findings, again, test=finished.test)

    verdicts = judge(gate, requirements, Told("tune", path, status, metrics, finished.seconds["total"], page))
    document = tune_document(path, status, board, finished.findings, finished.seconds)
    add_verdicts(document, verdicts)
    show_result(output, document, page)
    if finished.advice:
        complain(finished.advice)
    if status in ("interrupted", "timeout") and output.as_json and not output.quiet:
        tell(f"Go on: {again}")
    end(status)
    enforce(verdicts)
