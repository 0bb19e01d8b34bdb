"""What `hpt report` says of the page that it wrote."""

from __future__ import annotations

from typing import Any

from hpt.view.page import Command, Page

REPORT_SCHEMA = "hpt.report/1"


def report_page(path: str, size: int) -> Page:
    """Where it lies."""
    return Page([[Command(f"{path} ({size / 1e6:.2f} MB): one file, needs no network.")]])


def report_document(run: str, path: str, size: int) -> dict[str, Any]:
    """What `hpt report --json` prints."""
    return {"schema": REPORT_SCHEMA, "run": run, "file": path, "bytes": size}
