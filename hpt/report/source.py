"""The style and the script that lie beside these modules."""

from __future__ import annotations

from importlib.resources import files


def source(name: str) -> str:
    """The text of the file `name`."""
    return files("hpt.report").joinpath(name).read_text(encoding="utf-8")
