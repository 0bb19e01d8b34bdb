"""`hpt init`."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from hpt.cli.options import Output, local_path
from hpt.cli.output import show_result


@dataclass(frozen=True, slots=True)
class Start:
    """What is predicted, and where the configuration goes."""

    target: Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict; the last by default.")] = None
    out: Annotated[
        Path | None, typer.Option("-o", "--output", metavar="FILE", help="Where to write it; beside the data by default.")
    ] = None


def command(
    data: Annotated[Path, typer.Argument(metavar="FILE", help="A data file.", parser=local_path)],
    start: Start,
    output: Output,
) -> None:
    """Write a first configuration for a data file, and say how its columns were read."""
    from hpt.analysis.drafting import draft
    from hpt.documents.drafting import draft_document
    from hpt.view.drafting import draft_page

    made = draft(data, start.target, start.out)
    show_result(output, draft_document(made), lambda: draft_page(made))
