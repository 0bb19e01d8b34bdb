"""`hpt schema`."""

from __future__ import annotations

import json

import typer

from hpt.cli.flags import Json, Quiet, Version


def schema(as_json: Json = False, quiet: Quiet = False, version: Version = False) -> None:
    """Print the JSON Schema of a configuration, for editors."""
    from hpt.configuration.schema import schema as schema_of_a_configuration

    typer.echo(json.dumps(schema_of_a_configuration(), indent=2, ensure_ascii=False))
