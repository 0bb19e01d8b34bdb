"""`hpt list`."""

from __future__ import annotations

from typing import Annotated

import typer

from hpt.cli.completing import entries, kinds
from hpt.cli.options import Output
from hpt.cli.output import show_result


def command(
    output: Output,
    kind: Annotated[
        str | None, typer.Argument(metavar="KIND", autocompletion=kinds, help="optimizers, schedules, losses, …")
    ] = None,
    name: Annotated[str | None, typer.Argument(metavar="NAME", autocompletion=entries, help="One entry, in full.")] = None,
) -> None:
    """Show the catalogue: hyperparameters, defaults, default ranges, formulas, references."""
    from hpt.configuration.catalogue import kinds, named
    from hpt.documents.catalogue import list_document
    from hpt.view.catalogue import catalogue_page

    tables = kinds(kind) if name is None else named(kind, name)
    show_result(output, list_document(tables), lambda: catalogue_page(tables, full=kind is not None))
