"""`hpt tune`."""

from __future__ import annotations

import shlex
import sys
from pathlib import Path

import typer

from hpt.cli import INTERRUPTED, STARTED
from hpt.cli.flags import (
    ConfigFile,
    Jobs,
    Json,
    Name,
    Overrides,
    Overwrite,
    Quiet,
    Resume,
    Runs,
    Seed,
    Target,
    Timeout,
    Trials,
    Version,
    expect_workers,
    request_of,
)
from hpt.cli.output import FAILED, complain, show_result
from hpt.foundation.signals import defer


def tune(
    config: ConfigFile,
    overrides: Overrides = None,
    trials: Trials = None,
    timeout: Timeout = None,
    jobs: Jobs = None,
    resume: Resume = False,
    overwrite: Overwrite = False,
    seed: Seed = None,
    name: Name = None,
    target: Target = None,
    runs: Runs = Path("runs"),
    as_json: Json = False,
    quiet: Quiet = False,
    version: Version = False,
) -> None:
    """Search the ranges of CONFIG; live leaderboard; run folder."""
    defer()
    expect_workers(jobs)
    from hpt.study import session
    from hpt.study.clock import Clock
    from hpt.study.document import tune_document
    from hpt.terminal.closing import closing
    from hpt.terminal.stderr import aside, tell
    from hpt.terminal.watch import watcher

    settings = {"study.trials": trials, "study.timeout": timeout}
    request = request_of(config, overrides, seed, name, target, runs, settings, jobs, resume, overwrite)
    clock = Clock(STARTED)
    finished = session.tune(request, watcher(aside(), quiet), clock)
    document = tune_document(str(finished.folder), finished.status, finished.leaderboard, finished.seconds)
    again = "hpt " + shlex.join([*(a for a in sys.argv[1:] if a not in ("--resume", "--overwrite")), "--resume"])
    show_result(
        as_json,
        document,
        lambda: closing(str(finished.folder), finished.status, finished.leaderboard, again, test=finished.test),
    )
    if finished.advice:
        complain(finished.advice)
    if finished.status in ("interrupted", "timeout") and as_json and not quiet:
        tell(f"Go on: {again}")
    if finished.status == "interrupted":
        raise typer.Exit(INTERRUPTED)
    if finished.status == "failed":
        raise typer.Exit(FAILED)
