"""The JSON document of a search that was imported."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Annotated, Any, Literal, TypedDict

from hpt.importing.imported import Imported


class NotTaken(TypedDict):
    """What was not taken over."""

    name: Annotated[str, "what it is called there"]
    reason: Annotated[str, "why"]


class ImportDocument(TypedDict):
    """What `hpt import` prints."""

    schema: Literal["hpt.import/1"]
    source: Annotated[str, "the file that was read"]
    kind: Annotated[str, "what it holds, in words"]
    file: Annotated[str | None, "the configuration that was written, null without -o"]
    configuration: Annotated[Mapping[str, Any], "the configuration; without `data` where none was named"]
    text: Annotated[str, "the same as YAML, with comments"]
    not_taken: Annotated[list[NotTaken], "what was not taken over"]
    notices: Annotated[list[str], "what was decided for the user"]


def import_document(made: Imported, out: Path | None) -> ImportDocument:
    """What `hpt import --json` prints."""
    return {
        "schema": "hpt.import/1",
        "source": made.source,
        "kind": made.kind,
        "file": None if out is None else str(out),
        "configuration": made.configuration,
        "text": made.text,
        "not_taken": [{"name": each.name, "reason": each.reason} for each in made.refused],
        "notices": list(made.notices),
    }
