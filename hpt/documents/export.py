"""The JSON documents of what was exported: the trial itself, and what was written where."""

from __future__ import annotations

from typing import Annotated, Any, Literal, NotRequired, TypedDict

from hpt.documents.fields import Metrics, TrialSettings


class ExportDocument(TypedDict):
    """What `hpt export RUN --to json` writes: a trial for other programs."""

    schema: Literal["hpt.export/1"]
    run: Annotated[str, "the name of its run"]
    trial: Annotated[int, "its number"]
    objective: Annotated[str, "what it is judged by"]
    value: Annotated[float | None, "what it came to"]
    settings: Annotated[TrialSettings, "what it trained with, defaults included"]
    parameters: Annotated[dict[str, Any], "what was searched of that, by dotted path"]
    metrics: Annotated[Metrics, "every metric at the end"]


class ExportedDocument(TypedDict):
    """What `hpt export` prints of what it wrote."""

    schema: Literal["hpt.exported/1"]
    run: Annotated[str, "the folder of the run"]
    format: Annotated[str, "the format"]
    trial: NotRequired[Annotated[int, "the trial, where one was written into a file"]]
    file: NotRequired[Annotated[str, "the file, where one was written"]]
    text: NotRequired[Annotated[str, "what would stand in the file, where none was named"]]
    trials: NotRequired[Annotated[int, "how many trials were handed to a tool that keeps them"]]
    destination: NotRequired[Annotated[str, "where that tool keeps them"]]
