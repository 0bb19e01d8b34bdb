"""What `hpt report` says of the page that it wrote."""

from __future__ import annotations

from typing import Annotated, Literal, TypedDict

from hpt.view.page import Command, Page


class ReportDocument(TypedDict):
    """What `hpt report` prints of the page that it wrote."""

    schema: Literal["hpt.report/1"]
    run: Annotated[str, "the folder of the run"]
    file: Annotated[str, "the page"]
    bytes: Annotated[int, "its size"]


def report_page(path: str, size: int) -> Page:
    """Where it lies."""
    return Page([[Command(f"{path} ({size / 1e6:.2f} MB): one file, needs no network.")]])


def report_document(run: str, path: str, size: int) -> ReportDocument:
    """What `hpt report --json` prints."""
    return {"schema": "hpt.report/1", "run": run, "file": path, "bytes": size}
