"""The gate of a command in CI: what its result must reach, and where that is told."""

from __future__ import annotations

import os
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from hpt.cli.completing import metrics
from hpt.cli.output import complain
from hpt.foundation.errors import REQUIREMENT_MISSED, RunError

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from hpt.analysis.requirements import Verdict
    from hpt.documents.fields import Judged
    from hpt.training.bounds import Bound
    from hpt.view.page import Page

SUMMARY_VARIABLE = "GITHUB_STEP_SUMMARY"


@dataclass(frozen=True, slots=True)
class Gate:
    """What the result must reach."""

    require: Annotated[
        list[str] | None,
        typer.Option(
            metavar="METRIC>=X", autocompletion=metrics, help="Exit with 3 where the result misses this. Repeatable."
        ),
    ] = None
    junit: Annotated[Path | None, typer.Option(metavar="FILE", help="Write a JUnit file for CI.")] = None


def requirements_of(gate: Gate) -> tuple[Bound, ...]:
    """What `gate` asks for. Raises InputError, before anything runs, where it cannot be read."""
    from hpt.analysis.requirements import parsed

    return parsed(gate.require or ())


@dataclass(frozen=True, slots=True)
class Told:
    """A result as the gate tells of it. metrics: by prefixed name. page: shown in a step's summary."""

    command: str
    run: str
    status: str
    metrics: Mapping[str, float | None]
    seconds: float
    page: Callable[[], Page]


def judge(gate: Gate, requirements: tuple[Bound, ...], told: Told) -> tuple[Verdict, ...]:
    """The verdicts on a result, written where the gate says. Raises RunError where a file cannot be written."""
    from hpt.analysis.requirements import judged
    from hpt.view.requirements import junit

    verdicts = judged(requirements, told.metrics)
    if gate.junit is not None:
        _write(gate.junit, junit(told.command, told.run, told.status, verdicts, told.seconds), "w")
    if summary := os.environ.get(SUMMARY_VARIABLE):
        from hpt.view.markdown import markdown
        from hpt.view.page import Page
        from hpt.view.requirements import requirements_page

        page = Page([*told.page().sections, *requirements_page(verdicts).sections])
        _write(Path(summary), markdown(page, f"hpt {told.command}: {told.run}"), "a")
    return verdicts


def add_verdicts(document: Judged, verdicts: tuple[Verdict, ...]) -> None:
    """Adds the verdicts to `document`, where something was required."""
    from hpt.documents.requirements import requirements_list

    if verdicts:
        document["requirements"] = requirements_list(verdicts)


def enforce(verdicts: tuple[Verdict, ...]) -> None:
    """Says which requirements were missed; ends the command with their exit code where there are any."""
    missed = [verdict for verdict in verdicts if not verdict.met]
    for verdict in missed:
        complain(f"--require {verdict}.")
    if missed:
        raise typer.Exit(REQUIREMENT_MISSED)


def _write(path: Path, text: str, mode: str) -> None:
    try:
        with path.open(mode, encoding="utf-8") as file:
            file.write(text)
    except OSError as error:
        raise RunError(f"{path}: cannot be written: {error.strerror}.") from error
