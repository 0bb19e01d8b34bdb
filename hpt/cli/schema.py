"""`hpt schema`."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Annotated

import typer

from hpt.cli.completing import documents
from hpt.cli.options import Output


@dataclass(frozen=True, slots=True)
class Wanted:
    """What is described."""

    of: Annotated[
        str,
        typer.Option(
            metavar="NAME",
            autocompletion=documents,
            help="A command whose --json document is described, such as tune, or one of its documents.",
        ),
    ] = "configuration"


def command(wanted: Wanted, output: Output) -> None:
    """Print the JSON Schema of a configuration, for editors; or of what a command prints with --json."""
    from hpt.schemas.documents import schema

    typer.echo(json.dumps(schema(wanted.of), indent=2, ensure_ascii=False))
