"""`hpt compare`."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli import STARTED
from hpt.cli.cluster import joined
from hpt.cli.completing import branch_lists, branches, suites
from hpt.cli.gate import Gate, Told, add_verdicts, enforce, judge, requirements_of
from hpt.cli.groups import Sets
from hpt.cli.options import ConfigFiles, Execution, Folder, Identity, Output, Overrides
from hpt.cli.output import complain, end, show_result
from hpt.cli.request import expect_workers, request_of, resume_command, run_of
from hpt.foundation.errors import InputError

if TYPE_CHECKING:
    from hpt.documents.comparison_fields import CompareDocument, TasksDocument
    from hpt.study.lifecycle import RunRequest


@dataclass(frozen=True, slots=True)
class Protocol:
    """What is compared, on what, how often, and which difference counts."""

    suite: Annotated[
        str | None, typer.Option(metavar="NAME", autocompletion=suites, help="Bundled tasks: small, five data sets.")
    ] = None
    optimizers: Annotated[
        str | None,
        typer.Option(metavar="A,B,...", autocompletion=branch_lists, help="Branches, or optimizers of the catalogue."),
    ] = None
    reference: Annotated[
        str | None,
        typer.Option(metavar="NAME", autocompletion=branches, help="Compare the others with this one only."),
        Sets("compare.reference"),
    ] = None
    trials: Annotated[
        int | None, typer.Option(metavar="N", help="Settings tried for each in a study."), Sets("compare.trials")
    ] = None
    studies: Annotated[
        int | None, typer.Option(metavar="N", help="Repetitions of the whole procedure."), Sets("compare.studies")
    ] = None
    margin: Annotated[
        float | None, typer.Option(metavar="X", help="The difference that counts as none."), Sets("compare.margin")
    ] = None


@dataclass(frozen=True, slots=True)
class Limits:
    """How long it may take."""

    timeout: Annotated[
        float | None, typer.Option(metavar="SECONDS", help="Start no study after this."), Sets("study.timeout")
    ] = None


def command(
    protocol: Protocol,
    overrides: Overrides,
    limits: Limits,
    execution: Execution,
    gate: Gate,
    identity: Identity,
    folder: Folder,
    output: Output,
    configs: ConfigFiles = None,
) -> None:
    """Rank the optimizers under `choose` at equal budgets: which is better here, and how sure is that."""
    start = expect_workers(execution, "hpt.compare.splits")
    from hpt.compare.suite import across, compare_all, scores_of_best, suite_requests
    from hpt.documents.comparison import compare_document
    from hpt.documents.tasks import tasks_document
    from hpt.study.clock import Clock
    from hpt.terminal.stderr import stderr_console
    from hpt.terminal.watchers import comparison_watcher
    from hpt.view.comparison import comparison_page
    from hpt.view.comparison_tasks import tasks_page

    _check(len(configs or ()), protocol.suite, identity.name)
    configs, folder, identity = _of_run(configs or [], folder, identity)
    requirements = requirements_of(gate)
    clock = Clock(STARTED)
    with joined(execution.cluster) as cluster:

        def request(path: Path) -> RunRequest:
            groups = (identity, protocol, limits)
            return request_of(path, overrides, folder, *groups, execution=execution, start=start, cluster=cluster)

        requests = [request(path) for path in configs]
        if protocol.suite is not None:
            requests = suite_requests(next(iter(requests), None), protocol.suite, request)
        chosen = [label.strip() for label in (protocol.optimizers or "").split(",") if label.strip()]
        finished = compare_all(requests, chosen, lambda: comparison_watcher(stderr_console(), output.quiet), clock)
    comparisons = [each.comparison for each in finished]
    again = resume_command()
    document: CompareDocument | TasksDocument
    if len(requests) == 1:
        document = compare_document(comparisons[0], finished[0].seconds)
        page = partial(comparison_page, comparisons[0], again)
    else:
        tasks = across(comparisons, comparisons[0].setup.protocol.seed)
        document, page = tasks_document(tasks, [each.seconds for each in finished]), partial(tasks_page, tasks, again)
    statuses = [comparison.status for comparison in comparisons]
    status = next((status for status in statuses if status != "completed"), "completed")
    runs = ", ".join(comparison.run for comparison in comparisons)
    told = Told("compare", runs, status, scores_of_best(comparisons), clock.elapsed, page)
    verdicts = judge(gate, requirements, told)
    add_verdicts(document, verdicts)
    show_result(output, document, page)
    for each in finished:
        if each.advice:
            complain(each.advice)
    end(*statuses)
    enforce(verdicts)


def _of_run(configs: list[Path], folder: Folder, identity: Identity) -> tuple[list[Path], Folder, Identity]:
    """Where the only one is a run, its configuration, its place and its name; else all as they are."""
    if len(configs) != 1:
        return configs, folder, identity
    config, folder, identity = run_of(configs[0], folder, identity)
    return [config], folder, identity


def _check(configs: int, suite: str | None, name: str | None) -> None:
    """Raises InputError for tasks that do not go together."""
    if not configs and suite is None:
        raise InputError("CONFIG: expected a file, found none. Name one, or a --suite.")
    if suite is not None and configs > 1:
        raise InputError("--suite: takes one CONFIG at most, whose data it replaces.")
    if name is not None and (configs > 1 or suite is not None):
        raise InputError("--name: one name for several tasks. Leave it out.")
