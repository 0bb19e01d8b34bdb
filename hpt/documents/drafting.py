"""The JSON document of a first configuration."""

from __future__ import annotations

from typing import Annotated, Any, Literal, TypedDict

from hpt.analysis.drafting import Draft
from hpt.documents.fields import Columns


class InitDocument(TypedDict):
    """What `hpt init` prints of the configuration that it wrote."""

    schema: Literal["hpt.init/1"]
    file: Annotated[str, "the configuration"]
    target: Annotated[str, "the column to predict"]
    task: Annotated[str, "classification or regression"]
    columns: Columns
    warnings: Annotated[list[str], "what may be wrong with the data"]
    notices: Annotated[list[str], "what was decided for the user"]


def draft_document(draft: Draft) -> InitDocument:
    """What `hpt init --json` prints."""
    columns: list[dict[str, Any]] = [dict(column.document()) for column in draft.dataset.columns]
    return {
        "schema": "hpt.init/1",
        "file": str(draft.path),
        "target": draft.target,
        "task": draft.dataset.task,
        "columns": columns,
        "warnings": list(draft.dataset.warnings),
        "notices": list(draft.dataset.notices),
    }
