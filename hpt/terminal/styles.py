"""How each emphasis looks in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from hpt.view.page import Emphasis

STYLES: Mapping[Emphasis, str] = {
    "": "",
    "strong": "bold",
    "muted": "dim",
    "warning": "yellow",
    "error": "red",
    "formula": "cyan",
}
