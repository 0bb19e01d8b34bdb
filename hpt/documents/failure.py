"""The JSON document of a command that failed before it had a result."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict


class ErrorDocument(TypedDict):
    """What a command prints that failed while it ran, before there was anything to tell of; it ends with 1."""

    schema: Literal["hpt.error/1"]
    status: Literal["failed"]
    error: Annotated[str, "why, as on stderr"]
