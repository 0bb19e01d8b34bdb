"""`hpt replay`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import typer

from hpt.cli.completing import runs
from hpt.cli.options import Folder, Output
from hpt.cli.output import end, show_result


@dataclass(frozen=True, slots=True)
class Check:
    """What a difference means."""

    check: Annotated[bool, typer.Option("--check", help="Exit with 1 where a number is not the same.")] = False


def command(
    run: Annotated[str, typer.Argument(metavar="RUN", autocompletion=runs, help="A run, by name or path.")],
    check: Check,
    folder: Folder,
    output: Output,
    trial: Annotated[
        int | None, typer.Argument(metavar="TRIAL", help="A trial, by number; by default the winner of a study.")
    ] = None,
) -> None:
    """Train a recorded trial again and compare every number to the bit."""
    from hpt.analysis import replay as study
    from hpt.compare import replay as comparison
    from hpt.compare.run_kind import COMPARE_RUNS
    from hpt.documents.replay import replay_document
    from hpt.runs.finding import find
    from hpt.terminal.stderr import tell
    from hpt.view.replay import replay_page

    found = find(folder.runs, run)
    replayed = (comparison if found.metadata.kind == COMPARE_RUNS.name else study).replay(found, trial)
    if output.as_json and not output.quiet:
        for notice in replayed.notices:
            tell(f"note: {notice}")
    show_result(output, replay_document(replayed), lambda: replay_page(replayed))
    if check.check and replayed.differs is not None:
        end("failed")
