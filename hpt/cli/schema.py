"""`hpt schema`."""

from __future__ import annotations

import json

import typer


def schema() -> None:
    """Print the JSON Schema of a configuration, for editors."""
    from hpt.study.configuration.schema import schema as schema_of_a_configuration

    typer.echo(json.dumps(schema_of_a_configuration(), indent=2, ensure_ascii=False))
