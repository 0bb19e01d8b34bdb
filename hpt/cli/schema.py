"""`hpt schema`."""

from __future__ import annotations

import json

import typer

from hpt.cli.options import Output


def command(output: Output) -> None:
    """Print the JSON Schema of a configuration, for editors."""
    from hpt.schemas.configuration import configuration_schema

    typer.echo(json.dumps(configuration_schema(), indent=2, ensure_ascii=False))
