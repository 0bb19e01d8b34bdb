"""How each emphasis looks in the terminal."""

from __future__ import annotations

from collections.abc import Mapping

from hpt.view.page import Emphasis

# Colours that are read on a light ground and on a dark one, also as the nearest of a terminal's sixteen: none that is near its yellow
# or white.
STYLES: Mapping[Emphasis, str] = {
    "": "",
    "strong": "bold",
    "muted": "dim",
    "warning": "magenta3",
    "error": "red",
    "formula": "turquoise4",
}
