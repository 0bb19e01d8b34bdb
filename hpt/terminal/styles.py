"""How each emphasis looks in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from hpt.view.page import Emphasis

# Colours that are read on a light ground and on a dark one.
STYLES: Mapping[Emphasis, str] = {
    "": "",
    "strong": "bold",
    "muted": "dim",
    "warning": "dark_orange3",
    "error": "red",
    "formula": "turquoise4",
}
