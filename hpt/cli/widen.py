"""`hpt widen`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.completing import runs
from hpt.cli.options import Execution, Folder, Identity, Output, Overrides
from hpt.cli.output import show_result


@dataclass(frozen=True, slots=True)
class Wider:
    """Where the wider configuration goes, and whether it is searched at once."""

    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write it; NAME-wide.yaml by default.")
    ] = None
    apply: Annotated[bool, typer.Option("--apply", help="Search the wider ranges now, in a run of their own.")] = False


def command(
    run: Annotated[str, typer.Argument(metavar="RUN", autocompletion=runs, help="A run of hpt tune, by name or path.")],
    wider: Wider,
    execution: Execution,
    folder: Folder,
    output: Output,
) -> None:
    """Write the study again with more room where its best trials lie at the end of a range."""
    from hpt.analysis.showing import as_it_stands
    from hpt.analysis.widening import widen
    from hpt.cli import tune
    from hpt.cli.gate import Gate
    from hpt.documents.widening import widened_document
    from hpt.runs.finding import find
    from hpt.terminal.stderr import tell
    from hpt.view.widening import widened_page

    made = widen(as_it_stands(find(folder.runs, run)), wider.out)
    if made.path is None or not wider.apply:
        show_result(output, widened_document(made), lambda: widened_page(made))
        return
    if not output.quiet:
        tell(f"note: wider ranges in {made.path}")
    tune.command(made.path, Overrides(), tune.Limits(), tune.Ending(), execution, Gate(), Identity(), folder, output)
