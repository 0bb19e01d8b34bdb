"""The JSON document of ranges that got more room."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal, TypedDict

from hpt.analysis.widening import Widened
from hpt.configuration.space import plain


class WiderRange(TypedDict):
    """A range that got more room."""

    was: Annotated[dict[str, Any], "the range, as a user writes it"]
    now: Annotated[dict[str, Any], "the wider one"]
    end: Annotated[Literal["low", "high"], "where the best trials lie"]


class WidenDocument(TypedDict):
    """What `hpt widen` prints."""

    schema: Literal["hpt.widen/1"]
    file: Annotated[str | None, "the configuration that was written, null where no range needs more room"]
    widened: Annotated[Mapping[str, WiderRange], "by dotted path"]


def widened_document(made: Widened) -> WidenDocument:
    """What `hpt widen --json` prints."""
    return {
        "schema": "hpt.widen/1",
        "file": None if made.path is None else str(made.path),
        "widened": {
            edge.path: {"was": plain(edge.search), "now": plain(edge.wider), "end": edge.end} for edge in made.edges
        },
    }
