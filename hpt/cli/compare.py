"""`hpt compare`."""

from __future__ import annotations

import shlex
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli import INTERRUPTED, STARTED
from hpt.cli.flags import (
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
    Version,
    expect_workers,
    request_of,
)
from hpt.cli.output import FAILED, complain, show_result
from hpt.foundation.signals import defer

if TYPE_CHECKING:
    from hpt.compare.session import Finished
    from hpt.study.session import Request


def compare(
    configs: Annotated[
        list[Path] | None, typer.Argument(metavar="CONFIG...", help="A YAML or data file for each task.")
    ] = None,
    suite: Annotated[str | None, typer.Option(metavar="NAME", help="Bundled tasks: small, five data sets.")] = None,
    optimizers: Annotated[
        str | None, typer.Option(metavar="A,B,...", help="Branches, or optimizers of the catalogue.")
    ] = None,
    reference: Annotated[str | None, typer.Option(metavar="NAME", help="Compare the others with this one only.")] = None,
    trials: Annotated[int | None, typer.Option(metavar="N", help="Settings tried for each in a study.")] = None,
    studies: Annotated[int | None, typer.Option(metavar="N", help="Repetitions of the whole procedure.")] = None,
    margin: Annotated[float | None, typer.Option(metavar="X", help="The difference that counts as none.")] = None,
    overrides: Overrides = None,
    timeout: Annotated[float | None, typer.Option(metavar="SECONDS", help="Start no study after this.")] = None,
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
    """Rank the optimizers under `choose` at equal budgets: which is better here, and how sure is that."""
    defer()
    expect_workers(jobs, "hpt.compare.splits")
    from hpt.compare.document import compare_document
    from hpt.compare.suite import across, compare_all, suite_requests, tasks_document
    from hpt.study.clock import Clock
    from hpt.terminal.comparison import comparison_view
    from hpt.terminal.comparison_board import comparison_watcher
    from hpt.terminal.comparison_tasks import tasks_view
    from hpt.terminal.stderr import aside

    settings = {
        "compare.trials": trials,
        "compare.studies": studies,
        "compare.margin": margin,
        "compare.reference": reference,
        "study.timeout": timeout,
    }
    paths = configs or []
    _check(len(paths), suite, name)
    clock = Clock(STARTED)

    def request(path: Path) -> Request:
        return request_of(path, overrides, seed, name, target, runs, settings, jobs, resume, overwrite)

    requests = [request(path) for path in paths]
    if suite is not None:
        requests = suite_requests(next(iter(requests), None), suite, request)
    chosen = [label.strip() for label in (optimizers or "").split(",") if label.strip()]
    finished = compare_all(requests, chosen, lambda: comparison_watcher(aside(), quiet), clock)
    comparisons = [each.comparison for each in finished]
    again = "hpt " + shlex.join([*(a for a in sys.argv[1:] if a not in ("--resume", "--overwrite")), "--resume"])
    if len(requests) == 1:
        document = compare_document(comparisons[0], finished[0].seconds)
        show_result(as_json, document, lambda: comparison_view(comparisons[0], again))
    else:
        tasks = across(comparisons, comparisons[0].terms.protocol.seed)
        show_result(as_json, tasks_document(tasks, [each.seconds for each in finished]), lambda: tasks_view(tasks, again))
    _end(finished)


def _check(configs: int, suite: str | None, name: str | None) -> None:
    """Raises InputError for tasks that do not go together."""
    from hpt.foundation.errors import InputError

    if not configs and suite is None:
        raise InputError("CONFIG: expected a file, found none. Name one, or a --suite.")
    if suite is not None and configs > 1:
        raise InputError("--suite: takes one CONFIG at most, whose data it replaces.")
    if name is not None and (configs > 1 or suite is not None):
        raise InputError("--name: one name for several tasks. Leave it out.")


def _end(finished: Sequence[Finished]) -> None:
    """Says what went wrong; ends with the exit code for it."""
    for each in finished:
        if each.advice:
            complain(each.advice)
    statuses = {each.comparison.status for each in finished}
    if "interrupted" in statuses:
        raise typer.Exit(INTERRUPTED)
    if "failed" in statuses:
        raise typer.Exit(FAILED)
